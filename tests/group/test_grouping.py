"""Which story an article belongs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.facts import ArticleView, read_report
from pipeline.group import (
    Corpus,
    GroupSettings,
    StoryState,
    assign_story,
    choose_index_terms,
    open_story,
    take_in_article,
    weigh_article,
)
from pipeline.group.state import MAX_INDEX_TERMS, MAX_STORY_TERMS
from pipeline.models import Assignment, ItemId, Report

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
CORPUS = Corpus(1000, {"polic": 400, "minister": 300, "@united": 200})
FIRE = (
    "A fire on the ferry Lady Maren killed 9 people off Port Arden on Monday, harbour master Ines Carrow said. "
    "The ship had 214 people aboard and was an hour from Selby."
)


def view(item: str, text: str, hours: float = 0, title: str = "") -> ArticleView:
    """An article as the rooms see it."""
    return read_report(Report(ItemId(item), START + timedelta(hours=hours), "s", "s", "u", title, text))


def open_with(article: ArticleView) -> StoryState:
    """The story an article opens."""
    weighed = weigh_article(article, CORPUS)
    return open_story(article, weighed, choose_index_terms(weighed, 32))


def assign(article: ArticleView, *stories: StoryState) -> Assignment:
    """The verdict with the default settings."""
    return assign_story(article, weigh_article(article, CORPUS), stories, CORPUS, GroupSettings())


def test_a_follow_up_in_other_words_joins() -> None:
    text = (
        "Harbour master Ines Carrow of Port Arden blamed a lorry for Monday's blaze on the Lady Maren, with 214 aboard."
    )
    found = assign(view("b", text, 30), open_with(view("a", FIRE)))
    assert (found.story_id, found.is_new) == ("s-a", False)
    assert "maren" in found.because


def test_a_look_alike_with_other_names_and_numbers_stays_apart() -> None:
    text = "A fire on the ferry Solvang killed 5 people off Norrby on Thursday. The ship had 163 people aboard."
    found = assign(view("b", text, 72), open_with(view("a", FIRE)))
    assert (found.story_id, found.is_new) == ("s-b", True)


def test_without_candidates_a_story_opens() -> None:
    assert assign(view("a", FIRE)).is_new


def test_the_likelier_of_two_stories_wins() -> None:
    other = open_with(
        view("o", "Police in Norrby searched the office of shipbuilder Tor Hagen on Monday, a prosecutor said.")
    )
    text = "The death toll of the fire on the ferry Lady Maren off Port Arden rose to 11, Ines Carrow said."
    assert assign(view("b", text, 20), other, open_with(view("a", FIRE))).story_id == "s-a"


def test_a_story_stays_bounded() -> None:
    story = open_with(view("a", FIRE))
    for number in range(60):
        text = " ".join(
            f"Name{chr(97 + number % 26)}{chr(97 + n % 26)}x{chr(97 + n // 26)} word{'qwertyuiop'[n % 10] * 3}"
            for n in range(40)
        )
        article = view(f"b{number}", "The " + text, number)
        weighed = weigh_article(article, CORPUS)
        story = take_in_article(story, article, weighed, choose_index_terms(weighed, 32))
    assert len(story.terms) <= MAX_STORY_TERMS
    assert len(story.index_terms) <= MAX_INDEX_TERMS
    assert story.size == 61


def test_a_late_article_moves_the_beginning_not_the_end() -> None:
    article = view("b", FIRE, -5)
    weighed = weigh_article(article, CORPUS)
    story = take_in_article(open_with(view("a", FIRE)), article, weighed, ())
    assert (story.opened_at, story.last_at) == (START - timedelta(hours=5), START)


def test_rare_terms_lead_the_index() -> None:
    weighed = weigh_article(view("a", FIRE + " Police and the minister said so. Police."), CORPUS)
    terms = choose_index_terms(weighed, 8)
    assert "@maren" in terms
    assert "polic" not in terms


def test_an_empty_archive_knows_which_words_are_common() -> None:
    empty = Corpus()
    assert empty.weigh_rarity("president") < empty.weigh_rarity("zeppelin")
    assert empty.weigh_rarity("@rusia") < empty.weigh_rarity("@zemland")


def test_common_words_alone_join_no_two_articles_in_an_empty_archive() -> None:
    first = view("a", "The president met the minister on Monday. The government said talks on the deal would go on.")
    second = view("b", "The minister told parliament on Tuesday that the government had no plan to change the law.", 20)
    weighed = weigh_article(first, Corpus())
    story = open_story(first, weighed, choose_index_terms(weighed, 32))
    corpus = Corpus(1, dict.fromkeys(first.terms, 1))
    assert assign_story(second, weigh_article(second, corpus), [story], corpus, GroupSettings()).is_new
