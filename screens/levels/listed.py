"""What is counted now, each with the list of the inbox behind it: the same conditions, so that it holds as many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from inbox.states import OPEN_STATES, Status
from inbox.views import Filters, View
from screens import inbox_address
from screens import words as inbox_words
from screens.i18n import _, number
from screens.levels.asking import Asking
from screens.security import verbatim

OPEN: tuple[str, ...] = tuple(one.value for one in Status if one in OPEN_STATES)


def all_open(asking: Asking) -> str:
    """The address of everything that is open."""
    return _address(asking, View.ALL, Filters(statuses=OPEN))


def of_state(asking: Asking, state: str) -> str:
    """The address of what is in a state."""
    return _address(asking, View.ALL, Filters(statuses=(state,)))


def waiting(asking: Asking) -> str:
    """The address of what is open and waits for an answer."""
    return _address(asking, View.ALL, Filters(statuses=OPEN, unanswered=True))


def overdue(asking: Asking) -> str:
    """The address of what is over its time."""
    return _address(asking, View.OVERDUE, Filters())


def oldest(asking: Asking, last_said: datetime | None) -> str:
    """The address of what is open and was last written in at this instant."""
    if last_said is None:
        return ""
    then = Filters(statuses=OPEN, since=last_said, until=last_said + timedelta(microseconds=1))
    return _address(asking, View.ALL, then)


def cell(label: str, value: str, opens: str, *, tone: str = "") -> str:
    """A count with its name as HTML, a link to its list where there is one."""
    shown = verbatim(value)
    if opens:
        name = _("{what}: {value}, open in the inbox").format(what=label, value=value)
        shown = f'<a href="{verbatim(opens)}" target="_blank" rel="noopener" aria-label="{verbatim(name)}">{shown}</a>'
    return f'<div class="{tone}"><dt>{verbatim(label)}</dt><dd>{shown}</dd></div>'


def states(asking: Asking, by_state: dict[str, int]) -> str:
    """How many are in each state, as cells; empty for none."""
    return "".join(
        cell(inbox_words.status(state), number(n), of_state(asking, state)) for state, n in by_state.items() if n
    )


def hint(asking: Asking) -> str:
    """Why counts are no links, in words; empty where they are."""
    if len(asking.wish.teams) < 2:
        return ""
    return _("The inbox lists one team or all of them: choose one team, and each number opens its list.")


def _address(asking: Asking, view: View, narrowed: Filters) -> str:
    """The list, narrowed as the page is; empty where the inbox cannot narrow so: it lists one team, or all."""
    teams = asking.wish.teams
    if len(teams) > 1:
        return ""
    of_page = replace(narrowed, team_id=next(iter(teams), None), source_ids=asking.wish.sources)
    return inbox_address.written(view, of_page)
