"""Templates: ready-made answers of everybody, of a team, or of oneself. Never deleted, only put away.

Shared and team templates are for those who manage the work; one's own are for whoever may write answers.
"""

from __future__ import annotations

from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Permission
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from inbox.writing import facts
from inbox.writing.fill import VARIABLES, fill, unknown_in
from inbox.writing.views import Filled, Scope, TemplateView
from store import templates as rows
from store.schema import template

LONGEST_NAME = 80
LONGEST_TEXT = 10_000
_NO_LANGUAGE = frozenset({"", "und"})


def listed(
    desk: Desk, user: CurrentUser, *, search: str = "", lang: str | None = None, archived: bool = False
) -> tuple[TemplateView, ...]:
    """The templates somebody may use, in the order a picker offers them.

    Args:
        desk: store, settings, clock.
        user: who asks; sees shared ones, those of the own team (who manages the work: of all teams) and the own.
        search: every word has to stand in the name or the text.
        lang: language of the conversation: templates in it first, then those without a language, then others.
        archived: those that were put away instead.
    """
    with desk.store.read() as conn:
        found = [*rows.of_owner(conn, None), *rows.of_owner(conn, user.id)]
    views = [_view(row, user) for row in found if (row.archived_at is not None) == archived and _may_see(row, user)]
    wanted = search.casefold().split()
    matching = [one for one in views if all(word in f"{one.name}\n{one.text}".casefold() for word in wanted)]
    return tuple(sorted(matching, key=lambda one: (_language_rank(one.lang, lang), -one.n_used, one.name.casefold())))


def save(
    desk: Desk,
    user: CurrentUser,
    template_id: int | None,
    *,
    name: str,
    text: str,
    lang: str | None,
    scope: Scope,
    team_id: str | None = None,
) -> TemplateView:
    """Make a template (no id) or change one.

    Raises:
        BadInput: an empty or too long name or text, a variable that does not exist, a name that is taken, no team.
        NotAllowed: it is not for this person to change.
        NotFound: no such template.
    """
    clean_name, clean = " ".join(printable(name).split()), printable(text).strip()
    _check(clean_name, clean)
    team = team_id if scope is Scope.TEAM else None
    if scope is Scope.TEAM and team not in {one.id for one in desk.settings.teams}:
        raise BadInput(Sentence("Choose the team this template is for."))
    _check_scope(user, scope)
    owner = user.id if scope is Scope.PERSONAL else None
    language = None if lang is None or lang in _NO_LANGUAGE else lang
    with desk.store.write() as conn:
        now = desk.clock()
        standing = None if template_id is None else _editable(rows.by_id(conn, template_id, lock=True), user)
        for other in rows.of_owner(conn, owner):
            same = (other.name.casefold(), other.team_id, other.lang) == (clean_name.casefold(), team, language)
            if same and other.archived_at is None and other.id != template_id:
                raise BadInput(
                    Sentence(
                        "There is a template “{name}” already; change that one, or choose another name.",
                        name=clean_name,
                    ),
                    name=clean_name,
                )
        values = {
            "name": clean_name,
            "text": clean,
            "lang": language,
            "team_id": team,
            "owner_id": owner,
            "updated_at": now,
        }
        if standing is None:
            made = desk.store.new_id()
            conn.execute(template.insert().values(id=made, created_by=user.id, created_at=now, n_used=0, **values))
        else:
            made = standing.id
            conn.execute(template.update().where(template.c.id == made).values(**values))
        row = rows.by_id(conn, made)
    if row is None:
        raise NotFound(what="template", key=made)
    return _view(row, user)


def put_away(desk: Desk, user: CurrentUser, template_id: int, *, archived: bool) -> TemplateView:
    """Put a template away, so that nobody is offered it, or bring it back.

    Raises:
        NotFound, NotAllowed: see `save`.
    """
    with desk.store.write() as conn:
        standing = _editable(rows.by_id(conn, template_id, lock=True), user)
        when = desk.clock() if archived else None
        if (standing.archived_at is not None) != archived:
            conn.execute(template.update().where(template.c.id == template_id).values(archived_at=when))
        row = rows.by_id(conn, template_id)
    if row is None:
        raise NotFound(what="template", key=template_id)
    return _view(row, user)


def filled(desk: Desk, user: CurrentUser, conversation_id: int, template_id: int) -> Filled:
    """A template filled in for a conversation.

    Raises:
        NotFound: no such conversation or template, or not one this person may use.
    """
    with desk.store.read() as conn:
        row = rows.by_id(conn, template_id)
        if row is None or not _may_see(row, user):
            raise NotFound(what="template", key=template_id)
        values = facts.values_of(conn, facts.facts_of(conn, conversation_id), user)
    return fill(row.text, values, template_id=row.id)


def offered(
    desk: Desk, user: CurrentUser, conversation_id: int, *, search: str = "", limit: int = 30
) -> tuple[tuple[TemplateView, Filled], ...]:
    """Templates for a conversation, its language first, each filled in for it.

    Raises:
        NotFound: no such conversation.
    """
    with desk.store.read() as conn:
        known = facts.facts_of(conn, conversation_id)
        values = facts.values_of(conn, known, user)
    found = listed(desk, user, search=search, lang=known.row.lang)[:limit]
    return tuple((one, fill(one.text, values, template_id=one.id)) for one in found)


def count_use(desk: Desk, template_id: int | None) -> None:
    """One more answer that went out began with it."""
    if template_id is not None:
        with desk.store.write() as conn:
            rows.count_use(conn, template_id, now=desk.clock())


def _check(name: str, text: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(Sentence("A template's name has 1 to {most} characters.", most=LONGEST_NAME))
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise BadInput(
            Sentence("A template has 1 to {most} characters; this one has {n}.", most=LONGEST_TEXT, n=len(text))
        )
    unknown = unknown_in(text)
    if unknown:
        known = ", ".join(f"{{{one}}}" for one in VARIABLES)
        raise BadInput(
            Sentence("There is no variable {name}. There are: {known}.", name=f"{{{unknown[0]}}}", known=known),
            name=unknown[0],
        )


def _check_scope(user: CurrentUser, scope: Scope) -> None:
    if scope is not Scope.PERSONAL and not user.may(Permission.MANAGE_WORK):
        raise NotAllowed(Permission.MANAGE_WORK, user.role)


def _editable(row: rows.TemplateRow | None, user: CurrentUser) -> rows.TemplateRow:
    if row is None or not _may_see(row, user):
        raise NotFound(what="template", key="" if row is None else row.id)
    if not _may_edit(row, user):
        raise NotAllowed(Permission.MANAGE_WORK, user.role)
    return row


def _may_see(row: rows.TemplateRow, user: CurrentUser) -> bool:
    if row.owner_id is not None:
        return row.owner_id == user.id
    return row.team_id is None or row.team_id == user.team_id or user.may(Permission.MANAGE_WORK)


def _may_edit(row: rows.TemplateRow, user: CurrentUser) -> bool:
    return row.owner_id == user.id if row.owner_id is not None else user.may(Permission.MANAGE_WORK)


def _view(row: rows.TemplateRow, user: CurrentUser) -> TemplateView:
    scope = Scope.PERSONAL if row.owner_id is not None else Scope.SHARED if row.team_id is None else Scope.TEAM
    return TemplateView(
        id=row.id,
        name=row.name,
        text=row.text,
        lang=row.lang,
        scope=scope,
        team_id=row.team_id,
        n_used=row.n_used,
        used_at=row.used_at,
        archived=row.archived_at is not None,
        may_edit=_may_edit(row, user),
    )


def _language_rank(lang: str | None, wanted: str | None) -> int:
    if wanted is None or wanted in _NO_LANGUAGE:
        return 0
    return 0 if lang == wanted else 1 if lang is None else 2
