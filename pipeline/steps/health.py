"""What the looks of a run say about the sources, and the day's digest of it."""

from __future__ import annotations

from collections import Counter

from pipeline.health import judge_looks, write_digest
from pipeline.models import Health, SourceChange, SourceId
from pipeline.steps.walk import Counts, Walk
from pipeline.store import health, outbox

SOURCES_AT_ONCE = 500  # in one transaction


def watch_sources(walk: Walk) -> Counts:
    """Judge every source by its new looks, then queue the digest of the day; a backfill does neither."""
    if walk.is_backfill:
        return {}
    counts: Counter[str] = Counter()
    with walk.database.begin() as tx:
        ids = health.list_ids(tx)
    for start in range(0, len(ids), SOURCES_AT_ONCE):
        counts += _judge_batch(walk, ids[start : start + SOURCES_AT_ONCE])
    counts["digests"] = int(queue_digest(walk))
    return dict(counts)


def queue_digest(walk: Walk) -> bool:
    """Tell operations what changed at the sources since the last digest: once a day at most, and not that nothing did.

    Whatever changes after the digest of a day was queued waits for that of the next.
    """
    with walk.database.begin() as tx:
        health.hold_judgement(tx)
        changes = health.read_untold(tx)
        names = health.read_names(tx, list({change.source_id for change in changes}))
        digest = write_digest(changes, names, walk.settings.alert.operations_channel, walk.now)
        if digest is None or not outbox.queue_notice(tx, digest, walk.now):
            return False
        health.mark_told(tx, digest.key)
        return True


def _judge_batch(walk: Walk, ids: list[SourceId]) -> Counter[str]:
    judged: dict[SourceId, Health] = {}
    changes: list[SourceChange] = []
    with walk.database.begin() as tx:
        health.hold_judgement(tx)
        for found in health.read_unjudged(tx, ids):
            judged[found.source_id], new = judge_looks(found.source_id, found.health, found.looks)
            changes += new
        health.save_health(tx, judged, changes)
    return Counter({"judged": len(judged), "changes": len(changes)})
