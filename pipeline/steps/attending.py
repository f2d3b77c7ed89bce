"""Between the walks: remind, let out what was held, send."""

from __future__ import annotations

from datetime import timedelta

from pipeline.alert.reminders import REMINDER_WINDOW, write_reminders
from pipeline.steps.alerting import deliver_alerts
from pipeline.steps.walk import Counts, Walk
from pipeline.store import outbox, wishes


def attend_desk(walk: Walk) -> Counts:
    """Everything that a desk needs between two walks; raises DeliveryPostponed when messages still wait."""
    return {**remind_unseen(walk), **deliver_alerts(walk)}


def remind_unseen(walk: Walk) -> Counts:
    """Remind a second channel, once, of what nobody has acknowledged in the time that its route gives."""
    reminded = 0
    with walk.database.begin() as tx:
        for route in walk.settings.load_routes().routes:
            if not route.escalate_to:
                continue
            before = walk.now - timedelta(minutes=route.escalate_after_minutes)
            unseen = wishes.read_unseen(tx, route.name, before, REMINDER_WINDOW)
            for notice in write_reminders(route, unseen, walk.now):
                reminded += outbox.queue_notice(tx, notice, walk.now)
    return {"reminded": reminded} if reminded else {}
