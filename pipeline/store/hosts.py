"""How a host may be asked, for all workers and runs (`pipeline.fetch.book.HostBook`), in PostgreSQL.

A request takes two round trips: one takes the host, one gives it back. Workers on one host so take turns, and
what a dead worker held is free again after one lease. All times are those of the database's clock.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, DateTime, Float, case, delete, extract, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from pipeline.models import HostTurn, RobotsCopy
from pipeline.store.codec import clean_text
from pipeline.store.database import Database
from pipeline.store.tables import hosts, robots_files

_KEPT = timedelta(days=30)  # a host that was not asked for so long is forgotten
_LOOK_AGAIN_SECONDS = 0.25
# Said within the statement, because it is a transaction of its own: its commit does not wait for the disk. A crash of
# the server loses the pauses of its last second; a rest that a host asked for is waited for.
_COMMIT_LATER = func.set_config("synchronous_commit", "off", True)
_BUSY = "another worker is reading it"


class HostBook:
    """One worker's view of the book; may be called from several threads. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holder = uuid.uuid4().hex

    def take_host(self, authority: str, lease_seconds: float) -> HostTurn:
        """Take a host for one request; another is told how long to wait. A lost lease of one's own is taken again."""
        is_mine = or_(hosts.c.holder.is_(None), hosts.c.holder == self._holder, hosts.c.lease_until <= _clock())
        lease_until = _clock() + timedelta(seconds=lease_seconds)
        row = {"holder": self._holder, "lease_until": lease_until}
        free = {"next_at": _clock(), "rest_until": _clock(), "failures_in_a_row": 0, "last_reason": ""}
        taken = (
            insert(hosts)
            .values(authority=authority, **row, **free)
            .on_conflict_do_update(
                index_elements=["authority"],
                set_=row,
                where=is_mine & (hosts.c.next_at <= _clock()) & (hosts.c.rest_until <= _clock()),
            )
            .returning(hosts.c.failures_in_a_row, _COMMIT_LATER)
        )
        with self._database.connect() as connection:
            failures_in_a_row = connection.execute(taken).scalar_one_or_none()
            if failures_in_a_row is not None:
                return HostTurn(0.0, failures_in_a_row)
            return self._explain_wait(connection, authority)

    def give_back_host(
        self, authority: str, *, pause_seconds: float, rest_seconds: float, failures_in_a_row: int, reason: str
    ) -> None:
        """Let others have it after the pause and the rest; nothing, if the lease was lost to another worker."""
        with self._database.connect() as connection:
            connection.execute(
                update(hosts)
                .where(hosts.c.authority == authority, hosts.c.holder == self._holder)
                .returning(_COMMIT_LATER if rest_seconds == 0 else hosts.c.authority)
                .values(
                    holder=None,
                    lease_until=_clock(),
                    next_at=_clock() + timedelta(seconds=pause_seconds),
                    rest_until=_clock() + timedelta(seconds=rest_seconds),
                    failures_in_a_row=failures_in_a_row,
                    last_reason=clean_text(reason),
                )
            )

    def read_robots(self, origin: str) -> RobotsCopy | None:
        """The robots.txt of an origin as last read, however long ago."""
        age_seconds = _count_seconds(_clock() - robots_files.c.read_at)
        wanted = select(robots_files.c.status, robots_files.c.body, age_seconds).where(robots_files.c.origin == origin)
        with self._database.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        return RobotsCopy(*row) if row else None

    def save_robots(self, origin: str, status: int, body: str) -> None:
        """Keep a robots.txt that was read just now, in place of an earlier one."""
        row = {"status": status, "body": clean_text(body), "read_at": _clock()}
        saved = insert(robots_files).values(origin=origin, **row)
        with self._database.connect() as connection:
            connection.execute(saved.on_conflict_do_update(index_elements=["origin"], set_=row))

    def _explain_wait(self, connection: Connection, authority: str) -> HostTurn:
        is_busy = hosts.c.holder.is_not(None) & (hosts.c.holder != self._holder) & (hosts.c.lease_until > _clock())
        row = connection.execute(
            select(
                hosts.c.failures_in_a_row,
                hosts.c.last_reason,
                is_busy.label("is_busy"),
                _count_seconds(hosts.c.lease_until - _clock()).label("lease_seconds"),
                _count_seconds(func.greatest(hosts.c.next_at, hosts.c.rest_until) - _clock()).label("rest_seconds"),
            ).where(hosts.c.authority == authority)
        ).one()
        wait_seconds = max(row.rest_seconds, 0.001)
        if row.is_busy:
            # It is given back long before its lease ends, as a rule: look again in a while.
            return HostTurn(
                max(wait_seconds, min(row.lease_seconds, _LOOK_AGAIN_SECONDS)), row.failures_in_a_row, _BUSY
            )
        return HostTurn(wait_seconds, row.failures_in_a_row, row.last_reason)


@dataclass(frozen=True, slots=True)
class HostState:
    """A host that fails or asked for rest."""

    authority: str
    rest_until: datetime | None  # none: it is asked as usual
    failures_in_a_row: int
    last_reason: str


def list_unwell_hosts(tx: Connection) -> list[HostState]:
    """Hosts whose last answer was a failure: those that rest longest first, then by name."""
    resting = case((hosts.c.rest_until > _clock(), hosts.c.rest_until)).label("rest_until")
    rows = tx.execute(
        select(hosts.c.authority, resting, hosts.c.failures_in_a_row, hosts.c.last_reason)
        .where(hosts.c.failures_in_a_row > 0)
        .order_by(resting.desc().nulls_last(), hosts.c.authority)
    )
    return [HostState(*row) for row in rows]


def wake_host(tx: Connection, authority: str) -> bool:
    """End a host's rest and forget its failures; the pause between two requests stays. False: it is not known."""
    awake = update(hosts).where(hosts.c.authority == authority)
    return tx.execute(awake.values(rest_until=_clock(), failures_in_a_row=0, last_reason="")).rowcount > 0


def forget_hosts(tx: Connection) -> int:
    """Forget hosts and robots.txt files that nobody asked for in a month; returns how many went."""
    before = _clock() - _KEPT
    old_hosts = delete(hosts).where(hosts.c.next_at < before, hosts.c.rest_until < before, hosts.c.lease_until < before)
    old_files = delete(robots_files).where(robots_files.c.read_at < before)
    return tx.execute(old_hosts).rowcount + tx.execute(old_files).rowcount


def _clock() -> ColumnElement[object]:
    return func.clock_timestamp(type_=DateTime(timezone=True))


def _count_seconds(interval: ColumnElement[object]) -> ColumnElement[float]:
    return extract("epoch", interval).cast(Float)
