"""What happened, in the reader's language: lines of the timeline (after the name of who did it) and toasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inbox.views import PRIORITIES, Done, EventView
from screens import words
from screens.i18n import N_, _, moment

_LINES: Mapping[str, str] = {
    "routed": N_("brought it in"),
    "claimed": N_("took it"),
    "taken_over": N_("took it over"),
    "released": N_("gave it back"),
    "claim_lapsed": N_("let the claim lapse: no activity"),
    "assigned": N_("assigned it to {assignee}"),
    "unassigned": N_("took the assignment off"),
    "assigned_team": N_("gave it to team {team}"),
    "opened": N_("opened it"),
    "customer_wrote": N_("wrote again; it is open"),
    "reopened": N_("reopened it; round {cycle} starts"),
    "thanked": N_("said thank you; it stays closed"),
    "woke": N_("ended the snooze; it is open"),
    "snoozed": N_("snoozed it until {until}"),
    "waiting_customer": N_("set it to waiting for the customer"),
    "waiting_internal": N_("set it to waiting for a colleague"),
    "resolved": N_("resolved it"),
    "ignored": N_("ignored it"),
    "spam": N_("marked it as spam"),
    "not_spam": N_("said that it is not spam"),
    "answered": N_("saw our answer on the platform"),
    "answered_by_hand": N_("answered by hand on the platform"),
    "priority": N_("set the priority to {priority}"),
    "why": N_("set the reason for contact to {contact}"),
    "tagged": N_("added the tag {tag}"),
    "untagged": N_("removed the tag {tag}"),
    "noted": N_("wrote a note"),
    "undone": N_("took a step back"),
}
_TOASTS: Mapping[str, str] = {
    "claimed": N_("It is yours."),
    "taken_over": N_("You took it over."),
    "released": N_("Given back."),
    "assigned": N_("Assigned."),
    "unassigned": N_("Assignment taken off."),
    "assigned_team": N_("Given to the team."),
    "opened": N_("Opened."),
    "reopened": N_("Reopened."),
    "snoozed": N_("Snoozed."),
    "waiting_customer": N_("Waiting for the customer."),
    "waiting_internal": N_("Waiting for a colleague."),
    "resolved": N_("Resolved."),
    "ignored": N_("Ignored."),
    "spam": N_("Marked as spam."),
    "not_spam": N_("Not spam: back among the new ones."),
    "answered_by_hand": N_("Your answer is recorded."),
    "priority": N_("Priority changed."),
    "why": N_("Reason for contact changed."),
    "tagged": N_("Tag added."),
    "untagged": N_("Tag removed."),
    "noted": N_("Note saved."),
    "undone": N_("Taken back."),
}


def line(event: EventView, now: datetime) -> str:
    """A line of the timeline, to be read after the name of who did it; the inbox's own sentence for unknown codes."""
    msgid = _LINES.get(event.code)
    if msgid is None:
        return event.text
    params = event.params
    told = _(msgid).format(
        assignee=params.get("assignee_name") or _("nobody"),
        team=params.get("team_id") or _("nobody"),
        cycle=params.get("cycle", ""),
        until=_instant(params.get("snoozed_until"), now),
        priority=_priority(params.get("priority")),
        contact=words.why(str(params["why"])) if params.get("why") else _("nothing"),
        tag=params.get("tag", ""),
    )
    reason = params.get("reason")
    return f"{told}: {words.reason(str(reason))}" if reason else told


def toast(done: Done, name: str) -> str:
    """What a step did, for the bar with its undo: the sentence and whose conversation it was."""
    msgid = _TOASTS.get(done.code)
    told = _(msgid) if msgid else _("Done.")
    return f"{told} {name}".strip()


def _priority(value: Any) -> str:
    return words.priority(PRIORITIES[value]) if isinstance(value, int) and 0 <= value < len(PRIORITIES) else ""


def _instant(value: Any, now: datetime) -> str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    return moment(value, now) if isinstance(value, datetime) and value.tzinfo else _("later")
