"""Themes and the conversations that raise them: linking with its counters in one transaction, and reading both.

Whoever links holds the lock of the conversation's row and nothing after it, so that rows of counters are always locked
last, in one order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from store.engine import Store
from store.filters import holds_brand
from store.schema import conversation, conversation_theme, theme, theme_day, theme_day_all, theme_model, theme_verdict

CounterKey = tuple[int, date, str, str]
"""theme, local day, brand ("" for all), source."""


@dataclass(frozen=True, slots=True)
class Link:
    """A conversation that raises a theme, with what it counts under; see `ConversationTheme`."""

    theme_id: int
    conversation_id: int
    day: date
    source_id: str
    brand_ids: tuple[str, ...]
    how: str
    linked_by: int | None
    linked_at: datetime


def all_themes(conn: Connection) -> list[Row[Any]]:
    """Every theme, archived ones too, by name. A workspace has hundreds at most."""
    return list(conn.execute(select(theme).order_by(theme.c.name, theme.c.id)))


def standing(conn: Connection) -> list[Row[Any]]:
    """The themes that are in use, by id."""
    return list(conn.execute(select(theme).where(theme.c.archived_at.is_(None)).order_by(theme.c.id)))


def stamp(conn: Connection) -> tuple[int, int]:
    """Changes whenever a theme does: how many there are, and all their versions together."""
    found = conn.execute(select(func.count(), func.coalesce(func.sum(theme.c.version), 0)).select_from(theme)).one()
    return int(found[0]), int(found[1])


def theme_by_id(conn: Connection, theme_id: int, *, lock: bool = False) -> Row[Any] | None:
    """One theme (primary key), locked until the transaction ends when it is going to change."""
    query = select(theme).where(theme.c.id == theme_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def themes_of(conn: Connection, conversation_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Themes that conversations raise, first linked first. Served by ix_conversation_theme_conversation."""
    c = conversation_theme.c
    found: dict[int, list[tuple[datetime, int]]] = {}
    query = select(c.conversation_id, c.theme_id, c.linked_at).where(c.conversation_id.in_(sorted(conversation_ids)))
    for row in conn.execute(query):
        found.setdefault(row.conversation_id, []).append((row.linked_at, row.theme_id))
    return {number: tuple(one for _, one in sorted(links)) for number, links in found.items()}


def theme_names_of(conn: Connection, conversation_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Names of the themes that conversations raise, by name. Served by ix_conversation_theme_conversation."""
    c = conversation_theme.c
    joined = conversation_theme.join(theme, theme.c.id == c.theme_id)
    query = select(c.conversation_id, theme.c.name).select_from(joined)
    found: dict[int, list[str]] = {}
    for row in conn.execute(query.where(c.conversation_id.in_(sorted(conversation_ids)))):
        found.setdefault(row.conversation_id, []).append(row.name)
    return {number: tuple(sorted(names)) for number, names in found.items()}


def link_of(conn: Connection, theme_id: int, conversation_id: int) -> Link | None:
    """One link (primary key); None when the conversation does not raise the theme."""
    c = conversation_theme.c
    row = conn.execute(
        select(conversation_theme).where(c.theme_id == theme_id, c.conversation_id == conversation_id)
    ).first()
    return None if row is None else _link(row)


def add_link(conn: Connection, store: Store, link: Link) -> bool:
    """Link and count, unless it is linked already. The caller holds the conversation's row."""
    if link_of(conn, link.theme_id, link.conversation_id) is not None:
        return False
    conn.execute(conversation_theme.insert().values(**_values(link)))
    add_counts(conn, store, counts_of([link]))
    return True


def drop_link(conn: Connection, store: Store, link: Link) -> None:
    """Take a link off, and out of the counters. The caller holds the conversation's row."""
    c = conversation_theme.c
    conn.execute(
        conversation_theme.delete().where(c.theme_id == link.theme_id, c.conversation_id == link.conversation_id)
    )
    add_counts(conn, store, counts_of([link], times=-1))


def counts_of(links: Iterable[Link], *, times: int = 1) -> Counter[CounterKey]:
    """What links add to the counters. Pure."""
    found: Counter[CounterKey] = Counter()
    for one in links:
        for brand_id in ("", *one.brand_ids):
            found[one.theme_id, one.day, brand_id, one.source_id] += times
    return found


def add_counts(conn: Connection, store: Store, counts: Mapping[CounterKey, int]) -> None:
    """Add to the stored counters, in one order everywhere so that writers cannot wait in a circle."""
    names = ("theme_id", "day", "brand_id", "source_id")
    rows = [(*key, counts[key]) for key in sorted(counts) if counts[key]]
    store.dialect.add_rows(conn, theme_day, (*names, "n"), rows, ("n",))
    summed: Counter[tuple[str, date, int]] = Counter()
    for (theme_id, day, brand_id, _), n in counts.items():
        summed[brand_id, day, theme_id] += n
    together = [(*key, summed[key]) for key in sorted(summed) if summed[key]]
    store.dialect.add_rows(conn, theme_day_all, ("brand_id", "day", "theme_id", "n"), together, ("n",))


def move_links(conn: Connection, store: Store, conversation_id: int, into: int) -> None:
    """Two conversations turned out to be one: themes of the one are raised by the other, each counted once."""
    c = conversation_theme.c
    have = set(conn.execute(select(c.theme_id).where(c.conversation_id == into)).scalars())
    double = conn.execute(
        select(conversation_theme).where(c.conversation_id == conversation_id, c.theme_id.in_(sorted(have)))
    )
    gone = [_link(row) for row in double]
    if gone:
        conn.execute(
            conversation_theme.delete().where(c.conversation_id == conversation_id, c.theme_id.in_(sorted(have)))
        )
        add_counts(conn, store, counts_of(gone, times=-1))
    conn.execute(conversation_theme.update().where(c.conversation_id == conversation_id).values(conversation_id=into))
    v = theme_verdict.c
    judged = select(v.theme_id).where(v.conversation_id == into)
    conn.execute(theme_verdict.delete().where(v.conversation_id == conversation_id, v.theme_id.in_(judged)))
    conn.execute(theme_verdict.update().where(v.conversation_id == conversation_id).values(conversation_id=into))
    first = themes_of(conn, [into]).get(into, (None,))[0]
    conn.execute(conversation.update().where(conversation.c.id == into).values(theme_id=first))


def replace_some(conn: Connection, store: Store, old: int, new: int, *, limit: int) -> int:
    """Let some conversations raise `new` where they raised `old`, each counted once; how many there were."""
    c = conversation_theme.c
    ids = list(
        conn.execute(
            select(c.conversation_id).where(c.theme_id == old).order_by(c.conversation_id).limit(limit)
        ).scalars()
    )
    if not ids:
        return 0
    conn.execute(
        select(conversation.c.id).where(conversation.c.id.in_(ids)).order_by(conversation.c.id).with_for_update()
    ).all()
    rows = [
        _link(row)
        for row in conn.execute(
            select(conversation_theme).where(c.theme_id == old, c.conversation_id.in_(ids)).order_by(c.conversation_id)
        )
    ]
    have = set(conn.execute(select(c.conversation_id).where(c.theme_id == new, c.conversation_id.in_(ids))).scalars())
    moved = [one for one in rows if one.conversation_id not in have]
    conn.execute(conversation_theme.delete().where(c.theme_id == old, c.conversation_id.in_(ids)))
    fresh = [Link(new, *(getattr(one, name) for name in _FACTS)) for one in moved]
    if fresh:
        conn.execute(conversation_theme.insert(), [_values(one) for one in fresh])
    changes = counts_of(rows, times=-1)
    changes.update(counts_of(fresh))
    add_counts(conn, store, changes)
    conn.execute(
        conversation.update().where(conversation.c.id.in_(ids), conversation.c.theme_id == old).values(theme_id=new)
    )
    return len(ids)


def replace_verdicts(conn: Connection, old: int, new: int) -> None:
    """What was said of a theme is said of the one that took it over, but where something was said of that."""
    v = theme_verdict.c
    judged = select(v.conversation_id).where(v.theme_id == new)
    conn.execute(theme_verdict.delete().where(v.theme_id == old, v.conversation_id.in_(judged)))
    conn.execute(theme_verdict.update().where(v.theme_id == old).values(theme_id=new))


def n_links(conn: Connection, theme_id: int) -> int:
    """How many conversations raise a theme. Served by its primary key."""
    c = conversation_theme.c
    return conn.execute(select(func.count()).select_from(conversation_theme).where(c.theme_id == theme_id)).scalar_one()


def leftovers(conn: Connection) -> list[tuple[int, int]]:
    """Themes that were merged while somebody linked to them, with the one that takes over: `(old, new)`."""
    c = conversation_theme.c
    left = select(c.theme_id).where(c.theme_id == theme.c.id).exists()
    query = select(theme.c.id, theme.c.merged_into).where(theme.c.merged_into.is_not(None), left).order_by(theme.c.id)
    return [(row.id, row.merged_into) for row in conn.execute(query)]


def daily(
    conn: Connection,
    theme_ids: Sequence[int],
    *,
    since: date,
    until: date,
    brand_id: str = "",
    source_id: str | None = None,
) -> list[tuple[int, date, int]]:
    """Conversations per theme and local day in [since, until). Served by the primary key."""
    c = theme_day.c
    query = select(c.theme_id, c.day, func.sum(c.n)).where(
        c.theme_id.in_(sorted(theme_ids)), c.day >= since, c.day < until, c.brand_id == brand_id
    )
    if source_id is not None:
        query = query.where(c.source_id == source_id)
    rows = conn.execute(query.group_by(c.theme_id, c.day).order_by(c.theme_id, c.day))
    return [(row[0], row[1], int(row[2])) for row in rows]


def moods(
    conn: Connection,
    theme_ids: Sequence[int],
    *,
    since: date,
    until: date,
    brand_id: str | None = None,
    source_id: str | None = None,
) -> dict[int, tuple[int, int]]:
    """Of the conversations that raised each theme in [since, until): how many have a sentiment, how many a negative.

    As they stand now. Served by ix_conversation_theme_day.
    """
    c = conversation_theme.c
    joined = conversation_theme.join(conversation, conversation.c.id == c.conversation_id)
    query = (
        select(
            c.theme_id,
            func.count(conversation.c.sentiment),
            func.sum(case((conversation.c.sentiment == "negative", 1), else_=0)),
        )
        .select_from(joined)
        .where(c.theme_id.in_(sorted(theme_ids)), c.day >= since, c.day < until)
        .group_by(c.theme_id)
    )
    if source_id is not None:
        query = query.where(c.source_id == source_id)
    if brand_id is not None:
        query = query.where(holds_brand(c.brand_ids, brand_id))
    return {row[0]: (int(row[1]), int(row[2])) for row in conn.execute(query)}


def raised_in(conn: Connection, theme_id: int, *, since: date, limit: int) -> list[int]:
    """Conversations that raised a theme since a day, latest first. Served by ix_conversation_theme_day."""
    c = conversation_theme.c
    query = select(c.conversation_id).where(c.theme_id == theme_id, c.day >= since)
    return list(conn.execute(query.order_by(c.day.desc(), c.conversation_id.desc()).limit(limit)).scalars())


def verdicts_of(conn: Connection, conversation_id: int) -> dict[int, str]:
    """What was said of themes for one conversation (primary key)."""
    v = theme_verdict.c
    rows = conn.execute(select(v.theme_id, v.verdict).where(v.conversation_id == conversation_id))
    return {row.theme_id: row.verdict for row in rows}


def verdicts_on(conn: Connection, theme_id: int) -> dict[str, int]:
    """How often each thing was said of a theme. Served by ix_theme_verdict_theme."""
    v = theme_verdict.c
    rows = conn.execute(select(v.verdict, func.count()).where(v.theme_id == theme_id).group_by(v.verdict))
    return {row[0]: int(row[1]) for row in rows}


def judge(conn: Connection, store: Store, **values: Any) -> None:
    """Keep what somebody says of a theme for a conversation, in place of what was said before."""
    whole = {"confidence": None, "place": None, **values}
    store.dialect.upsert_rows(conn, theme_verdict, [whole], update=("verdict", "user_id", "at", "confidence", "place"))


def unjudge(conn: Connection, theme_id: int, conversation_id: int) -> None:
    """Forget what was said: it was taken back."""
    v = theme_verdict.c
    conn.execute(theme_verdict.delete().where(v.theme_id == theme_id, v.conversation_id == conversation_id))


def taught(conn: Connection, *, limit: int) -> list[tuple[int, int]]:
    """Links that people made, `(conversation, theme)`, newest first: what suggestions are learned from."""
    c = conversation_theme.c
    query = select(c.conversation_id, c.theme_id).where(c.how.in_(("hand", "suggestion")))
    rows = conn.execute(query.order_by(c.linked_at.desc(), c.conversation_id.desc(), c.theme_id).limit(limit))
    return [(row.conversation_id, row.theme_id) for row in rows]


def newest_model(conn: Connection) -> Row[Any] | None:
    """What was learned last; None before that."""
    return conn.execute(select(theme_model).order_by(theme_model.c.id.desc()).limit(1)).first()


def newest_model_id(conn: Connection) -> int | None:
    """Which model counts."""
    found: int | None = conn.execute(select(func.max(theme_model.c.id))).scalar()
    return found


def keep_model(conn: Connection, store: Store, *, keep: timedelta, **values: Any) -> int:
    """Keep what was learned; older documents go, and figures older than `keep`."""
    model_id = store.new_id()
    conn.execute(theme_model.update().where(theme_model.c.document.is_not(None)).values(document=None))
    conn.execute(theme_model.delete().where(theme_model.c.made_at < values["made_at"] - keep))
    conn.execute(theme_model.insert().values(id=model_id, **values))
    return model_id


_FACTS = ("conversation_id", "day", "source_id", "brand_ids", "how", "linked_by", "linked_at")


def _link(row: Any) -> Link:
    return Link(
        row.theme_id,
        row.conversation_id,
        row.day,
        row.source_id,
        tuple(row.brand_ids or ()),
        row.how,
        row.linked_by,
        row.linked_at,
    )


def _values(link: Link) -> dict[str, Any]:
    facts = {name: getattr(link, name) for name in _FACTS}
    return {"theme_id": link.theme_id, **facts, "brand_ids": list(link.brand_ids)}
