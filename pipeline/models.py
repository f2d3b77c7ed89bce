"""The frozen records that pass between the rooms: one type per moment of an item's life.

Ids are strings made from content (`item_id`, `story_id`), so that the same input
twice makes the same rows. All times are aware and in UTC, except `published_at`
of an article, which keeps the offset its publisher wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType

SourceId = NewType("SourceId", str)
ItemId = NewType("ItemId", str)
StoryId = NewType("StoryId", str)
RunId = NewType("RunId", str)


def make_item_id(canonical_url: str) -> ItemId:
    """The id of the article behind a canonical URL: the first 64 bits of its SHA-256, in hex."""
    return ItemId(hashlib.sha256(canonical_url.encode("utf-8", "surrogatepass")).hexdigest()[:16])


def make_version_id(first_item: ItemId, version: int) -> ItemId:
    """The id of a later version of an article, from 2: named after its first, so that it is the same in every run."""
    return make_item_id(f"{first_item}#version={version}")


def make_story_id(first_item: ItemId) -> StoryId:
    """A story is named after the article that opened it."""
    return StoryId(f"s-{first_item}")


class Room(StrEnum):
    """The rooms in walking order."""

    FETCH = "fetch"
    CLEAN = "clean"
    CLASSIFY = "classify"
    DEDUPE = "dedupe"
    GROUP = "group"
    DETECT = "detect"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one item left one room: `passed` items go on to the next room, the others stop here."""

    item_id: ItemId
    room: Room
    outcome: str  # one word of that room, such as "article" or "near_duplicate"
    reason: str = ""  # why, for a person
    passed: bool = True


# ---------------------------------------------------------------- web > fetch


class SourceKind(StrEnum):
    """The six kinds of source."""

    RSS = "rss"
    ATOM = "atom"
    JSON_FEED = "json_feed"
    NEWS_SITEMAP = "news_sitemap"
    PAGE = "page"  # a home or section page with links only
    FOLDER = "folder"  # a folder of .html, .htm and .txt files


@dataclass(frozen=True, slots=True)
class Source:
    """One place that is watched. `publisher` counts as one voice, however many sources it has."""

    id: SourceId
    name: str
    publisher: str
    kind: SourceKind
    address: str  # http(s) URL, or the path of a folder


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last answer of a source gave us to ask 'has it changed?' (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None  # of the last content, for servers whose ETag lies
    content_read_at: datetime | None = None  # when content came last; a 304 brings none
    distrusted_until: datetime | None = None  # the server said 304 while the content was another


@dataclass(frozen=True, slots=True)
class HostTurn:
    """The answer to a worker who wants to ask a host something."""

    wait_seconds: float  # 0: the host is yours until you give it back
    failures_in_a_row: int = 0
    reason: str = ""  # why it is not yours


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """A robots.txt (RFC 9309) as it was read: status 200 with its text, or a 4xx, which allows everything."""

    status: int
    body: str
    age_seconds: float


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What the source itself says about an entry, before its page is read."""

    title: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    summary: str = ""  # as given: may hold HTML
    content: str = ""  # the full text, as HTML, where the feed carries it
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that a source points at, not read yet."""

    item_id: ItemId
    source_id: SourceId
    url: str  # to fetch it
    canonical_url: str  # to recognise it
    hints: FeedHints
    first_seen_at: datetime
    hints_key: str = ""  # the same for as long as the source says the same about it; empty: it says nothing
    validators: Validators = Validators()  # of the page as it was read last


@dataclass(frozen=True, slots=True)
class Reading:
    """One time that an article's page was asked for: at first, or after its source said that it had changed."""

    item_id: ItemId
    version: int  # from 1
    read_at: datetime  # or the time from which it may be read
    waiting_for: Room | None
    is_unchanged: bool = False  # the text was the same as before


@dataclass(frozen=True, slots=True)
class PageHistory:
    """How often an article's page was read."""

    readings: tuple[Reading, ...]  # in order
    published_at: datetime  # of the article; where it has none, when its source pointed at it first
    is_twin: bool = False  # another address of an article that came before


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What one look at one source gave. `outcome` is one word: ok, unchanged, empty, or a named failure."""

    source_id: SourceId
    checked_at: datetime
    outcome: str
    reason: str = ""
    entries: tuple[Entry, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)  # reason -> number of links or entries left out
    validators: Validators = Validators()
    took_seconds: float = 0.0  # from the request to the whole answer; its host's turn was awaited before


# ---------------------------------------------------------------- the health of a source


class HealthState(StrEnum):
    """What a source is to whoever keeps the watch running."""

    NEW = "new"  # too few looks to say
    HEALTHY = "healthy"
    UNCHANGED = "unchanged"  # healthy, and its last answers were "nothing has changed"
    SLOW = "slow"
    FAILING = "failing"
    BLOCKED = "blocked"
    GONE = "gone"
    MALFORMED = "malformed"
    SILENT = "silent"  # it answers, but nothing new has come for far longer than its own rhythm

    @property
    def is_trouble(self) -> bool:
        """True for the states that somebody should look at."""
        return self not in (HealthState.NEW, HealthState.HEALTHY, HealthState.UNCHANGED)


class Volume(StrEnum):
    """How much a source brings, against what it usually brings."""

    USUAL = "usual"
    FLOOD = "flood"
    DROUGHT = "drought"


@dataclass(frozen=True, slots=True)
class Look:
    """One stored look at a source, as its health is judged by."""

    looked_at: datetime
    outcome: str
    reason: str = ""
    entries_new: int = 0
    took_seconds: float = 0.0
    has_content: bool = True  # False: the server only said that nothing had changed


@dataclass(frozen=True, slots=True)
class CountedLook:
    """A look that speaks for or against its source, with the state that it speaks for."""

    looked_at: datetime
    speaks_for: HealthState
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The longest wait for something new that ended on a day (UTC)."""

    ended_on: date
    seconds: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a source brings something new. `waits` hold one entry a day, oldest first."""

    last_new_at: datetime | None = None  # the first answer starts the clock
    has_hole: bool = False  # looks have failed since: how long it really kept us waiting is not known
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class DayOutput:
    """How many new items a source brought in one day, counted from look to look."""

    day: date  # of the middle of its hours
    items: float  # in 24 hours


@dataclass(frozen=True, slots=True)
class Output:
    """How much a source brings. `days` hold the last complete ones, oldest first."""

    started_at: datetime | None = None  # of the day that is being counted
    items: int = 0  # of that day, so far
    days: tuple[DayOutput, ...] = ()
    volume: Volume = Volume.USUAL
    usual_days: int = 0  # in a row, after a flood or drought


@dataclass(frozen=True, slots=True)
class Health:
    """All that is remembered of a source to judge its next look."""

    state: HealthState = HealthState.NEW
    since: datetime | None = None
    reason: str = ""  # for a person
    looked_at: datetime | None = None  # the last look that is counted in
    counted: tuple[CountedLook, ...] = ()  # the last few, oldest first
    same_from: CountedLook | None = None  # the first of the looks that all speak for the same state, until now
    unchanged_since: datetime | None = None
    unchanged_looks: int = 0  # in a row
    recovered_at: datetime | None = None  # when it last left a trouble
    unread_since: datetime | None = None  # the first of the looks, until now, that brought no answer
    rhythm: Rhythm = Rhythm()
    output: Output = Output()


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A source that turned bad, recovered, or brought far more or less than usual."""

    source_id: SourceId
    changed_at: datetime  # the look that decided it
    was: HealthState | Volume
    became: HealthState | Volume
    since: datetime
    reason: str


# ---------------------------------------------------------------- fetch > clean


class ContentFrom(StrEnum):
    """Where the text of a fetched page came from."""

    PAGE = "page"
    FEED = "feed"  # the page was walled or gone, the feed carried the text
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An article's page as it arrived. Exactly one of `html` and `text` is set."""

    item_id: ItemId
    url: str  # after redirects
    fetched_at: datetime
    first_seen_at: datetime
    content_from: ContentFrom
    html: str | None = None
    text: str | None = None
    hints: FeedHints | None = None
    canonical_url: str = ""  # what the page names as its identity, where that is not the one it was found by
    validators: Validators = Validators()  # what to ask with whether it has changed since


@dataclass(frozen=True, slots=True)
class UnchangedPage:
    """The server says that a page which was read before has not changed."""

    item_id: ItemId


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A page that did not arrive. `is_final` failures are not tried again."""

    item_id: ItemId
    reason: str  # one word: http_404, timeout, robots, too_large, ...
    detail: str = ""
    is_final: bool = False


# ---------------------------------------------------------------- clean


class PublishedFrom(StrEnum):
    """Where a publication time was read, most trusted first."""

    JSON_LD = "json_ld"
    META = "meta"
    FEED = "feed"
    VISIBLE = "visible"  # a "posted on" line or a <time> beside the headline
    URL = "url"
    FIRST_SEEN = "first_seen"  # nobody says: when Wirewatch saw it first


@dataclass(frozen=True, slots=True)
class Dropped:
    """A block that was taken out of an article, and the name of the rule that did it."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Article:
    """The article and nothing but the article. Paragraphs are separated by blank lines."""

    item_id: ItemId
    url: str
    title: str
    text: str
    published_at: datetime
    published_from: PublishedFrom
    modified_at: datetime | None = None
    authors: tuple[str, ...] = ()
    site_name: str = ""
    language: str = ""  # ISO 639-1, empty when undecided
    image_url: str = ""
    extracted_by: str = ""  # which candidate extraction won
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A page that holds no article."""

    item_id: ItemId
    reason: str  # one word: wall, stub, error_page, listing, not_an_article, too_slow, crashed, ...
    detail: str = ""
    dropped: tuple[Dropped, ...] = ()


# ---------------------------------------------------------------- classify


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """One topic of an article, with the terms that carried the decision, strongest first."""

    topic: str
    probability: float
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """The topics of an article; none is a valid answer."""

    item_id: ItemId
    model_version: str
    topics: tuple[TopicMatch, ...]
    scores: Mapping[str, float]  # every topic -> probability
    unsupported_language: bool = False


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """How well one topic is told on labelled texts, at its own threshold."""

    topic: str
    precision: float
    recall: float
    f1: float
    average_precision: float
    support: int  # texts that have the topic
    threshold: float  # least probability that counts as a yes


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a model does on labelled texts that it was not trained on."""

    texts: int
    topics: tuple[TopicFigures, ...]

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the topics that any text has; 0 when none has."""
        found = [one.f1 for one in self.topics if one.support]
        return sum(found) / len(found) if found else 0.0


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a stored topic model was made of, and how good it is. Hashes are SHA-256 in hex."""

    version: str
    created_at: datetime
    examples: int  # trained on, labels included
    labels: int  # of readers, among the examples
    held_out: int  # texts kept apart to measure on
    data_hash: str  # of everything it was trained on
    seeds_hash: str  # of topics.toml and the labelled examples that came with it
    recipe: str  # of the code that makes the features: a model of another recipe cannot be used
    parameters: Mapping[str, Any]
    figures: Figures  # on the held-out part
    file_name: str
    file_hash: str
    reason: str  # why it was promoted or not


# ---------------------------------------------------------------- dedupe, group, detect


@dataclass(frozen=True, slots=True)
class EarlierVersions:
    """What an edited article said before it was edited."""

    item_ids: tuple[ItemId, ...]  # of all its versions up to then, oldest first
    title: str  # of the last of them
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One article as the judging rooms read it: who says what, and when."""

    item_id: ItemId
    published_at: datetime
    source: str
    publisher: str
    url: str
    title: str
    text: str
    earlier: EarlierVersions | None = None  # set when its page was read before and said something else


class Label(StrEnum):
    """What an article is to a reader who has read the earlier ones."""

    NEW_STORY = "new_story"
    DEVELOPMENT = "development"
    CORRECTION = "correction"
    REPEAT = "repeat"
    NEAR_DUPLICATE = "near_duplicate"

    @property
    def deserves_alert(self) -> bool:
        """True for the three labels that a desk wants to hear of."""
        return self in (Label.NEW_STORY, Label.DEVELOPMENT, Label.CORRECTION)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An article that says what an earlier one said, in the same words."""

    item_id: ItemId
    of: ItemId
    kind: str  # exact, near
    similarity: float  # 0..1


@dataclass(frozen=True, slots=True)
class Move:
    """An earlier article that changes its story, with its copies and versions. Nothing that moves is told again."""

    item_id: ItemId
    from_story: StoryId
    to_story: StoryId


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which story an article belongs to, and why."""

    item_id: ItemId
    story_id: StoryId
    is_new: bool
    similarity: float  # to the story, 0 for a new one
    because: str  # for a person: the terms shared, or what was missing
    moves: tuple[Move, ...] = ()  # of earlier articles, because of this one: stories that are one, or were two
    leader: ItemId | None = None  # of a copy or later version: the article that it goes with, wherever that moves
    near: StoryId | None = None  # of a new story: the nearest one, where the article may but retell that


@dataclass(frozen=True, slots=True)
class Development:
    """The verdict on one article of a story."""

    item_id: ItemId
    story_id: StoryId
    label: Label
    new_facts: tuple[str, ...]  # the sentences that carry something new, best first
    because: str  # "toll 12 -> 31"
    importance: float = 0.0  # 0..1, before the topics of a route are weighed in
    certainty: float = 0.0  # the probability that it deserves an alert
    weighed: str = ""  # the parts of the importance, for a person


# ---------------------------------------------------------------- alert


@dataclass(frozen=True, slots=True)
class Alert:
    """Everything a message needs to say; rendering it is pure."""

    key: str  # unique by channel, story and development; travels with the message
    channel: str
    label: Label
    story_id: StoryId
    item_id: ItemId
    headline: str
    story_title: str
    publisher: str
    url: str
    published_at: datetime
    new_facts: tuple[str, ...]
    because: str
    topics: tuple[TopicMatch, ...]
    other_publishers: tuple[str, ...] = ()
    is_broadcast: bool = False  # shown in the channel too when it is a reply
    route: str = ""  # the name of the route that brought it here


@dataclass(frozen=True, slots=True)
class StoryMember:
    """One article of a story, as far as it counts as a voice."""

    item_id: ItemId
    publisher: str
    copy_of: ItemId | None = None


@dataclass(frozen=True, slots=True)
class StoryThread:
    """What the first message of a story's thread is to say by now, besides what it said when it was sent."""

    key: str  # unique by channel and story
    channel: str
    story_id: StoryId
    latest: Alert
    developments: int  # told in this channel, the first included
    publishers: tuple[str, ...]  # that report it in their own words, first to report first
    copying_publishers: int = 0  # further ones, which carry the text of another
    goes_on_in: str = ""  # the title of the story that this one was merged into, where that has a thread of its own


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """Another thread of the same channel in which a story was told, or goes on."""

    title: str  # of the story that it was opened for
    ts: str  # of its first message


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: `ts` is empty on a console, `thread_ts` none where it is no reply."""

    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingAlert:
    """An alert of which nothing has left yet, as far as a storm asks."""

    key: str
    story_id: StoryId
    importance: float  # of its development, 0..1


@dataclass(frozen=True, slots=True)
class Rush:
    """What one channel would hear by itself now, oldest first, and how many alerts it has heard so lately."""

    channel: str
    waiting: tuple[WaitingAlert, ...]
    told: int


class Verdict(StrEnum):
    """What a reader says about an alert."""

    USEFUL = "useful"
    REPEAT = "repeat"
    WRONG_TOPIC = "wrong_topic"
    WRONG_STORY = "wrong_story"
    MUTE = "mute"  # hear no more of this story
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict and who gave it (an id of the workspace)."""

    verdict: Verdict
    reader: str


@dataclass(frozen=True, slots=True)
class Tuning:
    """Thresholds of detection as the verdicts of readers set them, and what they would have changed."""

    tell_at: float  # an article is told from this probability on
    wait_at: float  # and waits for a second publisher from this one on
    bias: float  # of the log-odds that the gate gives, ...
    slope: float  # ... as the readers' verdicts recalibrate them
    useful: int  # alerts that readers found useful
    repeats: int  # that told them nothing new
    stories: int  # that these belong to
    loss_before: float  # mean log loss of the probabilities as they are
    loss_after: float  # and recalibrated, each story by the verdicts on the others
    repeats_left_out: int  # of the alerts above, that would not have been sent
    useful_left_out: int
    is_better: bool
    reason: str  # for a person


class MuteSubject(StrEnum):
    """What can be muted."""

    STORY = "story"
    TOPIC = "topic"
    SOURCE = "source"  # by its name or that of its publisher


@dataclass(frozen=True, slots=True)
class Mute:
    """Something that the desk wants to hear nothing of."""

    subject: MuteSubject
    name: str  # id of a story or topic, name of a source or publisher
    until: datetime | None = None  # none: until it is taken back


@dataclass(frozen=True, slots=True)
class DeskWishes:
    """What the desk asks for besides its routes."""

    mutes: tuple[Mute, ...] = ()
    follows: frozenset[StoryId] = frozenset()  # stories that are told whatever their importance


@dataclass(frozen=True, slots=True)
class NoticeLink:
    """A line of a notice that leads somewhere; other lines are plain text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """One heading of a notice with the lines under it; a heading may stand alone, or be empty."""

    heading: str
    lines: tuple[str | NoticeLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about no single development: a digest, a reminder, a report. Its texts may be untrusted."""

    key: str  # the same notice always has the same key; travels with the message
    channel: str
    title: str
    sections: tuple[NoticeSection, ...]
    published_at: datetime  # when it was put together
    bars: tuple[tuple[str, int], ...] = ()  # (name, number) of its picture, in order; none: no picture


@dataclass(frozen=True, slots=True)
class DaySummary:
    """What a day brought."""

    alerts: tuple[Alert, ...]  # one for each development, in order
    articles_by_topic: Mapping[str, int]
    held_by_reason: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UntoldStory:
    """A story that nobody was told of, although many report it and nobody asked for silence."""

    title: str
    url: str
    publishers: int
    reason: str  # the first word of what kept it back: no_route, below_importance, no_topic; empty: not decided yet


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """What a week brought, and what readers said of it."""

    sent: int  # messages about developments, those told in digests too
    dead: int
    judged_messages: int  # with a verdict other than seen
    messages_by_verdict: Mapping[Verdict, int]
    untold_stories: tuple[UntoldStory, ...]  # those on a topic first, then those that most report


class MessageKind(StrEnum):
    """What an outbox row holds."""

    ALERT = "alert"
    THREAD = "thread"  # the first message of a thread is brought up to date
    NOTICE = "notice"


class DeliveryState(StrEnum):
    """Where an outbox row stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  # the connection broke: look before sending again
    DEAD = "dead"  # refused for good; an operator must act
    HELD = "held"  # kept back until a time
    BUNDLED = "bundled"  # told in a digest, not by itself
    MUTED = "muted"  # the desk asked for silence before it was sent


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message that waits to be delivered."""

    message: Alert | StoryThread | Notice
    state: DeliveryState  # PENDING or UNKNOWN
    thread_ts: str | None = None  # Slack's ts of the story's first message in this channel
    opening: Alert | None = None  # the alert that this first message carries
    threads: tuple[str, ...] = ()  # the ts of every thread that it may have been sent to before
    elsewhere: ThreadLink | None = None  # where else its story was told, or goes on
    first_tried_at: datetime | None = None  # when it was first marked as sending
    revision: int = 0  # of the message: a thread is brought up to date again and again
