"""Copies on their way in: the same text, or nearly, within 30 days folds under the first one seen.

Best match only and no chains: what others fold under is never folded itself. Exact copies are found by one hash.
Others by the few keys that their `Near` came with, of which each leads to at most `UNDER_A_KEY` mentions, so that a
phrase that thousands share costs no more than one that nobody shares; `Near.likeness` then decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from store.engine import Store
from store.records import Near
from store.schema import conversation, dup_key, mention, near_key

WINDOW = timedelta(days=30)
UNDER_A_KEY = 20
"""Mentions that one key leads to. A key that has so many is a turn of phrase, and is given to no more."""
READ = 8
"""Candidates whose texts are read and compared, those that share most keys first."""
_READ_OF = 10_000
"""Code points read of a candidate; likeness looks at less."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new mention that may repeat another. `sort_at` aware UTC; `dup_hash` None when it never folds.

    `said` has its title, text, kind and url, for others of its page to be compared with.
    """

    mention_id: int
    dup_hash: int | None
    sort_at: datetime
    near: Near | None = None
    said: Any = None


@dataclass(frozen=True, slots=True)
class _First:
    """What others may fold under."""

    mention_id: int
    sort_at: datetime
    said: Any


@dataclass(slots=True)
class _Seen:
    """What stands under the keys of a page, and what the page itself adds while it is gone through."""

    exact: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    near: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    shapes: dict[int, bytes | None] = field(default_factory=dict)
    firsts: dict[int, _First] = field(default_factory=dict)
    met: dict[int, list[int]] = field(default_factory=dict)
    """Whom each was found to meet in the store."""
    added: set[int] = field(default_factory=set)
    """Keys under which something of the page stands."""


def find_duplicates(conn: Connection, store: Store, candidates: Sequence[Candidate]) -> dict[int, int]:
    """Which new mention repeats which; remembers the others as first ones. Returns mention id -> first one's id.

    Within a page the oldest is the first, whatever the order in which a source gives them.
    """
    able = sorted(
        (each for each in candidates if each.dup_hash is not None), key=lambda each: (each.sort_at, each.mention_id)
    )
    if not able:
        return {}
    seen = _stored(conn, store, able)
    fresh: list[Candidate] = []
    folded: dict[int, int] = {}
    for each in able:
        first = _exact(seen, each) or _nearest(seen, each)
        if first is not None:
            folded[each.mention_id] = first
            continue
        fresh.append(each)
        _remember(seen, each)
    _register(conn, store, fresh, seen)
    return folded


def unseen(conn: Connection, store: Store, folded: Mapping[int, int]) -> set[int]:
    """Those that these fold under whose conversation was only kept, because it was found long after it was said."""
    if not folded:
        return set()
    query = select(mention.c.id).join(conversation, conversation.c.id == mention.c.conversation_id)
    old = (conversation.c.status == "archived", conversation.c.status_reason == "old")
    return set(conn.execute(query.where(store.dialect.among(mention.c.id, set(folded.values())), *old)).scalars())


def register(conn: Connection, store: Store, each: Candidate) -> None:
    """Let copies fold under a stored mention; where an exact one stands already, that one stays the first."""
    seen = _stored(conn, store, [each])
    stands = _exact(seen, each) is not None
    _remember(seen, each)
    _register(conn, store, [replace(each, dup_hash=None) if stands else each], seen)


def alike_firsts(conn: Connection, store: Store, each: Candidate) -> list[int]:
    """The first ones, but for itself, that a stored mention says the same as, the best first, of equals the older."""
    seen = _Seen()
    exact = conn.execute(_EXACT.where(dup_key.c.dup_hash == each.dup_hash)).first()
    same = None if exact is None or exact.mention_id == each.mention_id else exact.mention_id
    for row in conn.execute(_NEAR.where(near_key.c.key.in_(() if each.near is None else each.near.keys))):
        if row.mention_id != each.mention_id:
            seen.near[row.key].append(row.mention_id)
    wanted = {*_met(seen, each), *(() if same is None else (same,))}
    firsts = _read(conn, store, wanted, [each.sort_at]) if wanted else {}
    found = []
    for met, first in firsts.items():
        alike = 1.0 if met == same else 0.0 if each.near is None else each.near.likeness(first.said)
        if alike > 0 and abs(each.sort_at - first.sort_at) <= WINDOW:
            found.append((-alike, first.sort_at, met))
    return [met for _, _, met in sorted(found)]


def forget_keys(conn: Connection, store: Store, mention_ids: Sequence[int], hashes: Sequence[int | None]) -> None:
    """Let nothing fold any more under mentions whose text changed or went. `hashes` are their exact ones, if any."""
    gone = [
        {"at_hash": dup_hash, "at_id": mention_id}
        for mention_id, dup_hash in zip(mention_ids, hashes, strict=True)
        if dup_hash is not None
    ]
    if not gone:
        return
    conn.execute(dup_key.delete().where(*_OF_ONE), gone)
    conn.execute(near_key.delete().where(store.dialect.among(near_key.c.mention_id, [each["at_id"] for each in gone])))


def inherit_keys(conn: Connection, gone: int, dup_hash: int | None, heir: int) -> None:
    """Let fold under one mention what would have folded under another, which it is a copy of."""
    conn.execute(dup_key.update().where(*_OF_ONE).values(mention_id=heir), [{"at_hash": dup_hash or 0, "at_id": gone}])
    # The heir says nearly the same, so that the sketch of the other's words may leave out what repeats its own.
    conn.execute(near_key.update().where(near_key.c.mention_id == gone).values(mention_id=heir, shape=None))


_OF_ONE = (dup_key.c.dup_hash == bindparam("at_hash"), dup_key.c.mention_id == bindparam("at_id"))


def count_duplicates(conn: Connection, store: Store, folded: Mapping[int, int]) -> None:
    """Count folded mentions at the conversations of what they fold under. No new `version`: nobody's work changed."""
    if not folded:
        return
    times = Counter(folded.values())
    rows = conn.execute(select(mention.c.id, mention.c.conversation_id).where(store.dialect.among(mention.c.id, times)))
    added: Counter[int] = Counter()
    for row in rows:
        added[row.conversation_id] += times[row.id]
    conn.execute(
        conversation.update()
        .where(conversation.c.id == bindparam("at_id"))
        .values(n_duplicates=conversation.c.n_duplicates + bindparam("more")),
        [{"at_id": conversation_id, "more": added[conversation_id]} for conversation_id in sorted(added)],
    )


def _stored(conn: Connection, store: Store, candidates: Sequence[Candidate]) -> _Seen:
    """What the store holds under the keys of these."""
    seen = _Seen()
    among = store.dialect.among
    hashes = {each.dup_hash for each in candidates if each.dup_hash is not None}
    for dup_hash, mention_id, at in conn.execute(_EXACT.where(among(dup_key.c.dup_hash, sorted(hashes)))).all():
        seen.exact[dup_hash] = (mention_id, at)
    looking = [each for each in candidates if each.near is not None and _exact(seen, each) is None]
    keys = {key for each in looking if each.near is not None for key in each.near.keys}
    if not keys:
        return seen
    shapes = seen.shapes
    for key, mention_id, shape in conn.execute(_NEAR.where(among(near_key.c.key, sorted(keys)))).all():
        seen.near[key].append(mention_id)
        shapes[mention_id] = shape
    wanted: set[int] = set()
    for each in looking:
        found = seen.met[each.mention_id] = _met(seen, each)
        wanted.update(met for met in found if _possible(each, shapes.get(met)))
    if wanted:
        seen.firsts = _read(conn, store, wanted, [each.sort_at for each in looking])
    return seen


def _read(conn: Connection, store: Store, ids: Collection[int], said_at: Collection[datetime]) -> dict[int, _First]:
    """Those of these mentions that what was said at such instants may fold under, with what they say."""
    within = mention.c.sort_at.between(min(said_at) - WINDOW, max(said_at) + WINDOW)
    rows = conn.execute(_FIRSTS.where(store.dialect.among(mention.c.id, ids), within)).all()
    return {row.id: _First(row.id, row.sort_at, row) for row in rows}


_FIRSTS = select(
    mention.c.id,
    mention.c.sort_at,
    mention.c.title,
    func.substr(mention.c.text, 1, _READ_OF).label("text"),
    mention.c.kind,
    mention.c.url,
).where(or_(mention.c.dup_of.is_(None), mention.c.dup_of == mention.c.id), mention.c.deleted_at.is_(None))
_EXACT = select(dup_key.c.dup_hash, dup_key.c.mention_id, dup_key.c.at)
_NEAR = select(near_key.c.key, near_key.c.mention_id, near_key.c.shape)


def _possible(each: Candidate, shape: bytes | None) -> bool:
    """Whether the likeness of two may be above 0, as far as a sketch of the other tells."""
    return each.near is None or each.near.possible is None or each.near.possible(shape)


def _met(seen: _Seen, each: Candidate) -> list[int]:
    """The mentions that share most keys with this one, at most `READ`, in any order; of equals the older."""
    if each.near is None:
        return []
    listed = [seen.near[key] for key in each.near.keys if key in seen.near]
    shared = set().union(*listed)
    if len(shared) <= READ:
        return list(shared)
    times = Counter(chain.from_iterable(listed))
    return [met for _, met in sorted((-times[met], met) for met in shared)[:READ]]


def _exact(seen: _Seen, each: Candidate) -> int | None:
    first = None if each.dup_hash is None else seen.exact.get(each.dup_hash)
    return first[0] if first is not None and abs(each.sort_at - first[1]) <= WINDOW else None


def _nearest(seen: _Seen, each: Candidate) -> int | None:
    """The first one that this repeats best; of equals the older."""
    if each.near is None:
        return None
    best: tuple[float, datetime, int] | None = None
    found = seen.met.get(each.mention_id)
    if found is None or not seen.added.isdisjoint(each.near.keys):
        found = _met(seen, each)
    for met in found:
        first = seen.firsts.get(met)
        if first is None or abs(each.sort_at - first.sort_at) > WINDOW or not _possible(each, seen.shapes.get(met)):
            continue
        alike = each.near.likeness(first.said)
        judged = (-alike, first.sort_at, met)
        if alike > 0 and (best is None or judged < best):
            best = judged
    return None if best is None else best[2]


def _remember(seen: _Seen, each: Candidate) -> None:
    if each.dup_hash is not None:
        seen.exact[each.dup_hash] = (each.mention_id, each.sort_at)
    if each.near is not None:
        seen.firsts[each.mention_id] = _First(each.mention_id, each.sort_at, each.said)
        seen.shapes[each.mention_id] = each.near.shape
        seen.added.update(each.near.keys)
        for key in each.near.keys:
            if len(seen.near[key]) < UNDER_A_KEY:
                seen.near[key].append(each.mention_id)


def _register(conn: Connection, store: Store, fresh: Sequence[Candidate], seen: _Seen) -> None:
    exact = {each.dup_hash: each for each in fresh if each.dup_hash is not None}
    store.dialect.add_rows(
        conn,
        dup_key,
        ("dup_hash", "mention_id", "at"),
        [(dup_hash, exact[dup_hash].mention_id, exact[dup_hash].sort_at) for dup_hash in sorted(exact)],
        replace=("mention_id", "at"),
    )
    rows = [
        (key, each.mention_id, each.near.shape or None)
        for each in fresh
        if each.near is not None
        for key in dict.fromkeys(each.near.keys)
        if each.mention_id in seen.near[key]
    ]
    rows.sort()  # neighbours of the table follow each other
    store.dialect.insert_rows(conn, near_key, ("key", "mention_id", "shape"), rows)
