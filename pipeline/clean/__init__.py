"""FetchedPage -> Article | Rejection: extraction, boilerplate, dates, metadata, language.

page -> layout (blocks and containers) -> body -> line rules -> verdict
"""

from pipeline.clean.encoding import decode_markup
from pipeline.clean.memory import SiteMemory, learn
from pipeline.clean.room import clean_page
from pipeline.clean.settings import DEFAULT_SETTINGS, CleanSettings

__all__ = ["DEFAULT_SETTINGS", "CleanSettings", "SiteMemory", "clean_page", "decode_markup", "learn"]
