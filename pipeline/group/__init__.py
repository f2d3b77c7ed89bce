"""Article + open stories -> the story it belongs to, and the earlier articles that change theirs."""

from pipeline.group.assign import GroupSettings, explain_place, is_clear, list_near, rank_stories
from pipeline.group.change import Change, Neighbourhood, join_article, place_article
from pipeline.group.corpus import Corpus, WeighedArticle, choose_index_terms, weigh_article
from pipeline.group.regroup import RegroupSettings
from pipeline.group.sketch import Sketch, list_terms, sketch_article
from pipeline.group.state import StoryState

__all__ = [
    "Change",
    "Corpus",
    "GroupSettings",
    "Neighbourhood",
    "RegroupSettings",
    "Sketch",
    "StoryState",
    "WeighedArticle",
    "choose_index_terms",
    "explain_place",
    "is_clear",
    "join_article",
    "list_near",
    "list_terms",
    "place_article",
    "rank_stories",
    "sketch_article",
    "weigh_article",
]
