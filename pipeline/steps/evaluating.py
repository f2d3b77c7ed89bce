"""Measure the model in use and write the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.classify.examples import Example, parse_examples
from pipeline.classify.model import TopicModel
from pipeline.classify.upkeep.report import ReportHead, render_report
from pipeline.errors import SettingError
from pipeline.models import Figures
from pipeline.steps.training import measure_held_out, open_measurable_model, read_material
from pipeline.steps.versions import open_topic_model
from pipeline.steps.walk import Walk


def write_report(walk: Walk, out: Path, labelled: Path | None = None) -> Figures:
    """Measure on the held-out part, or on a file of labelled texts; raises SettingError for a file that is none.

    The model of the seeds is stood for on the held-out part by the reference, which has not seen it.
    """
    model, texts, on = _open_held_out(walk) if labelled is None else _open_file(walk, labelled)
    if not texts:
        raise SettingError(f"there is nothing to measure on: {on} holds no text")
    answers, figures = measure_held_out(walk, model, texts)
    head = ReportHead(version=model.version, measured_on=on, measured_at=walk.now)
    try:
        out.write_bytes(render_report(head, answers, figures).encode("utf-8", "replace"))
    except OSError as error:
        raise SettingError(f"cannot write the report {out}: {error.strerror}") from error
    return figures


def _open_held_out(walk: Walk) -> tuple[TopicModel, Sequence[Example], str]:
    material = read_material(walk)
    name, model = open_measurable_model(walk, material)
    labels = sum(one.is_label for one in material.split.held_out)
    return model, material.split.held_out, f"the held-out part, {labels} texts of it labelled by readers ({name} model)"


def _open_file(walk: Walk, path: Path) -> tuple[TopicModel, Sequence[Example], str]:
    model = open_topic_model(walk)
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"cannot read {path}: {error}") from error
    return model, parse_examples(content, model.topics.topic_ids, path.name), path.name
