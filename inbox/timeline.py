"""What an event says to people: a code with parameters for translation, and the English sentence. Pure."""

from __future__ import annotations

from typing import Any, Protocol

from inbox.views import PRIORITIES


class EventLike(Protocol):
    """The columns of an event that a sentence needs, of a table row or of a value."""

    @property
    def actor_type(self) -> str:
        """human, rule, source or clock."""

    @property
    def action(self) -> str:
        """The code of the step."""

    @property
    def after(self) -> Any:
        """Columns after the step, and its facts."""

    @property
    def reason(self) -> str | None:
        """Why."""


_SENTENCES = {
    "routed": "Came in{for_team}.",
    "claimed": "{who} took it.",
    "taken_over": "{who} took it over{from_name}.",
    "released": "{who} gave it back.",
    "claim_lapsed": "The claim lapsed without activity.",
    "assigned": "{who} assigned it to {assignee}.",
    "unassigned": "{who} took the assignment off.",
    "assigned_team": "{who} gave it to team {team}.",
    "opened": "{who} opened it.",
    "customer_wrote": "The customer wrote; it is open again.",
    "reopened": "{who} reopened it; cycle {cycle} starts.",
    "thanked": "The customer said thank you; it stays closed.",
    "woke": "The snooze ended; it is open again.",
    "snoozed": "{who} snoozed it until {until}.",
    "waiting_customer": "{who} set it to waiting for the customer.",
    "waiting_internal": "{who} set it to waiting for a colleague{why}.",
    "resolved": "{who} resolved it{why}.",
    "ignored": "{who} ignored it{why}.",
    "spam": "{who} marked it as spam.",
    "not_spam": "{who} said that it is not spam.",
    "answered": "An answer of ours appeared on the platform.",
    "answered_by_hand": "{who} answered by hand on the platform.",
    "priority": "{who} set the priority to {priority}.",
    "why": "{who} set the reason for contact to {contact}.",
    "tagged": "{who} added the tag {tag}.",
    "untagged": "{who} removed the tag {tag}.",
    "merged": "Another conversation turned out to be the same one and was joined to it.",
    "noted": "{who} wrote a note.",
    "undone": "{who} took a step back: {step}.",
}
_WITHOUT_PERSON = {"source": "The customer", "clock": "The clock", "rule": "A rule"}


def params_of(event: EventLike) -> dict[str, Any]:
    """The parameters of an event's sentence: facts, what changed, and the reason."""
    after = dict(event.after or {})
    facts = dict(after.pop("facts", None) or {})
    for name in ("version", "n_inbound", "n_outbound", "recorded_at"):
        after.pop(name, None)
    return {**after, **facts, **({"reason": event.reason} if event.reason else {})}


def sentence(event: EventLike, actor_name: str) -> str:
    """The English sentence of an event. `actor_name` is ignored where no person did it."""
    params = params_of(event)
    who = actor_name if event.actor_type == "human" else _WITHOUT_PERSON.get(event.actor_type, "Somebody")
    priority = params.get("priority")
    return _SENTENCES.get(event.action, "{who}: {action}.").format(
        who=who or "Somebody",
        action=event.action,
        for_team=f" for team {params['team_id']}" if params.get("team_id") else "",
        from_name=f" from {params['from_name']}" if params.get("from_name") else "",
        assignee=params.get("assignee_name") or "nobody",
        team=params.get("team_id") or "nobody",
        cycle=params.get("cycle", ""),
        until=_minute(params.get("snoozed_until")),
        why=f": {str(params['reason']).replace('_', ' ')}" if params.get("reason") else "",
        priority=PRIORITIES[priority].replace("_", " ") if isinstance(priority, int) else "",
        contact=params.get("why") or "nothing",
        tag=params.get("tag", ""),
        step=str(params.get("step", "")).replace("_", " "),
    )


def _minute(text: Any) -> str:
    return f"{text[:10]} {text[11:16]} UTC" if isinstance(text, str) else "later"
