"""A list of the inbox as an address, so that a page can link to it and a colleague can be sent it. Pure.

An address is written by people too: what means nothing is left away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from inbox.states import Status
from inbox.views import Filters, View

_LONGEST_SEARCH, _LONGEST, _MOST = 4_000, 100, 50
_YES = "yes"


def written(view: View, filters: Filters) -> str:
    """The address of a view, narrowed by search, states, sources, team, days and whether somebody waits."""
    values = {
        "view": view.value,
        "q": filters.search,
        "state": ",".join(filters.statuses),
        "source": ",".join(filters.source_ids),
        "team": filters.team_id or "",
        "waits": _YES if filters.unanswered else "",
        "since": "" if filters.since is None else filters.since.isoformat(),
        "until": "" if filters.until is None else filters.until.isoformat(),
    }
    return f"/?{urlencode({name: value for name, value in values.items() if value})}"


def read(address: Mapping[str, str]) -> tuple[View | None, Filters]:
    """What an address asks for; None where it names no view."""
    view = address.get("view", "")
    teams = _words(address.get("team", ""))
    return View(view) if view in set(View) else None, Filters(
        search=address.get("q", "")[:_LONGEST_SEARCH].strip(),
        statuses=_words(address.get("state", ""), known=set(Status)),
        source_ids=_words(address.get("source", "")),
        team_id=teams[0] if len(teams) == 1 else None,
        unanswered=address.get("waits") == _YES,
        since=_instant(address.get("since", "")),
        until=_instant(address.get("until", "")),
    )


def _words(told: str, known: Collection[str] | None = None) -> tuple[str, ...]:
    parts = [one for one in told[: _MOST * _LONGEST].split(",") if one and len(one) <= _LONGEST and one.isprintable()]
    return tuple(dict.fromkeys(one for one in parts[:_MOST] if known is None or one in known))


def _instant(told: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(told[:_LONGEST])
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
