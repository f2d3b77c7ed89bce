"""The tables. A room's record is kept whole as JSON beside the columns that are asked for.

Migrations in `migrations/versions` build exactly this; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# Constraint names are fixed so that a downgrade can name what it drops.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _item_key() -> Column[object]:
    return Column("item_id", String(16), ForeignKey("items.id"), primary_key=True)


runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _instant("now"),  # the instant that this run takes for the present
    Column("is_backfill", Boolean, nullable=False),
    _instant("started_at"),
    _instant("finished_at", nullable=True),
    Column("state", String(16), nullable=False),  # running, finished, failed
    Column("reason", Text, nullable=False, server_default=""),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("address", Text, nullable=False, unique=True),
    _instant("added_at"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content_hash", String(64)),
    _instant("content_read_at", nullable=True),
    _instant("distrusted_until", nullable=True),  # until then etag and last_modified are not sent
    _instant("last_checked_at", nullable=True),
    _instant("last_success_at", nullable=True),
    Column("last_outcome", String(32)),
    Column("last_reason", Text),
    Column("failures_in_a_row", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default="new"),  # pipeline.models.HealthState
    _instant("state_since", nullable=True),
    Column("state_reason", Text, nullable=False, server_default=""),
    _instant("judged_at", nullable=True),  # the last look that its health counts in
    Column("health", JSONB),  # all that is remembered to judge the next look
)

# What operations should hear of: sources that turned bad, recovered, or bring far more or less than usual.
source_changes = Table(
    "source_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Text, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    _instant("changed_at"),
    Column("was", String(16), nullable=False),
    Column("became", String(16), nullable=False),
    _instant("since"),
    Column("reason", Text, nullable=False),
    Column("told_in", Text),  # key of the digest; none: it waits for the next one
    UniqueConstraint("source_id", "changed_at", "became"),
    Index("ix_source_changes_untold", "id", postgresql_where=text("told_in IS NULL")),
)

source_checks = Table(
    "source_checks",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("source_id", Text, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    _instant("checked_at"),
    Column("outcome", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("entries_seen", Integer, nullable=False),
    Column("entries_new", Integer, nullable=False),
    Column("refused", JSONB, nullable=False),  # reason -> number of entries left out
    Column("took_seconds", Float, nullable=False, server_default="0"),
    Column("has_content", Boolean, nullable=False, server_default="true"),  # false: "nothing has changed", no more
    UniqueConstraint("run_id", "source_id"),
    Index(None, "source_id", "checked_at"),
    Index(None, "checked_at"),
)

# How a host may be asked, for all workers (`pipeline.fetch.book.HostBook`). Times are those of this database's clock.
hosts = Table(
    "hosts",
    metadata,
    Column("authority", Text, primary_key=True),  # name of a host, and its port where it is not the usual one
    Column("holder", Text),  # the worker that is asking just now
    _instant("lease_until"),  # when a holder that was not heard of again has lost it
    _instant("next_at"),  # the end of the pause
    _instant("rest_until"),
    Column("failures_in_a_row", Integer, nullable=False),
    Column("last_reason", Text, nullable=False),  # of the last failure; empty after a good answer
)

robots_files = Table(
    "robots_files",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    _instant("read_at"),
)

items = Table(
    "items",
    metadata,
    Column("id", String(16), primary_key=True),
    # No foreign key: the articles of a removed source stay.
    Column("source_id", Text, nullable=False, index=True),
    Column("source_name", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("hints", JSONB, nullable=False),
    Column("hints_key", String(16), nullable=False, server_default=""),  # of a first version: what was said last
    _instant("first_seen_at"),
    Column("first_run_id", Text, ForeignKey("runs.id"), nullable=False, index=True),
    Column("waiting_for", String(16)),  # the room that has not answered yet; none: the walk is over
    Column("fetch_attempts", Integer, nullable=False, server_default="0"),
    Column("last_fetch_reason", Text, nullable=False, server_default=""),
    Column("last_fetch_run_id", Text),
    # A version of an article is an item of its own: it walks like any other, and what it is told by has its own key.
    Column("version_of", String(16), ForeignKey("items.id")),  # the first version; none: it is that
    Column("version", Integer, nullable=False, server_default="1"),
    _instant("read_after", nullable=True),  # not to be fetched before
    UniqueConstraint("canonical_url", "version"),
    Index("ix_items_version_of", "version_of", postgresql_where=text("version_of IS NOT NULL")),
    Index("ix_items_waiting_for", "waiting_for", postgresql_where=text("waiting_for IS NOT NULL")),
)

# Which item's page came first under an identity: its own, or the one that the page names (rel=canonical).
page_addresses = Table(
    "page_addresses",
    metadata,
    Column("canonical_url", Text, primary_key=True),
    Column("item_id", String(16), ForeignKey("items.id"), nullable=False, index=True),
)

outcomes = Table(
    "outcomes",
    metadata,
    _item_key(),
    Column("room", String(16), primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    _instant("decided_at"),
    Index(None, "run_id", "room"),
    Index(None, "room", "passed"),
)

pages = Table(
    "pages",
    metadata,
    _item_key(),
    _instant("fetched_at"),
    Column("record", JSONB, nullable=False),  # all but the HTML
    Column("html", LargeBinary),  # packed by `pipeline.store.packing`; none: the page is plain text, in the record
)

articles = Table(
    "articles",
    metadata,
    _item_key(),
    Column("title", Text, nullable=False),
    _instant("published_at"),
    Column("record", JSONB, nullable=False),
    Index(None, "published_at"),
)

rejections = Table(
    "rejections",
    metadata,
    _item_key(),
    Column("reason", String(32), nullable=False),
    Column("record", JSONB, nullable=False),
)

classifications = Table(
    "classifications",
    metadata,
    _item_key(),
    Column("model_version", Text, nullable=False),
    Column("topics", ARRAY(Text), nullable=False),
    Column("record", JSONB, nullable=False),
)

duplicates = Table(
    "duplicates",
    metadata,
    _item_key(),
    Column("of_item_id", String(16), ForeignKey("items.id"), nullable=False, index=True),
    Column("record", JSONB, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("title", Text, nullable=False),
    _instant("opened_at"),
    _instant("last_at"),
    Column("merged_into", String(20), ForeignKey("stories.id")),  # it lost all its articles to that story
    Column("split_from", String(20), ForeignKey("stories.id")),  # it was made of articles of that story
    Index(None, "last_at"),
    Index(None, "merged_into"),
)

# `story_id` is the story an article belongs to by now, `record` the first answer; `developments.story_id` stays that
# of the first answer, for there it was told.
story_members = Table(
    "story_members",
    metadata,
    _item_key(),
    Column("story_id", String(20), ForeignKey("stories.id"), nullable=False, index=True),
    Column("leader_id", String(16), ForeignKey("items.id")),  # of a copy or later version: what it goes with
    Column("record", JSONB, nullable=False),
    Index("ix_story_members_leader_id", "leader_id", postgresql_where=text("leader_id IS NOT NULL")),
)

developments = Table(
    "developments",
    metadata,
    _item_key(),
    Column("story_id", String(20), ForeignKey("stories.id"), nullable=False, index=True),
    Column("label", String(16), nullable=False),
    Column("importance", Float, nullable=False),
    _instant("decided_at"),
    Column("record", JSONB, nullable=False),
    Index(None, "decided_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("sequence", BigInteger, Identity(), nullable=False, unique=True),  # the order of queueing
    Column("channel", Text, nullable=False),
    Column("story_id", String(20), ForeignKey("stories.id"), index=True),  # none: a message to operations
    Column("item_id", String(16), ForeignKey("items.id"), index=True),
    Column("run_id", Text, ForeignKey("runs.id"), index=True),
    Column("kind", String(8), nullable=False, server_default="alert"),  # alert, thread, notice
    Column("record", JSONB, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),  # of the record: a thread's is replaced
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _instant("queued_at"),
    _instant("not_before", nullable=True),
    _instant("first_tried_at", nullable=True),
    _instant("sent_at", nullable=True),
    Column("slack_ts", Text),  # empty on a console
    Column("thread_ts", Text),  # of the message that it replies to; none: it opens a thread, or nothing has it
    Column("in_doubt", Boolean, nullable=False, server_default=false()),  # it may have arrived without our knowing
    Column("last_error", Text, nullable=False, server_default=""),
    Column("held_for", Text, nullable=False, server_default=""),  # why it was kept back, for a person
    Column("bundle_key", Text, index=True),  # of the digest that tells it instead
    _instant("acknowledged_at", nullable=True),
    Column("acknowledged_by", Text, nullable=False, server_default=""),
)

# What readers said about alerts; a reaction that is taken back goes here too.
feedback = Table(
    "feedback",
    metadata,
    Column("message_key", Text, ForeignKey("outbox.key"), primary_key=True),
    Column("verdict", String(16), primary_key=True),
    Column("reader", Text, primary_key=True),
    Column("item_id", String(16), ForeignKey("items.id"), nullable=False, index=True),
    _instant("given_at"),
    Index(None, "given_at"),
)

# Thresholds of detection as readers' verdicts set them: the newest row is in use.
tunings = Table(
    "tunings",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=True),
    _instant("made_at"),
    Column("record", JSONB, nullable=False),
)

# What the desk asks for besides the routes: silence about something, or every word about a story.
wishes = Table(
    "wishes",
    metadata,
    Column("kind", String(8), primary_key=True),  # mute, follow
    Column("subject", String(8), primary_key=True),  # story, topic, source
    Column("name", Text, primary_key=True),
    _instant("until", nullable=True),  # none: until it is taken back
    _instant("wished_at"),
    Column("wished_by", Text, nullable=False),
)

# What the judging rooms remember (`pipeline.judge.Memory`): records of a kind under a key, findable by terms.
# `terms` and `day` say where a record stands in memory_terms, so that its rows there are found without an index.
memories = Table(
    "memories",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
    _instant("at"),
    Column("record", LargeBinary, nullable=False),  # packed by `pipeline.store.packing`
    Column("day", Integer, nullable=False),  # of `at`, in UTC, counted from the year 1
    Column("terms", ARRAY(BigInteger), nullable=False),  # hashes of kind and term
    Index(None, "kind", "at"),
    # What fits into a page stays in it: a record is read and written with its row, and is packed already.
    postgresql_with={"toast_tuple_target": "8160"},
)

# The lists that a lookup reads: of each term the newest records first, by nothing but the primary key.
memory_terms = Table(
    "memory_terms",
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("key", Text(collation="C"), primary_key=True),
)

term_counts = Table(
    "term_counts",
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),  # that of the empty term counts all documents
    Column("documents", BigInteger, nullable=False),
    # Half a page stays free, so that counting up writes beside the old row and not into the index.
    postgresql_with={"fillfactor": "50"},
)

# What readers of the desk said about an article; a later word replaces an earlier one.
topic_labels = Table(
    "topic_labels",
    metadata,
    _item_key(),
    Column("topics", ARRAY(Text), nullable=False),  # empty: none of them
    _instant("labelled_at"),
    Column("labelled_by", Text, nullable=False),
    Column("source", String(16), nullable=False),  # terminal, reaction
    Index(None, "labelled_at"),
)

# Trained topic models; their arrays lie in files whose hash is kept here. At most one is active, without one the
# model of the seeds is.
topic_models = Table(
    "topic_models",
    metadata,
    Column("version", Text, primary_key=True),
    _instant("created_at"),
    Column("state", String(16), nullable=False),  # candidate, active, retired
    Column("replaced", Text),  # the version that was active before this one became it
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("record", JSONB, nullable=False),  # what it was trained on, how, its figures, why it was promoted or not
    Index("uq_topic_models_active", "state", unique=True, postgresql_where=text("state = 'active'")),
)
