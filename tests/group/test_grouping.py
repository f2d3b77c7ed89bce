"""Which story an article belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.facts import ArticleView, read_report
from pipeline.group import (
    Change,
    Corpus,
    GroupSettings,
    Neighbourhood,
    Sketch,
    StoryState,
    choose_index_terms,
    explain_place,
    list_near,
    place_article,
    rank_stories,
    sketch_article,
    weigh_article,
)
from pipeline.group.change import name_clusters
from pipeline.group.sketch import LIKENESSES, compare_sketches
from pipeline.group.state import MAX_INDEX_TERMS, MAX_MEMBERS, MAX_STORY_TERMS, gather_story, take_in_article
from pipeline.models import Assignment, ItemId, Move, Report, StoryId, make_story_id

SETTINGS = GroupSettings()
START = datetime(2026, 5, 4, 9, tzinfo=UTC)
CORPUS = Corpus(1000, {"polic": 400, "minister": 300, "@united": 200})
FIRE = (
    "A fire on the ferry Lady Maren killed 9 people off Port Arden on Monday, harbour master Ines Carrow said. "
    "The ship had 214 people aboard and was an hour from Selby."
)


def view(item: str, text: str, hours: float = 0, title: str = "") -> ArticleView:
    """An article as the rooms see it."""
    return read_report(Report(ItemId(item), START + timedelta(hours=hours), "s", "s", "u", title, text))


def draw(article: ArticleView, corpus: Corpus = CORPUS) -> Sketch:
    """The sketch of an article."""
    weighed = weigh_article(article, corpus)
    return sketch_article(article, weighed, choose_index_terms(weighed, 32), corpus)


def gather(*members: Sketch) -> tuple[StoryState, list[Sketch]]:
    """The story of some articles, named after the first."""
    return gather_story(make_story_id(members[0].item_id), members[0].title, members, CORPUS), list(members)


def place(
    article: ArticleView, *stories: tuple[StoryState, list[Sketch]], corpus: Corpus = CORPUS
) -> tuple[Assignment, Change]:
    """The verdict with the default settings."""
    weighed = weigh_article(article, corpus)
    ranked = rank_stories(weighed, [story for story, _ in stories], corpus)
    close = [story for _, story in list_near(ranked, SETTINGS)]
    near = Neighbourhood(close, {story.id: members for story, members in stories if story in close})
    sketch = draw(article, corpus)
    change = place_article(sketch, near, corpus, lambda _: True, SETTINGS.regroup)
    return explain_place(weighed, ItemId(article.item_id), change.story_id, ranked, change.moves), change


def assign(article: ArticleView, *stories: tuple[StoryState, list[Sketch]]) -> Assignment:
    """The place of an article among stories."""
    return place(article, *stories)[0]


def open_with(article: ArticleView) -> tuple[StoryState, list[Sketch]]:
    """The story an article opens."""
    return gather(draw(article))


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
    story, _ = open_with(view("a", FIRE))
    for number in range(60):
        text = " ".join(
            f"Name{chr(97 + number % 26)}{chr(97 + n % 26)}x{chr(97 + n // 26)} word{'qwertyuiop'[n % 10] * 3}"
            for n in range(40)
        )
        story = take_in_article(story, draw(view(f"b{number}", "The " + text, number)), CORPUS)
    assert len(story.terms) <= MAX_STORY_TERMS
    assert len(story.index_terms) <= MAX_INDEX_TERMS
    assert len(story.members) <= MAX_MEMBERS
    assert story.size == 61


def test_a_late_article_moves_the_beginning_not_the_end() -> None:
    story = take_in_article(open_with(view("a", FIRE))[0], draw(view("b", FIRE, -5)), CORPUS)
    assert (story.opened_at, story.last_at) == (START - timedelta(hours=5), START)


def test_rare_terms_lead_the_index() -> None:
    weighed = weigh_article(view("a", FIRE + " Police and the minister said so. Police."), CORPUS)
    terms = choose_index_terms(weighed, 8)
    assert "@maren" in terms
    assert "polic" not in terms


def test_an_empty_archive_knows_which_words_are_common() -> None:
    president, zeppelin, russia, zemland = Corpus().weigh_rarities(["president", "zeppelin", "@rusia", "@zemland"])
    assert president < zeppelin
    assert russia < zemland


def test_common_words_alone_join_no_two_articles_in_an_empty_archive() -> None:
    first = view("a", "The president met the minister on Monday. The government said talks on the deal would go on.")
    second = view("b", "The minister told parliament on Tuesday that the government had no plan to change the law.", 20)
    corpus = Corpus(1, dict.fromkeys(first.terms, 1))
    assert place(second, gather(draw(first, Corpus())), corpus=corpus)[0].is_new


LEAD = "A fire on the ferry Lady Maren off Port Arden"
LADY_MAREN = [
    f"{LEAD} killed 9 people on Monday, harbour master Ines Carrow said. It had 214 people aboard.",
    f"{LEAD} with 214 aboard has killed 9. Ines Carrow, the harbour master, blamed a lorry on the car deck.",
    "Ines Carrow, harbour master of Port Arden, said 9 died and 205 were saved from the Lady Maren by two tugs.",
]
SOLVANG = [
    "A fire on the ferry Solvang off Norrby killed 5 people on Thursday, coroner Tor Hagen said. It had 163 aboard.",
    "Coroner Tor Hagen named the 5 dead of the Solvang, which burned off Norrby with 163 people aboard.",
    "The ferry Solvang, on fire off Norrby with 163 aboard, had no sprinklers, coroner Tor Hagen said of the 5 dead.",
]


def test_two_look_alikes_in_one_story_are_split() -> None:
    first = [draw(view(f"m{n}", text, n)) for n, text in enumerate(LADY_MAREN)]
    second = [draw(view(f"s{n}", text, n + 70)) for n, text in enumerate(SOLVANG[:2])]
    assignment, change = place(view("s2", SOLVANG[2], 73), gather(*first, *second))
    assert set(change.moves) == {Move(each.item_id, StoryId("s-m0"), StoryId("s-s0")) for each in second}
    assert (assignment.story_id, assignment.is_new) == ("s-s0", False)
    assert {story.id: story.members for story in change.stories} == {
        "s-m0": ("m0", "m1", "m2"), "s-s0": ("s0", "s1", "s2"),
    }  # fmt: skip


def test_two_stories_of_one_event_are_merged_into_the_larger() -> None:
    one, *others = [draw(view(f"m{n}", text, n)) for n, text in enumerate(LADY_MAREN)]
    assignment, change = place(view("m3", LADY_MAREN[0] + " Two tugs helped.", 9), gather(one), gather(*others))
    assert change.moves == (Move(ItemId("m0"), StoryId("s-m0"), StoryId("s-m1")),)
    assert assignment.story_id == "s-m1"
    assert {story.id: story.size for story in change.stories} == {"s-m0": 0, "s-m1": 4}


def test_a_story_of_which_not_all_is_known_only_grows() -> None:
    members = [draw(view(f"m{n}", text, n)) for n, text in enumerate([*LADY_MAREN, *SOLVANG])]
    story, _ = gather(*members)
    newcomer, near = draw(view("x", LADY_MAREN[0], 9)), Neighbourhood([story], {story.id: members[:5]})
    change = place_article(newcomer, near, CORPUS, lambda _: True, SETTINGS.regroup)
    assert (change.story_id, change.moves) == (story.id, ())
    assert [story.size for story in change.stories] == [7]


def test_what_all_neighbours_share_counts_less() -> None:
    pair = [draw(view("a", FIRE)), draw(view("b", SOLVANG[0]))]
    crowd = [draw(view(f"c{n}", "A fire on a ferry killed people on Monday. It had people aboard.")) for n in range(6)]
    words = LIKENESSES.index("words")
    alone, among = compare_sketches(pair, CORPUS, 5.0), compare_sketches([*pair, *crowd], CORPUS, 5.0)
    assert among[words, 1, 0] < alone[words, 1, 0]


def test_a_cluster_keeps_the_name_of_most_and_a_settled_story_keeps_its_own() -> None:
    clusters = [[ItemId(item) for item in part] for part in ("abc", "d", "ef")]
    were = {ItemId(item): StoryId(story) for item, story in zip("abcdef", "xyyyzz", strict=True)}
    order = [StoryId("x"), StoryId("y"), StoryId("z")]
    assert name_clusters(clusters, were, order, ()) == ["y", None, "z"]
    assert name_clusters(clusters, were, order, {StoryId("x")}) == ["x", "y", "z"]


def test_a_story_that_is_split_off_finds_a_name_that_is_free() -> None:
    members = [draw(view(f"{n}", text, n)) for n, text in enumerate([*LADY_MAREN, *SOLVANG])]
    near = Neighbourhood([gather(*members)[0]], {StoryId("s-0"): members})
    newcomer = draw(view("x", SOLVANG[0], 9))
    eager = replace(SETTINGS.regroup, hold=0.0)
    change = place_article(newcomer, near, CORPUS, lambda name: name.count("-") > 1, eager)
    assert sorted(story.id for story in change.stories if story.id.count("-") > 1)[0].endswith("-2")


def test_beside_a_story_that_is_beyond_doubt_only_near_ones_are_looked_at() -> None:
    first, second = open_with(view("a", FIRE))[0], open_with(view("b", SOLVANG[0]))[0]
    assert [score for score, _ in list_near([(0.999, first), (0.9, second)], SETTINGS)] == [0.999, 0.9]
    assert [score for score, _ in list_near([(0.9999, first), (0.2, second)], SETTINGS)] == [0.9999]
    assert [score for score, _ in list_near([(0.3, first), (0.2, second)], SETTINGS)] == [0.3, 0.2]
    assert list_near([(1.0, first), (0.05, second)], SETTINGS) == [(1.0, first)]
    assert list_near([], SETTINGS) == []
