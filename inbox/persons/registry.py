"""Writing down who a person is: badges, note, name, consent; joining accounts to one person and taking that back.

Every change appends an event of the object `person`. A merge changes one column (`merged_into`) of the persons that
join and moves nothing else, so it can be taken back at any time. Who decides is checked at the door; who *may be* one
person is decided by `scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.persons.views import BADGES, Merged
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store.persons import accounts_in, family_of
from store.schema import author, event, person, person_suggestion

PERSON = "person"
LONGEST_NOTE = 5_000
LONGEST_LINE = 200
# One at a time: two people who join A to B and B to A in the same second would make a ring, or wait for each other.
_LOCK = "klankbord persons"


def give_badge(desk: Desk, user: CurrentUser, author_id: int, badge: str) -> int:
    """Give a person a badge; gives the person's id. Quiet when it has it.

    Raises:
        BadInput: no such badge.
        NotFound: no such account.
    """
    if badge not in BADGES:
        raise BadInput(
            Sentence("There is no badge “{badge}”; there are: {options}.", badge=badge, options=tuple(BADGES)),
            badge=badge,
        )
    with desk.store.write() as conn:
        root, *merged = _family(desk, conn, author_id)
        have = _badges(conn, [root, *merged])
        if badge not in {one for badges in have.values() for one in badges}:
            _set(desk, conn, root, badges=[*have[root], badge])
            record(desk, conn, user, (root, "badge_given"), facts={"badge": badge})
        return root


def take_badge(desk: Desk, user: CurrentUser, author_id: int, badge: str) -> int:
    """Take a badge off a person, wherever in the merged persons it stands.

    Raises:
        NotFound: no such account.
    """
    with desk.store.write() as conn:
        root, *merged = _family(desk, conn, author_id)
        holders = [one for one, badges in _badges(conn, [root, *merged]).items() if badge in badges]
        for one in holders:
            kept = [other for other in _badges(conn, [one])[one] if other != badge]
            _set(desk, conn, one, badges=kept)
        if holders:
            record(desk, conn, user, (root, "badge_taken"), facts={"badge": badge, "from": holders})
        return root


def describe(
    desk: Desk,
    user: CurrentUser,
    author_id: int,
    *,
    note: str | None = None,
    name: str | None = None,
    consent: str | None = None,
) -> int:
    """Write the note, the name or the consent note of a person; what is None stays. Empty takes it away.

    Raises:
        BadInput: too long.
        NotFound: no such account.
    """
    wanted: dict[str, Any] = {}
    for column, value, longest in (
        ("notes", note, LONGEST_NOTE),
        ("name", name, LONGEST_LINE),
        ("consent", consent, LONGEST_LINE),
    ):
        if value is None:
            continue
        clean = printable(value).strip()
        if len(clean) > longest:
            raise BadInput(
                Sentence("Keep it to {most} characters; this has {n}.", most=longest, n=len(clean)), field=column
            )
        wanted[column] = clean if column == "notes" else clean or None
    with desk.store.write() as conn:
        root = _family(desk, conn, author_id)[0]
        row = conn.execute(select(person).where(person.c.id == root).with_for_update()).one()
        changed = {column: value for column, value in wanted.items() if getattr(row, column) != value}
        if changed:
            _set(desk, conn, root, **changed)
            before = {column: getattr(row, column) for column in changed}
            record(desk, conn, user, (root, "person_described"), facts=changed, before=before)
        return root


def accept(desk: Desk, user: CurrentUser, author_id: int, other_id: int) -> Merged:
    """Say yes: both accounts are one person. Safe to repeat.

    Raises:
        NotFound: no such account.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, _LOCK)
        ours, theirs = _family(desk, conn, author_id), _family(desk, conn, other_id)
        if author_id == other_id:
            return Merged(ours[0], 0, {})
        _decide(desk, conn, user, (author_id, other_id), "accepted")
        if ours[0] == theirs[0]:
            return Merged(ours[0], 0, {})
        # Who was known first stays the root, whatever was clicked: links to it go on standing.
        root, joining = (ours[0], theirs) if ours[0] < theirs[0] else (theirs[0], ours)
        moved = {one: (None if one == joining[0] else joining[0]) for one in joining}
        conn.execute(person.update().where(person.c.id.in_(joining)).values(merged_into=root, updated_at=desk.clock()))
        facts = {"joined": joining[0], "moved": [[one, was] for one, was in moved.items()]}
        facts |= {"accounts": accounts_in(conn, joining), "pair": sorted((author_id, other_id))}
        return Merged(root, record(desk, conn, user, (root, "persons_merged"), facts=facts), moved)


def refuse(desk: Desk, user: CurrentUser, author_id: int, other_id: int) -> None:
    """Say no: these are two people. The suggestion never comes back.

    Raises:
        NotFound: no such account.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, _LOCK)
        root = _family(desk, conn, author_id)[0]
        _account(conn, other_id)
        _decide(desk, conn, user, (author_id, other_id), "refused")
        record(desk, conn, user, (root, "suggestion_refused"), facts={"accounts": sorted((author_id, other_id))})


def split(desk: Desk, user: CurrentUser, author_id: int) -> int:
    """Take one account's person out of the persons it was joined to; gives the person it is from now on.

    The others stay together. That they are not one person counts as said, so it is not suggested again.

    Raises:
        NotFound: no such account.
        BadInput: it stands alone already.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, _LOCK)
        root, *merged = _family(desk, conn, author_id)
        home = _account(conn, author_id).person_id
        rest = [one for one in (root, *merged) if one != home]
        if not rest:
            raise BadInput(Sentence("This account stands alone already."))
        heir = rest[0] if home == root else root
        _join(conn, [one for one in rest if one != heir], heir)
        _join(conn, [home, heir], None)
        accounts = accounts_in(conn, [home])
        record(desk, conn, user, (heir, "person_split"), facts={"left": home, "accounts": accounts})
        record(desk, conn, user, (home, "person_split"), facts={"left": home, "from": heir, "accounts": accounts})
        for mine in accounts:
            for theirs in accounts_in(conn, rest):
                _decide(desk, conn, user, (mine, theirs), "refused")
        return int(home)


def unmerge(desk: Desk, user: CurrentUser, event_id: int) -> None:
    """Take a merge back: everybody who came along with it stands as before, whatever was noted since.

    Raises:
        NotFound: no such merge.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, _LOCK)
        done = conn.execute(
            select(event).where(
                event.c.id == event_id, event.c.object_type == PERSON, event.c.action == "persons_merged"
            )
        ).first()
        if done is None:
            raise NotFound(what="merge", key=event_id)
        facts = done.after["facts"]
        root = int(done.object_id)
        together = set(family_of(conn, root))
        still = [one for one, _was in facts["moved"] if one in together]
        if facts["joined"] not in still:
            return
        _join(conn, [one for one in still if one != facts["joined"]], facts["joined"])
        _join(conn, [facts["joined"]], None)
        low, high = facts["pair"]
        conn.execute(
            person_suggestion.update()
            .where(person_suggestion.c.author_id == low, person_suggestion.c.other_id == high)
            .values(state="open", decided_by=None, decided_at=None)
        )
        record(desk, conn, user, (root, "merge_taken_back"), facts={"left": facts["joined"]})


def record(
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    of: tuple[int, str],
    *,
    facts: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> int:
    """Append an event `of` (person, action); gives its id."""
    person_id, action = of
    after = {"facts": dict(facts)}
    return events.append(desk, conn, (PERSON, str(person_id)), action, actor_id=user.id, before=before, after=after)


def _account(conn: Connection, author_id: int) -> Any:
    row = conn.execute(
        select(author.c.id, author.c.person_id).where(author.c.id == author_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what="account", key=author_id)
    return row


def _family(desk: Desk, conn: Connection, author_id: int) -> list[int]:
    """The person behind an account and who was merged into it, root first; made when there is none yet."""
    row = _account(conn, author_id)
    if row.person_id is not None:
        return family_of(conn, row.person_id)
    now = desk.clock()
    person_id = desk.store.new_id()
    conn.execute(person.insert().values(id=person_id, notes="", badges=[], created_at=now, updated_at=now))
    conn.execute(author.update().where(author.c.id == author_id).values(person_id=person_id))
    return [person_id]


def _badges(conn: Connection, person_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = conn.execute(select(person.c.id, person.c.badges).where(person.c.id.in_(person_ids)).with_for_update())
    return {row.id: list(row.badges or ()) for row in rows}


def _set(desk: Desk, conn: Connection, person_id: int, **values: Any) -> None:
    conn.execute(person.update().where(person.c.id == person_id).values(**values, updated_at=desk.clock()))


def _join(conn: Connection, person_ids: Sequence[int], root: int | None) -> None:
    if person_ids:
        conn.execute(person.update().where(person.c.id.in_(person_ids)).values(merged_into=root))


def _decide(desk: Desk, conn: Connection, user: CurrentUser, pair: tuple[int, int], state: str) -> None:
    """Keep what was said about two accounts, whether it was suggested or not."""
    low, high = sorted(pair)
    values = {"state": state, "decided_by": user.id, "decided_at": desk.clock()}
    mine = (person_suggestion.c.author_id == low, person_suggestion.c.other_id == high)
    row = {"author_id": low, "other_id": high, "score": 0.0, "reasons": [], "found_at": desk.clock(), **values}
    # The worker may suggest the same pair in this very moment.
    desk.store.dialect.insert_or_keep(conn, person_suggestion, [row], unique=("author_id", "other_id"))
    conn.execute(person_suggestion.update().where(*mine).values(**values))
