"""The customer panel: everything that is known of the person behind a conversation, read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from inbox import lists
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.persons import history
from inbox.persons.registry import PERSON
from inbox.persons.views import AccountView, BadgeView, CustomerView, SuggestionView
from inbox.views import PersonRef
from store.contacts import accounts_of
from store.persons import PersonRow, family_of, ordered, persons_by_id, suggestions_of
from store.thread import AuthorRow, authors_by_id, events_of

_EVENTS = 100
_MOST_SUGGESTIONS = 5


def customer(desk: Desk, author_id: int, *, limit: int = 20) -> CustomerView:
    """A person as the panel shows it, by one of their accounts; `limit` contacts of the history.

    Raises:
        NotFound: no such account.
    """
    with desk.store.read() as conn:
        ids = accounts_of(conn, author_id)
        accounts = authors_by_id(conn, ids)
        own = accounts.get(author_id)
        if own is None:
            raise NotFound(what="account", key=author_id)
        family = [] if own.person_id is None else family_of(conn, own.person_id)
        persons = persons_by_id(conn, family)
        root = persons.get(family[0]) if family else None
        found = history.walked(conn, ids)
        sources = lists.source_names(conn)
        shown = history.page(conn, found, sources, limit=limit)
        counted = history.counts(conn, found, ids)
        badges = _badges(conn, persons, family)
        suggested = _suggestions(conn, ids)
    return CustomerView(
        author_id=author_id,
        person_id=None if root is None else root.id,
        name=(root.name if root else None) or own.name or own.handle or "",
        known_as=root.name if root else None,
        consent=root.consent if root else None,
        notes=root.notes if root else "",
        merged_notes=tuple(persons[one].notes for one in family[1:] if one in persons and persons[one].notes),
        accounts=tuple(_account(accounts[one], several=len(family) > 1) for one in ids if one in accounts),
        badges=badges,
        suggestions=suggested,
        counts=counted,
        history=shown,
        more=len(found.latest) > limit,
    )


def _account(row: AuthorRow, *, several: bool) -> AccountView:
    return AccountView(
        id=row.id,
        platform=row.platform,
        name=row.name or row.handle or "",
        handle=row.handle,
        url=row.url,
        followers=row.followers,
        is_staff=row.is_staff,
        is_bot=row.is_bot,
        can_split=several,
    )


def _badges(conn: Connection, persons: Mapping[int, PersonRow], family: Sequence[int]) -> tuple[BadgeView, ...]:
    """Badges with who gave them last. Who gave what stands in the person's events."""
    codes = ordered(code for row in persons.values() for code in row.badges)
    if not codes:
        return ()
    given: dict[str, tuple[datetime, int | None]] = {}
    for one in family:
        for event in events_of(conn, PERSON, str(one), limit=_EVENTS):
            code = ((event.after or {}).get("facts") or {}).get("badge")
            if event.action == "badge_given" and code in codes:
                given[code] = max(given.get(code, (event.at, event.actor_id)), (event.at, event.actor_id))
    names = lists.names_of(conn, [user_id for _at, user_id in given.values()])
    views = []
    for code in codes:
        at, user_id = given.get(code, (None, None))
        views.append(BadgeView(code, PersonRef(user_id, names.get(user_id, "?")) if user_id else None, at))
    return tuple(views)


def _suggestions(conn: Connection, ids: Sequence[int]) -> tuple[SuggestionView, ...]:
    open_ones = [
        one for one in suggestions_of(conn, ids, states=("open",)) if not {one.author_id, one.other_id} <= set(ids)
    ]
    open_ones = open_ones[:_MOST_SUGGESTIONS]
    others = authors_by_id(conn, [one.other_id if one.author_id in ids else one.author_id for one in open_ones])
    views = []
    for one in open_ones:
        mine, other = (one.author_id, one.other_id) if one.author_id in ids else (one.other_id, one.author_id)
        row = others.get(other)
        if row is None:
            continue
        views.append(
            SuggestionView(
                account_id=mine,
                other_id=other,
                platform=row.platform,
                name=row.name or row.handle or "",
                handle=row.handle,
                url=row.url,
                score=one.score,
                reasons=one.reasons,
            )
        )
    return tuple(views)
