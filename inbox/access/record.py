"""The record: who signed in or was refused, whose role changed, who took something out, what was set. Never changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, select

from inbox.access.views import RecordLine, RecordPage
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.people_log import USER
from inbox.sentences import Sentence
from store.record import RecordRow, record
from store.schema import user_account

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sign_in": ("signed_in", "password_set", "password_changed", "signed_out"),
        "refused": ("sign_in_refused", "code_refused", "single_sign_on_refused"),
        "people": (
            "user_added",
            "role_set",
            "team_set",
            "user_disabled",
            "user_enabled",
            "email_set",
            "initials_set",
            "approval_set",
            "single_sign_on_linked",
        ),
        "links": ("link_made", "link_mailed", "link_asked"),
        "second_factor": (
            "second_factor_on",
            "second_factor_off",
            "second_factor_reset",
            "recovery_codes_renewed",
        ),
        "sessions": ("session_ended", "sessions_ended"),
        "tokens": ("token_made", "token_revoked"),
        "export": ("exported", "export_fetched"),
        "privacy": ("person_erased", "subject_access"),
        "settings": (),
    }
)
"""Kinds of lines and their actions. `settings` is all that is about no person."""

_KIND_OF = {action: kind for kind, actions in KINDS.items() for action in actions}
_MOST = 500
# Of these the id says nothing to people; the facts tell which word, model, sample or token it was.
_TOLD_BY_FACTS = frozenset({"tone_word", "tone_model", "label_item", "label_sample", "api_token"})


def page(
    desk: Desk, *, person_id: int | None = None, kind: str | None = None, before: int | None = None, limit: int = 100
) -> RecordPage:
    """A page of the record, newest first.

    Args:
        desk: where.
        person_id: only what this person did, or what was done to them.
        kind: only this kind; one of `KINDS`.
        before: the `before` of the page that was read last.
        limit: at most so many lines.

    Raises:
        BadInput: no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise BadInput(
            Sentence("There is no kind “{kind}”; there are: {options}.", kind=kind, options=tuple(KINDS)), kind=kind
        )
    limit = max(1, min(limit, _MOST))
    with desk.store.read() as conn:
        rows = record(
            conn,
            limit=limit + 1,
            before=before,
            actions=KINDS[kind] if kind else (),
            person_id=person_id,
            settings_only=kind == "settings",
        )
        names = _names(conn, rows)
    shown = rows[:limit]
    return RecordPage(tuple(_line(row, names) for row in shown), shown[-1].id if len(rows) > limit else None)


def _line(row: RecordRow, names: Mapping[int, str]) -> RecordLine:
    about = int(row.object_id) if row.object_type == USER and row.object_id.isdecimal() else None
    target = names.get(about, row.object_id) if about is not None else ""
    facts = dict((row.after or {}).get("facts") or {})
    if row.object_type != USER and row.object_type not in _TOLD_BY_FACTS:
        if row.object_id.isdecimal():  # no name, but what an administrator finds the thing again by
            facts["number"] = row.object_id
        else:
            target = row.object_id
    return RecordLine(
        id=row.id,
        at=row.at,
        actor="" if row.actor_id is None else names.get(row.actor_id, str(row.actor_id)),
        actor_id=row.actor_id,
        action=row.action,
        kind=_KIND_OF.get(row.action, "settings" if row.object_type != USER else "people"),
        object=target,
        object_id=about,
        params=facts,
    )


def _names(conn: Connection, rows: list[RecordRow]) -> dict[int, str]:
    ids = {row.actor_id for row in rows if row.actor_id is not None}
    ids |= {int(row.object_id) for row in rows if row.object_type == USER and row.object_id.isdecimal()}
    found = conn.execute(select(user_account.c.id, user_account.c.name).where(user_account.c.id.in_(ids)))
    return {row.id: row.name for row in found}
