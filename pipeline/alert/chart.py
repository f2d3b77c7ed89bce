"""A small bar chart as a PNG picture, for a digest."""

from __future__ import annotations

import io
from collections.abc import Sequence

PICTURE_NAME = "articles-by-topic.png"
_COLOUR = "#1f3a5f"
_WIDTH_INCHES, _ROW_INCHES, _DOTS_PER_INCH = 6.4, 0.32, 120
_MAX_NAME_CHARACTERS = 40


def draw_bars(title: str, bars: Sequence[tuple[str, int]]) -> bytes:
    """A PNG of about 770 pixels' width, one row for each (name, number), the first on top; `bars` is not empty."""
    # Without pyplot and its global state: this runs in workers.
    from matplotlib.figure import Figure

    names = [name[:_MAX_NAME_CHARACTERS] for name, _ in bars]
    numbers = [number for _, number in bars]
    figure = Figure(figsize=(_WIDTH_INCHES, 0.7 + _ROW_INCHES * len(bars)), dpi=_DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    drawn = axes.barh(range(len(bars)), numbers, color=_COLOUR)
    axes.bar_label(drawn, padding=3)
    axes.set_yticks(range(len(bars)), names, parse_math=False)  # a dollar sign is no formula
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_xticks([])
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
