"""Story + what was already told -> the facts that are new."""

from pipeline.detect.edits import detect_edit
from pipeline.detect.told import Told, start_telling, tell_again, tell_article, tell_both
from pipeline.detect.tuning import JudgedAlert, tune_threshold
from pipeline.detect.verdict import DetectSettings, Verdict, detect_development
from pipeline.detect.waiting import keep_waiting

__all__ = [
    "DetectSettings",
    "JudgedAlert",
    "Told",
    "Verdict",
    "detect_development",
    "detect_edit",
    "keep_waiting",
    "start_telling",
    "tell_again",
    "tell_article",
    "tell_both",
    "tune_threshold",
]
