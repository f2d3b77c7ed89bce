"""The thresholds of detection: those of the code, or as the verdicts of readers set them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pipeline.detect import DetectSettings, JudgedAlert, tune_threshold
from pipeline.models import Label, Tuning, Verdict
from pipeline.steps.walk import Walk
from pipeline.store.database import Transaction
from pipeline.store.feedback import JudgedDevelopment, read_judged
from pipeline.store.tunings import list_tunings, save_tuning


def read_detect_settings(walk: Walk) -> DetectSettings:
    """The settings of detection with the thresholds in use."""
    settings = walk.settings.detect
    with walk.database.begin() as tx:
        used = list_tunings(tx, most=1)
    return replace(settings, tell_at=used[0].tuning.tell_at, wait_at=used[0].tuning.wait_at) if used else settings


def tune_detection(walk: Walk, is_rehearsal: bool = False) -> Tuning:
    """Fit the thresholds to all verdicts so far; they take over when they judge unseen stories better.

    The same thresholds are not stored again. A rehearsal stores nothing.
    """
    with walk.database.begin() as tx:
        tuning = tune_threshold(list_judged_alerts(tx), walk.settings.detect)
        if tuning.is_better and not is_rehearsal and not _is_in_use(tx, tuning):
            save_tuning(tx, tuning, walk.now)
    return tuning


def reset_tuning(walk: Walk) -> Tuning:
    """Back to the thresholds of the code, as a version of their own."""
    settings = walk.settings.detect
    tuning = Tuning(settings.tell_at, settings.wait_at, 0.0, 1.0, 0, 0, 0, 0.0, 0.0, 0, 0, True, "reset by hand")
    with walk.database.begin() as tx:
        save_tuning(tx, tuning, walk.now)
    return tuning


def list_judged_alerts(tx: Transaction) -> list[JudgedAlert]:
    """Developments of which more readers say useful than repeat, or the other way round.

    First reports are left out, for no threshold decides about them; so are verdicts on topics and stories.
    """
    judged = [_read_verdict(each) for each in read_judged(tx)]
    return [each for each in judged if each]


def _read_verdict(judged: JudgedDevelopment) -> JudgedAlert | None:
    development = judged.development
    counts = Counter(given.verdict for given in judged.given)
    useful, repeats = counts[Verdict.USEFUL], counts[Verdict.REPEAT]
    if useful == repeats or not development.certainty or development.label not in (Label.DEVELOPMENT, Label.CORRECTION):
        return None
    return JudgedAlert(development.story_id, development.certainty, useful > repeats)


def _is_in_use(tx: Transaction, tuning: Tuning) -> bool:
    used = list_tunings(tx, most=1)
    return bool(used) and (used[0].tuning.tell_at, used[0].tuning.wait_at) == (tuning.tell_at, tuning.wait_at)
