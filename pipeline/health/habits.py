"""What a source usually does, for a person."""

from __future__ import annotations

from pipeline.health.rhythm import describe_rhythm
from pipeline.health.volume import describe_output
from pipeline.models import Health, Volume


def describe_habits(health: Health) -> str:
    """ "about 24 a day", "every 7 days" for a rarer source, or "not known yet"; and a flood or drought of now."""
    usual = describe_output(health.output) or describe_rhythm(health.rhythm) or "not known yet"
    return usual if health.output.volume is Volume.USUAL else f"{usual}, {health.output.volume.value} now"
