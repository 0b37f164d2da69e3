"""Mentions streamed out in id order, in constant memory. Does not know file formats: `inbox` writes those.

A run is bounded by the highest mention id at its start, so that running it again with the same filter and that
bound gives the same rows in the same order (but for rows edited or erased in between).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from store.engine import Store
from store.export_filter import Asked, ExportFilter, columns_match, conditions_of, may_find
from store.export_finding import BRANDS, TAGS, THEMES, by_columns
from store.export_reading import Rows, streamed
from store.export_shape import Batch, Column, Kind, Snapshot, Veil, plain, words
from store.handing import IDS_ONLY, Held, Recipient, Rule, outlook, rules, take, withheld
from store.schema import author, conversation, mention

_ID, _INTEGER, _REAL, _TEXT, _INSTANT, _WORDS = (
    Kind.ID, Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.INSTANT, Kind.WORDS,
)  # fmt: skip


def _theirs(name: str, kind: Kind, meaning: str, unit: str = "", veil: Veil = Veil.NONE) -> Column:
    return Column(name, kind, meaning, unit, veil, theirs=True)


MENTION_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the mention's id; grows with the time at which it was first stored"),
    Column("conversation_id", _ID, "the conversation it belongs to"),
    Column("platform", _TEXT, "such as mastodon, discourse, feeds"),
    Column("source_id", _TEXT, "which configured source brought it first"),
    Column("external_id", _TEXT, "the platform's id", veil=Veil.POST),
    _theirs("kind", _TEXT, "post, comment, review, article, topic, answer, message"),
    Column("direction", _TEXT, "inbound, or outbound for our own"),
    Column("visibility", _TEXT, "public, unlisted or private"),
    _theirs("published_at", _INSTANT, "what the platform said; empty when it did not"),
    Column("sort_at", _INSTANT, "`published_at`, or `first_seen_at` when that is missing or in the future"),
    Column("first_seen_at", _INSTANT, "when Klankbord first saw it"),
    _theirs("edited_at", _INSTANT, "last edit, as the platform tells"),
    Column("deleted_at", _INSTANT, "when it was found deleted upstream; its text is gone then"),
    Column("revision", _INTEGER, "how often its content changed since the first sight", "changes"),
    _theirs("author_id", _ID, "the author's id here; `id` of authors", veil=Veil.ACCOUNT),
    _theirs("author_handle", _TEXT, "short name", veil=Veil.HANDLE),
    _theirs("author_name", _TEXT, "display name", veil=Veil.NAME),
    _theirs("author_url", _TEXT, "profile page", veil=Veil.GONE),
    _theirs("author_followers", _INTEGER, "audience; empty when not given", "accounts"),
    _theirs("title", _TEXT, "title, plain text", veil=Veil.PROSE),
    _theirs("text", _TEXT, "the text, plain and complete", veil=Veil.PROSE),
    _theirs("lang", _TEXT, "language code; `und` when unknown"),
    _theirs("lang_confidence", _REAL, "how sure the language is", "0-1"),
    _theirs("sentiment", _TEXT, "label; empty until scored"),
    _theirs("sentiment_score", _REAL, "from negative to positive", "-1 to 1"),
    _theirs("sentiment_confidence", _REAL, "how sure the sentiment is", "0-1"),
    _theirs(
        "sentiment_by",
        _TEXT,
        "who said so: `hand`, or the tier and version of the model, such as `1:t1-bc73496a`",
    ),
    _theirs("sentiment_corrected_by", _ID, "id of the agent who said so by hand", veil=Veil.USER),
    _theirs("enriched", _TEXT, "versions by which language, sentiment and duplicate key were read"),
    _theirs("rating_raw", _REAL, "rating as given", "stars"),
    _theirs("rating_scale", _REAL, "out of so many", "stars"),
    _theirs("rating", _REAL, "rating on one scale for all", "0-1"),
    _theirs("likes", _INTEGER, "empty when not given, which is not zero", "times"),
    _theirs("replies", _INTEGER, "as likes", "times"),
    _theirs("shares", _INTEGER, "as likes", "times"),
    _theirs("views", _INTEGER, "as likes", "times"),
    _theirs("url", _TEXT, "permalink", veil=Veil.GONE),
    _theirs("parent_external_id", _TEXT, "what it answers", veil=Veil.POST),
    _theirs("thread_external_id", _TEXT, "root of its thread", veil=Veil.POST),
    Column(
        "dup_of",
        _ID,
        "id of the mention under which it is folded as the same text; its own id when it took the place of a first one "
        "that is gone",
    ),
    Column(
        "flags",
        _WORDS,
        "what was odd, such as date_missing, date_future, old; context: only fetched because a message answers it; "
        "ids_only, pii_masked: see above",
    ),
    Column("conversation_status", _TEXT, "state of the conversation now"),
    Column(
        "conversation_status_reason",
        _TEXT,
        "why it is so: noise_author, noise_site, noise_word, noise_pattern or noise_like where a "
        "[noise rule](noise.md) set it aside; not_about_us and the like; or an agent's words",
        veil=Veil.PROSE,
    ),
    Column("conversation_team_id", _TEXT, "its team"),
    Column("conversation_assignee_id", _ID, "who has it; `id` of users", veil=Veil.USER),
    Column("conversation_priority", _INTEGER, "from risk to low", "0 to 4"),
    Column("conversation_why", _TEXT, "complaint, question, compliment, idea, crisis, press, job"),
    Column("brand_ids", _WORDS, "brands whose query it matched"),
    Column("tags", _WORDS, "tags of the conversation"),
    Column("themes", _WORDS, "names of the themes that the conversation raises"),
)
_GATHERED = {"brand_ids": BRANDS, "tags": TAGS, "themes": THEMES}
_PLACE = {column.name: place for place, column in enumerate(MENTION_COLUMNS)}
_EMPTY: Mapping[str, Any] = {"text": "", "kind": "", "lang": "und"}
"""What stands in a column that a row without content cannot leave empty."""
_SOURCE = _PLACE["source_id"]
_WORDS_AT = [_PLACE[column.name] for column in MENTION_COLUMNS if column.kind is Kind.WORDS]


def _column(name: str) -> ColumnElement[Any]:
    if name in _GATHERED:
        return _GATHERED[name].label(f"out_{name}")
    table, own = mention, name
    for prefix, joined in (("author_", author), ("conversation_", conversation)):
        if name.startswith(prefix) and name not in mention.c:
            table, own = joined, name.removeprefix(prefix)
    return plain(table.c[own], name)


_EVERY_ROW = select(*(_column(column.name) for column in MENTION_COLUMNS)).select_from(
    mention.join(conversation, conversation.c.id == mention.c.conversation_id).outerjoin(
        author, author.c.id == mention.c.author_id
    )
)
# Built once: of a page of the API, making it anew cost more than running it.
_BY_ID = _EVERY_ROW.where(mention.c.id.in_(bindparam("ids", expanding=True)), ~withheld()).order_by(mention.c.id)


def mention_batches(store: Store, asked: Asked, *, after: int = 0) -> Iterator[Batch]:
    """Stream the mentions of a filter in id order, within what their platforms let go out.

    Args:
        store: the store.
        asked: the export.
        after: start behind this id, to go on with an export that broke off.
    """
    wanted, up_to = asked.wanted, asked.bound.mention_id
    with store.read() as conn:
        ruled = rules(conn)

    def complete(conn: Connection, rows: Rows) -> Batch:
        return _complete(_kept(conn, wanted, rows))

    found = streamed(
        store,
        export_query(wanted, up_to),
        mention.c.id,
        complete,
        keys=lambda conn, behind: may_find(conn, wanted, behind, up_to),
        after=after,
    )
    for batch in found:
        if batch.n:
            yield _within(store, batch, asked.to, ruled)


def mentions_by_id(store: Store, mention_ids: Sequence[int], *, to: Recipient) -> Batch:
    """These mentions as they may leave, in order of id (primary key); what may not leave at all is missing."""
    with store.read() as conn:
        batch, ruled = _complete(conn.execute(_BY_ID, {"ids": list(mention_ids)}).all()), rules(conn)
    return _within(store, batch, to, ruled)


def export_query(wanted: ExportFilter, up_to: int) -> Select[Any]:
    """The query of an export but for the words of its text, a walk along the primary key of mention."""
    return _EVERY_ROW.where(mention.c.id <= up_to, *conditions_of(wanted), ~withheld(), *columns_match(wanted))


def expected(conn: Connection, wanted: ExportFilter, bound: Snapshot) -> int | None:
    """How many mentions an export will hold; None where only reading them tells."""
    if wanted.text is not None:
        return None
    found = export_query(wanted, bound.mention_id).with_only_columns(func.count(), maintain_column_froms=True)
    return int(conn.execute(found).scalar_one())


def held_back(conn: Connection, wanted: ExportFilter, to: Recipient, *, up_to: int) -> list[Held]:
    """What of a filter may not leave, or not all in full, by source; a search aside."""
    return outlook(conn, to, conditions_of(wanted), up_to=up_to)


def _within(store: Store, batch: Batch, to: Recipient, ruled: Mapping[str, Rule]) -> Batch:
    """The rows as they may leave: those beyond their platform's number of the day without their content."""
    counted: dict[str, list[int]] = {}
    most: dict[str, int] = {}
    limited: list[int] = []
    if not ruled:
        return batch
    ids = batch.columns[0]
    for place, source_id in enumerate(batch.columns[_SOURCE]):
        rule = ruled.get(source_id)
        if rule is not None and rule.per_day is not None:
            limited.append(place)
            counted.setdefault(rule.platform, []).append(ids[place])
            most[rule.platform] = min(rule.per_day, most.get(rule.platform, rule.per_day))
    whole: set[int] = set()
    for platform, some in counted.items():
        whole |= take(store, to, platform, some, most=most[platform])
    return without_content(batch, [place for place in limited if ids[place] not in whole])


def without_content(batch: Batch, places: Sequence[int]) -> Batch:
    """The rows at these places with their ids, their first sight and what we did about them, and nothing else."""
    if not places:
        return batch
    changed: list[Sequence[Any]] = []
    for column, values in zip(MENTION_COLUMNS, batch.columns, strict=True):
        if not (column.theirs or column.name in {"sort_at", "flags"}):
            changed.append(values)
            continue
        mine = list(values)
        for place in places:
            if column.name == "sort_at":
                mine[place] = batch.columns[_PLACE["first_seen_at"]][place]
            elif column.name == "flags":
                mine[place] = (*(flag for flag in mine[place] if flag != IDS_ONLY), IDS_ONLY)
            else:
                mine[place] = _EMPTY.get(column.name)
        changed.append(mine)
    return Batch(changed, batch.n)


def _kept(conn: Connection, wanted: ExportFilter, rows: Rows) -> Rows:
    """The rows that match the search."""
    if wanted.text is None or not rows:
        return rows
    kept = frozenset(wanted.text.keep(conn, [row[0] for row in rows]))
    return [row for row in rows if row[0] in kept]


def _complete(rows: Rows) -> Batch:
    batch = by_columns(rows, len(MENTION_COLUMNS))
    for place in _WORDS_AT:
        batch.columns[place] = list(map(words, batch.columns[place]))
    return batch
