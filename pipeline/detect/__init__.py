"""Story + what was already told -> the facts that are new."""

from pipeline.detect.edits import detect_edit
from pipeline.detect.told import Told, start_telling, tell_again, tell_article, tell_both
from pipeline.detect.verdict import DetectSettings, detect_development

__all__ = [
    "DetectSettings",
    "Told",
    "detect_development",
    "detect_edit",
    "start_telling",
    "tell_again",
    "tell_article",
    "tell_both",
]
