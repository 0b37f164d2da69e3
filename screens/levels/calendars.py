"""By which calendars time was counted: opening hours, holidays and promised times of the teams that are looked at."""

from __future__ import annotations

from screens import team_words
from screens.i18n import _
from screens.levels.asking import Asking
from screens.security import verbatim
from screens.state import inbox, token


def told(asking: Asking) -> str:
    """Them as HTML. May raise `InboxError`."""
    teams = [
        one for one in inbox().workspace.calendars(token()) if not asking.wish.teams or one.id in asking.wish.teams
    ]
    lead = _(
        "Business time counts the opening hours of the team that had the conversation, as they were when it happened. "
        "A change of hours changes no figure of the past. Work without a team counts around the clock."
    )
    items = "".join(
        f"<li><b><bdi>{verbatim(one.name)}</bdi></b>: "
        f"{verbatim(' · '.join([*team_words.calendar(one), team_words.promises(one)]))}</li>"
        for one in teams
    )
    return f"<p>{verbatim(lead)}</p><ul>{items}</ul>"
