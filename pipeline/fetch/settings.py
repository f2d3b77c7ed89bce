"""How the front door behaves; `pipeline.config` fills this from the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """One frozen set of limits for one call of the room."""

    user_agent: str  # honest, with a contact address: "Wirewatch/0.1 (+mailto:desk@example.org)"
    allow_loopback: bool = False  # 127.0.0.0/8 and ::1 may be reached: tests and the demo only
    host_delay_seconds: float = 5.0  # between two requests to one host
    max_bytes: int = 10_000_000  # of one answer, as transferred and again after decompression
    total_timeout_seconds: float = 30.0  # for one request with its body, however it drips
    max_redirects: int = 5
    max_entries_per_source: int = 1000  # a news sitemap may hold 1,000 by its specification
    max_links_per_page: int = 200
    concurrency: int = 64  # requests in flight over all hosts
    check_budget_seconds: float = 600.0  # for one call of check_sources; what is not answered then is postponed
    fetch_budget_seconds: float = 1500.0  # for one call of fetch_pages, the same

    @property
    def robot_name(self) -> str:
        """The product token that robots.txt groups are matched with (RFC 9309, section 2.2.1)."""
        return self.user_agent.partition("/")[0].strip()
