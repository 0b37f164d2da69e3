"""Before an answer enters the outbox: what the guard finds is stopped, or was confirmed by a person.

Asked inside the transaction that puts the answer on its way, so that no way of sending goes around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.errors import NeedsASecondLook
from inbox.writing import facts, guard


def look(
    desk: Desk,
    conn: Connection,
    conversation_id: int,
    text: str,
    *,
    visibility: str,
    capabilities: Mapping[str, Any],
    confirmed: Collection[str],
) -> tuple[str, ...]:
    """Look at an answer; gives what was confirmed and was needed, for the event.

    Length is left to who knows the platform. `confirmed` holds codes of findings that its author said yes to.

    Raises:
        NeedsASecondLook: something has to be changed, or confirmed first.
    """
    limits = guard.Limits(None, "code_points", capabilities.get("link_length"))
    last = facts.facts_of(conn, conversation_id).last_answer
    forms = guard.forms_of(desk.declared.order_numbers)
    findings = guard.inspect(text, visibility=visibility, limits=limits, last_answer=last, forms=forms)
    if findings.stops:
        raise NeedsASecondLook(findings.found, None)
    if not findings.to_confirm <= set(confirmed):
        raise NeedsASecondLook(findings.found, findings.to_confirm)
    return tuple(sorted(findings.to_confirm))
