"""What filters and menus offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from inbox import lists
from inbox.desk import Desk
from inbox.permissions import PERMISSIONS, Permission
from inbox.views import Choice, Choices, CurrentUser, PersonRef
from store import brands
from store.badges import facet
from store.filters import ConversationFilter
from store.schema import conversation_tag, source, user_account
from store.tagging import TagWords, words_of_tags
from store.theming import all_themes

_MOST_TAGS = 200
_WORKING = [role.value for role, granted in PERMISSIONS.items() if Permission.NOTE in granted]


_FRESH_S = 10.0


def choices(desk: Desk, _user: CurrentUser) -> Choices:
    """Everything the filters and menus offer; at most ten seconds old, as every redraw asks for it."""
    return desk.recent.get("choices", desk.clock(), seconds=_FRESH_S, read=lambda: _read(desk))


def _read(desk: Desk) -> Choices:
    every = ConversationFilter()
    with desk.store.read() as conn:
        by_source = facet(conn, every, "source_id")
        by_lang = facet(conn, every, "lang")
        sources = lists.source_names(conn)
        platforms = conn.scalars(select(source.c.platform).distinct().order_by(source.c.platform)).all()
        described = words_of_tags(conn)
        tags = _tags(conn, described)
        themes = [row for row in all_themes(conn) if row.archived_at is None]
        people = conn.execute(
            select(user_account.c.id, user_account.c.login, user_account.c.name).where(
                user_account.c.active, user_account.c.role.in_(_WORKING)
            )
        ).all()
    teams = told_apart({team.id: team.name or team.id for team in desk.settings.teams})
    names = told_apart({row.login: row.name for row in people})
    return Choices(
        sources=_named(sources, by_source),
        platforms=tuple(platforms),
        brands=_named(brands.brand_names(desk.store), {}),
        languages=tuple(Choice(lang, lang, n) for lang, n in by_lang.items() if lang),
        tags=tags,
        themes=tuple(Choice(str(row.id), row.name) for row in themes),
        tag_words={name: (one.colour or "", one.description) for name, one in described.items()},
        teams=tuple(Choice(team_id, label, None) for team_id, label in teams.items()),
        people=tuple(
            sorted((PersonRef(row.id, names[row.login]) for row in people), key=lambda person: person.name.casefold())
        ),
    )


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The same names by key, each only once: two colleagues who are both called Jan are told apart by their keys."""
    often = Counter(names.values())
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in names.items()}


def _tags(conn: Connection, described: Mapping[str, TagWords]) -> tuple[Choice, ...]:
    """Tags in use, most used first, then those that are only described; without retired ones."""
    c = conversation_tag.c
    used = conn.execute(
        select(c.tag, func.count().label("n")).group_by(c.tag).order_by(func.count().desc(), c.tag).limit(_MOST_TAGS)
    ).all()
    retired = {name for name, words in described.items() if words.archived_at is not None}
    names = dict.fromkeys([*(row.tag for row in used), *described])
    counts = {row.tag: row.n for row in used}
    return tuple(Choice(name, name, counts.get(name, 0)) for name in names if name not in retired)


def _named(names: dict[str, str], n: dict[str, int]) -> tuple[Choice, ...]:
    found = [Choice(value, label, n.get(value)) for value, label in told_apart(names).items()]
    return tuple(sorted(found, key=lambda choice: choice.label.casefold()))
