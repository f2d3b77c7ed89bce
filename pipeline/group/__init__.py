"""Article + open stories -> the story it belongs to."""

from pipeline.group.assign import GroupSettings, assign_story
from pipeline.group.state import (
    Corpus,
    StoryState,
    choose_index_terms,
    open_story,
    take_in_article,
    weigh_article,
)

__all__ = [
    "Corpus",
    "GroupSettings",
    "StoryState",
    "assign_story",
    "choose_index_terms",
    "open_story",
    "take_in_article",
    "weigh_article",
]
