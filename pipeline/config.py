"""Settings from the environment, and from each room's own part of them.

Every name below is read from WIREWATCH_<NAME>; `wirewatch settings` lists them with their values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from pipeline.alert.routes import RouteBook, explain_destination, make_default_routes, parse_routes
from pipeline.alert.settings import AlertSettings, normalise_name, spell_channel
from pipeline.classify.topics import parse_topics
from pipeline.clean.settings import CleanSettings
from pipeline.detect import DetectSettings
from pipeline.errors import SettingError
from pipeline.fetch.settings import FetchSettings
from pipeline.store.database import Database
from pipeline.store.embedded import open_embedded

_PROJECT = Path(__file__).resolve().parent.parent


class AlertEnvironment(BaseSettings):
    """What is needed to say something in Slack, whatever else may be wrong."""

    model_config = SettingsConfigDict(
        env_prefix="WIREWATCH_", env_nested_delimiter="__", frozen=True, env_ignore_empty=True
    )

    slack_token: SecretStr | None = Field(None, description="bot token (xoxb-...); none: messages go to the console")
    slack_channel: str = Field(
        "#wirewatch", min_length=1, description="channel of routes that name none: an id or a #name"
    )
    operations_channel: str = Field("", description="channel for failures; empty: that of the alerts")
    destinations: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="secret addresses of channels that routes call to:NAME, as JSON, or each in"
        " WIREWATCH_DESTINATIONS__NAME: mailtos://user:password@host?to=..., jsons://host/path, ...",
    )
    slack_base_url: str = Field("https://slack.com/api/", description="another Slack-like server, for tests")
    seconds_between_posts: float = Field(1.0, ge=0, le=60, description="pace that Slack asks for, per channel")
    freshness_hours: float = Field(72.0, gt=0, description="an article older than this is stored, never alerted")
    minimum_importance: float = Field(0.0, ge=0, le=1, description="asked for by routes that name none")

    @property
    def alert(self) -> AlertSettings:
        """The alert room's part."""
        return AlertSettings(
            channel=spell_channel(self.slack_channel),
            operations_channel=spell_channel(self.operations_channel or self.slack_channel),
            freshness_hours=self.freshness_hours,
            slack_token=self.slack_token.get_secret_value() if self.slack_token else None,
            slack_base_url=self.slack_base_url,
            seconds_between_posts=self.seconds_between_posts,
            destinations={normalise_name(name): url.get_secret_value() for name, url in self.destinations.items()},
        )


class Settings(AlertEnvironment):
    """What an operator may set. Secrets never show in a repr."""

    data_dir: Path = Field(_PROJECT / "data", description="folder of the embedded database and the trained models")
    seeds_dir: Path = Field(_PROJECT / "seeds", description="folder of topics.toml and the labelled examples")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL of the product, postgresql+psycopg://user:password@host/name; none: embedded"
    )
    routes_file: Path | None = Field(None, description="which alerts go where; none: routes.toml in the seeds folder")
    contact: str = Field("", description="address or web page that publishers can write to; named in the User-Agent")
    host_delay_seconds: float = Field(5.0, ge=0, le=3600, description="pause between two requests to one host")
    allow_loopback: bool = Field(False, description="let sources live on this machine: for tests and the demo only")
    languages: str = Field(
        "",
        pattern=r"^([a-z]{2}(,[a-z]{2})*)?$",
        description="languages of articles to keep, as in en,de (ISO 639-1); empty: all",
    )
    wait_hours: float = Field(
        6.0, ge=0, le=168, description="how long unsure news waits for a second publisher; 0: it is not told"
    )
    batch_size: int = Field(25, ge=1, le=1000, description="sources per mapped Airflow task")

    @property
    def fetch(self) -> FetchSettings:
        """The front door's part."""
        contact = self.contact or "no contact given"
        return FetchSettings(
            user_agent=f"Wirewatch/0.1 (news monitoring; {contact})",
            allow_loopback=self.allow_loopback,
            host_delay_seconds=self.host_delay_seconds,
        )

    @property
    def clean(self) -> CleanSettings:
        """The clean room's part."""
        return CleanSettings(languages=tuple(filter(None, self.languages.split(","))))

    @property
    def detect(self) -> DetectSettings:
        """The detect room's part."""
        return DetectSettings(wait_hours=self.wait_hours)

    def load_routes(self) -> RouteBook:
        """The routes of the alerts; raises RoutesError, and SettingError when the file that is set cannot be read."""
        alert = self.alert
        if wrong := explain_destination(alert.channel, alert.destinations):
            raise SettingError(f"WIREWATCH_SLACK_CHANNEL: {wrong}")
        path = self.routes_file or self.seeds_dir / "routes.toml"
        if self.routes_file is None and not path.exists():
            return make_default_routes(alert.channel, self.minimum_importance)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"the routes cannot be read: {path}: {type(error).__name__}") from None
        return parse_routes(
            text, alert.channel, self.minimum_importance, self.read_topics(), path.name, alert.destinations
        )

    def read_topics(self) -> set[str] | None:
        """The ids of the topics; None where there is no such file, which is no fault of the routes."""
        path = self.seeds_dir / "topics.toml"
        if not path.exists():
            return None
        return {topic.id for topic in parse_topics(path.read_text(encoding="utf-8")).topics}


def load_settings() -> Settings:
    """The settings of this process; raises SettingError that names the first one that makes no sense."""
    return _load(Settings)


def load_alert_settings() -> AlertSettings:
    """The alert room's part alone, for a message about the others; raises SettingError."""
    return _load(AlertEnvironment).alert


_AnySettings = TypeVar("_AnySettings", bound=BaseSettings)


def _load(kind: type[_AnySettings]) -> _AnySettings:
    try:
        return kind()
    except SettingsError as error:  # it names the field, never the value
        raise SettingError(f"WIREWATCH_*: {error}; write a JSON object") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise SettingError(f"WIREWATCH_{name}: {first['msg']}") from None


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The product's database: the one that is set, or the embedded one, started for as long as the block lasts.

    The embedded one belongs to whoever uses it, so its tables are brought up to date here; a server of
    the operator's is migrated by `wirewatch migrate` alone. Raises StoreUnavailable and StoreOutdated.
    """
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value())
        try:
            database.require_current()
            yield database
        finally:
            database.close()
        return
    with open_embedded(settings.data_dir / "postgres") as server:
        database = Database(server.url("wirewatch"))
        try:
            database.migrate()
            yield database
        finally:
            database.close()
