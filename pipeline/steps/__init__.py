"""The walk, one step per room: take what waits from the store, ask the room, save its record, count.

    plan_run > fetch_sources > clean_pages > classify_articles > dedupe_articles
             > group_articles > detect_developments > queue_alerts > deliver_alerts > finish_run

Every step may be repeated or resumed at any point: an item is answered once per room, and its record,
its outcome and its place in the walk are one transaction.
"""

from __future__ import annotations

from pipeline.steps.alerting import deliver_alerts, open_delivery, open_destination, queue_alerts, report_failure
from pipeline.steps.attending import attend_desk, collect_feedback, queue_summaries, remind_unseen
from pipeline.steps.fetching import fetch_sources
from pipeline.steps.judging import dedupe_articles, detect_developments, group_articles
from pipeline.steps.lost import report_lost_runs
from pipeline.steps.reading import classify_articles, clean_pages
from pipeline.steps.run import deal_batches, finish_run, plan_run, run_walk
from pipeline.steps.training import check_training, train_topics
from pipeline.steps.tuning import read_detect_settings, reset_tuning, tune_detection
from pipeline.steps.versions import open_topic_model
from pipeline.steps.walk import Counts, Progress, Walk, open_walk, show_nothing

__all__ = [
    "Counts",
    "Progress",
    "Walk",
    "attend_desk",
    "check_training",
    "classify_articles",
    "clean_pages",
    "collect_feedback",
    "deal_batches",
    "dedupe_articles",
    "deliver_alerts",
    "detect_developments",
    "fetch_sources",
    "finish_run",
    "group_articles",
    "open_delivery",
    "open_destination",
    "open_topic_model",
    "open_walk",
    "plan_run",
    "queue_alerts",
    "queue_summaries",
    "read_detect_settings",
    "remind_unseen",
    "report_failure",
    "report_lost_runs",
    "reset_tuning",
    "run_walk",
    "show_nothing",
    "train_topics",
    "tune_detection",
]
