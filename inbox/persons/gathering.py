"""Looking for accounts that may be one person: a duty of the worker, a bounded stretch of new mentions at a time.

Each run goes on where the last one ended (`setting` persons_read), so that an archive of millions is worked off
quietly. Nobody is merged here: what reaches the bar is written down as a suggestion for somebody to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.persons import clues, scoring
from inbox.settings import InboxSettings
from store.engine import Store
from store.facts import fact, keep_fact
from store.persons import clues_of, family_of, sharing
from store.schema import author, mention, person_clue, person_suggestion

READ_UP_TO = "persons_read"
# A clue that more accounts share than this says nothing of any of them.
MOST_SHARING = 8
MOST_CLUES = 80
# Ids of a commit that is still under way may lie behind ones that were read already.
_SETTLED = timedelta(minutes=1)


def gather(store: Store, settings: InboxSettings, now: datetime, *, limit: int = 300) -> int:
    """Read the next mentions and write down suggestions; how many mentions were read. Safe to repeat."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        at = fact(conn, READ_UP_TO) or 0
        rows = conn.execute(
            select(mention.c.id, mention.c.author_id, mention.c.text, mention.c.direction, mention.c.first_seen_at)
            .where(mention.c.id > at)
            .order_by(mention.c.id)
            .limit(limit)
        ).all()
    read = [row for row in rows if row.first_seen_at <= now - _SETTLED]
    if not read:
        return 0
    said: dict[int, set[str]] = {}
    for row in read:
        if row.author_id is not None and row.direction == "inbound":
            said.setdefault(row.author_id, set()).update(clues.of_text(row.text))
    for author_id, found in sorted(said.items()):
        look_at(desk, author_id, found)
    with store.write() as conn:
        keep_fact(store, conn, READ_UP_TO, read[-1].id)
    return len(read)


def look_at(desk: Desk, author_id: int, said: Iterable[str] = ()) -> int:
    """Keep the clues of one account and suggest who may be the same person; how many suggestions stand open now."""
    with desk.store.read() as conn:
        row = conn.execute(select(author).where(author.c.id == author_id)).first()
        if row is None:
            return 0
        own = clues.of_profile(clues.Profile(row.platform, row.handle, row.name, row.url))
        known = clues_of(conn, [author_id]).get(author_id, frozenset())
        fresh = sorted((own | set(said)) - known)[: max(0, MOST_CLUES - len(known))]
        found = _candidates(conn, author_id, known | set(fresh))
    if not fresh and not found:  # most accounts, most of the time: no write lock for them
        return 0
    with desk.store.write() as conn:
        rows = [{"clue": one, "author_id": author_id} for one in fresh]
        desk.store.dialect.insert_or_keep(conn, person_clue, rows, unique=("clue", "author_id"))
        for other_id, likeness in found.items():
            _suggest(desk, conn, (author_id, other_id), likeness)
    return len(found)


def _candidates(conn: Connection, author_id: int, mine: frozenset[str]) -> dict[int, scoring.Likeness]:
    """Accounts that reach the bar. Each clue is looked up once, along the primary key."""
    others: set[int] = set()
    common: set[str] = set()
    for clue in sorted(mine):
        for wanted in clues.counterparts(clue):
            found = sharing(conn, wanted, limit=MOST_SHARING + 2)
            if len(found) > MOST_SHARING:
                common.add(wanted)
            else:
                others.update(found)
    others.discard(author_id)
    if not others:
        return {}
    accounts = _accounts(conn, [author_id, *sorted(others)[:50]], {author_id: mine})
    family = set(_family_accounts(conn, author_id))
    compared = {
        other_id: scoring.compare(accounts[author_id], account, common=common)
        for other_id, account in accounts.items()
        if other_id != author_id and other_id not in family
    }
    return {other_id: likeness for other_id, likeness in compared.items() if likeness.suggested}


def _accounts(
    conn: Connection, author_ids: Sequence[int], extra: dict[int, frozenset[str]]
) -> dict[int, scoring.Account]:
    known = clues_of(conn, author_ids)
    rows = conn.execute(
        select(author.c.id, author.c.platform, author.c.is_bot, author.c.is_staff).where(author.c.id.in_(author_ids))
    )
    return {
        row.id: scoring.Account(
            row.platform,
            known.get(row.id, frozenset()) | extra.get(row.id, frozenset()),
            bool(row.is_bot),
            bool(row.is_staff),
        )
        for row in rows
    }


def _family_accounts(conn: Connection, author_id: int) -> list[int]:
    person_id = conn.execute(select(author.c.person_id).where(author.c.id == author_id)).scalar()
    if person_id is None:
        return [author_id]
    return list(conn.execute(select(author.c.id).where(author.c.person_id.in_(family_of(conn, person_id)))).scalars())


def _suggest(desk: Desk, conn: Connection, pair: tuple[int, int], likeness: scoring.Likeness) -> None:
    """Write a suggestion down, or bring an open one up to date; what was answered stays answered."""
    low, high = sorted(pair)
    mine = (person_suggestion.c.author_id == low, person_suggestion.c.other_id == high)
    values = {"score": likeness.score, "reasons": list(likeness.reasons)}
    state = conn.execute(select(person_suggestion.c.state).where(*mine)).scalar()
    if state is None:
        row = {"author_id": low, "other_id": high, "state": "open", "found_at": desk.clock(), **values}
        desk.store.dialect.insert_or_keep(conn, person_suggestion, [row], unique=("author_id", "other_id"))
    elif state == "open":
        conn.execute(person_suggestion.update().where(*mine).values(**values))
