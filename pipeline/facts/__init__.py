"""What an article says, as plain facts: the one view that the three judging rooms share."""

from pipeline.facts.edits import has_new_headline, read_earlier
from pipeline.facts.read import read_report
from pipeline.facts.views import ArticleView, Quantity, SentenceView

__all__ = ["ArticleView", "Quantity", "SentenceView", "has_new_headline", "read_earlier", "read_report"]
