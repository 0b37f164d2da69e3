"""What filters and menus offer."""

from __future__ import annotations

from sqlalchemy import func, select

from inbox import lists
from inbox.desk import Desk
from inbox.permissions import PERMISSIONS, Permission
from inbox.views import Choice, Choices, CurrentUser, PersonRef
from store import brands
from store.badges import facet
from store.filters import ConversationFilter
from store.schema import conversation_tag, user_account

_MOST_TAGS = 200
_WORKING = [role.value for role, granted in PERMISSIONS.items() if Permission.NOTE in granted]


def choices(desk: Desk, _user: CurrentUser) -> Choices:
    """Everything the filters and menus offer; sources and languages with how many open conversations each has."""
    every = ConversationFilter()
    with desk.store.read() as conn:
        by_source = facet(conn, every, "source_id")
        by_lang = facet(conn, every, "lang")
        sources = lists.source_names(conn)
        tags = conn.execute(
            select(conversation_tag.c.tag, func.count().label("n"))
            .group_by(conversation_tag.c.tag)
            .order_by(func.count().desc(), conversation_tag.c.tag)
            .limit(_MOST_TAGS)
        ).all()
        people = conn.execute(
            select(user_account.c.id, user_account.c.name).where(
                user_account.c.active, user_account.c.role.in_(_WORKING)
            )
        ).all()
    return Choices(
        sources=_named(sources, by_source),
        brands=_named(brands.brand_names(desk.store), {}),
        languages=tuple(Choice(lang, lang, n) for lang, n in by_lang.items() if lang),
        tags=tuple(Choice(row.tag, row.tag, row.n) for row in tags),
        teams=tuple(Choice(team.id, team.name or team.id, None) for team in desk.settings.teams),
        people=tuple(
            sorted((PersonRef(row.id, row.name) for row in people), key=lambda person: person.name.casefold())
        ),
    )


def _named(names: dict[str, str], n: dict[str, int]) -> tuple[Choice, ...]:
    found = [Choice(value, label, n.get(value)) for value, label in names.items()]
    return tuple(sorted(found, key=lambda choice: choice.label.casefold()))
