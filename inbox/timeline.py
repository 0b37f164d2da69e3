"""What an event says to people: a code with parameters for translation, and the English sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
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
    "entered": "{who} entered it by hand.",
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
    "mention_deleted": "A message was removed on the platform.",
    "mention_expired": "A message was erased: its time was over.",
    "mention_erased": "A message was erased at its author's request.",
    "snoozed": "{who} snoozed it until {until}.",
    "waiting_customer": "{who} set it to waiting for the customer.",
    "waiting_internal": "{who} set it to waiting for a colleague{why}.",
    "resolved": "{who} resolved it{why}.",
    "ignored": "{who} ignored it{why}.",
    "spam": "{who} marked it as spam.",
    "not_spam": "{who} said that it is not spam.",
    "noise_made_here": "{who} made a noise rule of it.",
    "noise_back": "Somebody wrote something else; it is new again.",
    "answered": "An answer of ours appeared on the platform.",
    "answered_by_hand": "{who} answered by hand on the platform.",
    "priority": "{who} set the priority to {priority}.",
    "why": "{who} set the reason for contact to {contact}.",
    "tagged": "{who} added the tag {tag}.",
    "untagged": "{who} removed the tag {tag}.",
    "theme_linked": "{who} linked it to the theme {theme}.",
    "theme_unlinked": "{who} took the theme {theme} off.",
    "theme_declined": "{who} said that it is not about the theme {theme}.",
    "unfolded": "{who} said that a message repeats nothing.",
    "first_of_copies": "What this message repeated is gone; it is the first one now.",
    "merged": "Another conversation turned out to be the same one and was joined to it.",
    "ruled": "Rule {rule}: {did}.",
    "rule_undone": "{who} took back what rule {rule} did.",
    "toned": "{who} set the tone to {tone}.",
    "tone_back": "{who} let the tone be judged by itself again.",
    "muted": "{who} muted it: new messages do not open it.",
    "unmuted": "{who} took the mute off.",
    "wrote_muted": "The customer wrote; it is muted and stays as it is.",
    "asked_specialist": "{who} asked {name} something.",
    "specialist_opened": "{name} opened the question.",
    "specialist_answered": "{name} answered the question.",
    "specialist_revoked": "{who} took the question to {name} back.",
    "noted": "{who} wrote a note{named}.",
    "promise_suggested": "What may be a promise was seen: {promise} (due {due}).",
    "promise_made": "{who} promised: {promise} (due {due}).",
    "promise_confirmed": "{who} confirmed the promise: {promise} (due {due}).",
    "promise_moved": "{who} moved the promise to {due}: {promise}.",
    "promise_kept": "{who} kept the promise: {promise}.",
    "promise_made_good": "{who} made good on the promise, too late: {promise}.",
    "promise_dropped": "{who} dropped the promise: {promise}.",
    "promise_reminded": "A promise is due {due}: {promise}.",
    "promise_broken": "The promise was not kept by {due}: {promise}.",
    "undone": "{who} took a step back: {step}.",
    "reply_queued": "{who} sent an answer; it goes out in a moment.",
    "reply_approval": "{who} wrote an answer; it waits for approval.",
    "reply_approved": "{who} approved the answer{of_author}.",
    "reply_rejected": "{who} rejected the answer{of_author}{why}.",
    "reply_cancelled": "{who} took the answer back.",
    "reply_retried": "{who} sends the answer again.",
    "reply_sent": "The answer of {who} stands on the platform{skipped}.",
    "reply_held": "The platform has the answer; a moderator there must release it.",
    "reply_failed": "The answer was not sent{why}.",
    "reply_unknown": "It is not certain whether the answer was sent{why}; the platform is asked.",
    "reply_requeued": "The answer does not stand on the platform; it is sent again.",
    "reply_not_there": "{who} looked: the answer does not stand on the platform.",
    "like_queued": "{who} likes it on the platform.",
    "like_sent": "The like of {who} stands on the platform.",
    "like_failed": "The like was not sent{why}.",
    "like_cancelled": "{who} took the like back.",
    "like_retried": "{who} sends the like again.",
    "hide_queued": "{who} hides it on the platform.",
    "hide_sent": "{who} hid it on the platform.",
    "hide_failed": "It was not hidden on the platform{why}.",
    "hide_cancelled": "{who} left it visible on the platform.",
    "hide_retried": "{who} tries again to hide it on the platform.",
    "delete_own_queued": "{who} removes our post from the platform.",
    "delete_own_sent": "{who} removed our post from the platform.",
    "delete_own_failed": "Our post was not removed from the platform{why}.",
    "delete_own_cancelled": "{who} left our post on the platform.",
    "delete_own_retried": "{who} tries again to remove our post from the platform.",
}
CODES = frozenset(_SENTENCES)
"""Every code of an event of a conversation."""
_SKIPPED = {
    "customer_wrote": "; the customer wrote meanwhile, so the conversation stays as it is",
    "changed": "; the conversation changed meanwhile, so it stays as it is",
}
_WITHOUT_PERSON = {"source": "The customer", "clock": "The clock", "rule": "A rule", "specialist": "A specialist"}


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
        theme=params.get("theme", ""),
        tone=params.get("tone", ""),
        of_author=f" of {params['author_name']}" if params.get("author_name") else "",
        skipped=_SKIPPED.get(str(params.get("follow_up_skipped")), ""),
        name=params.get("name") or "a specialist",
        step=str(params.get("step", "")).replace("_", " "),
        rule=params.get("rule") or "?",
        did=_did(params),
        named=f" for {', '.join(map(str, params['named']))}" if params.get("named") else "",
        promise=params.get("promise", ""),
        due=_minute(params.get("due_at")),
    )


def _did(params: Mapping[str, Any]) -> str:
    """What a rule did, in a few words."""
    priority = params.get("priority")
    told = [f"tag {tag}" for tag in params.get("tags") or ()]
    if isinstance(priority, int):
        told.append(f"priority {PRIORITIES[priority].replace('_', ' ')}")
    told += [f"{label} {params[name]}" for name, label in (("team_id", "team"), ("why", "about")) if params.get(name)]
    told += ["given to a colleague"] if params.get("assignee_id") else []
    told += ["muted"] if params.get("muted_at") else []
    told += [str(params["status"]).replace("_", " ")] if params.get("status") else []
    return ", ".join(told)


def _minute(text: Any) -> str:
    return f"{text[:10]} {text[11:16]} UTC" if isinstance(text, str) else "later"
