"""Filters as they are kept, and read back. Pure.

What a later or earlier version of the program kept and this one does not know is left out, so that an old view still
opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.views import EVERYTHING, Filters

LONGEST_NAME = 60
_DAYS = frozenset({"since", "until"})
_NUMBERS = frozenset({"priorities", "assignee_id", "theme_ids"})
_SWITCHES = frozenset({"unanswered"})


def document(filters: Filters) -> dict[str, Any]:
    """Filters as JSON; only what narrows."""
    found: dict[str, Any] = {}
    for one in fields(Filters):
        value = getattr(filters, one.name)
        if value != getattr(EVERYTHING, one.name):
            found[one.name] = (
                value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else value
            )
    return found


def filters_of(kept: Any) -> Filters:
    """Filters read back; whatever does not fit is left out."""
    if not isinstance(kept, Mapping):
        return EVERYTHING
    found: dict[str, Any] = {}
    for one in fields(Filters):
        if one.name not in kept:
            continue
        value = _read(one.name, kept[one.name])
        if value is not None:
            found[one.name] = value
    return Filters(**found)


def clean_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        BadInput: empty or too long.
    """
    clean = " ".join("".join(char for char in name if char.isprintable() or char.isspace()).split())
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise BadInput(Sentence("A view has a name of 1 to {most} characters.", most=LONGEST_NAME), name=name)
    return clean


def _read(name: str, value: Any) -> Any:
    kind = bool if name in _SWITCHES else int if name in _NUMBERS else str
    if name in _DAYS:
        return _instant(value)
    if isinstance(getattr(EVERYTHING, name), tuple):
        return tuple(one for one in value if type(one) is kind) if isinstance(value, list) else None
    return value if type(value) is kind else None


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
