"""What happened, in the reader's language: lines of the timeline (after the name of who did it) and toasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inbox.views import PRIORITIES, Done, EventView
from screens import platform_words, rule_words, words
from screens.i18n import N_, _, moment, plural

_LINES: Mapping[str, str] = {
    "routed": N_("brought it in"),
    "entered": N_("entered it by hand"),
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
    "noise_made_here": N_("made a noise rule of it"),
    "noise_back": N_("brought it back: somebody wrote something else"),
    "answered": N_("saw our answer on the platform"),
    "answered_by_hand": N_("answered by hand on the platform"),
    "priority": N_("set the priority to {priority}"),
    "why": N_("set the reason for contact to {contact}"),
    "tagged": N_("added the tag {tag}"),
    "untagged": N_("removed the tag {tag}"),
    "theme_linked": N_("linked it to the theme {theme}"),
    "theme_unlinked": N_("took the theme {theme} off"),
    "theme_declined": N_("said that it is not about the theme {theme}"),
    "toned": N_("set the tone to {tone}"),
    "tone_back": N_("let the tone be judged by itself again"),
    "muted": N_("muted it: new messages do not open it"),
    "unmuted": N_("took the mute off"),
    "wrote_muted": N_("wrote again; it is muted and stays as it is"),
    "unfolded": N_("said that a message repeats nothing"),
    "first_of_copies": N_("made it the first one: what it repeated is gone"),
    "merged": N_("found that another conversation is this one, and joined it"),
    "rule_undone": N_("took back what the rule {rule} did"),
    "noted": N_("wrote a note"),
    "asked_specialist": N_("asked {name} something"),
    "specialist_opened": N_("opened the question"),
    "specialist_answered": N_("answered the question"),
    "specialist_revoked": N_("took the question to {name} back"),
    "promise_suggested": N_("saw what may be a promise, by {due}: {promise}"),
    "promise_made": N_("promised, by {due}: {promise}"),
    "promise_confirmed": N_("confirmed the promise, by {due}: {promise}"),
    "promise_moved": N_("moved the promise to {due}: {promise}"),
    "promise_kept": N_("kept the promise: {promise}"),
    "promise_made_good": N_("made good on the promise, too late: {promise}"),
    "promise_dropped": N_("dropped the promise: {promise}"),
    "promise_reminded": N_("brought it back: a promise is due {due}: {promise}"),
    "promise_broken": N_("let the moment of the promise pass: {promise}"),
    "mention_deleted": N_("saw that a message was removed on the platform"),
    "mention_expired": N_("erased a message whose time was over"),
    "mention_erased": N_("erased a message at its author's request"),
    "undone": N_("took a step back"),
    "reply_queued": N_("sent an answer; it goes out in a moment"),
    "reply_approval": N_("wrote an answer; it waits for approval"),
    "reply_approved": N_("approved the answer"),
    "reply_rejected": N_("rejected the answer"),
    "reply_cancelled": N_("took the answer back"),
    "reply_retried": N_("sends the answer again"),
    "reply_sent": N_("answered on the platform"),
    "reply_held": N_("waits for a moderator of the platform to release the answer"),
    "reply_failed": N_("could not send the answer"),
    "reply_unknown": N_("asks the platform whether the answer was sent; that is not certain"),
    "reply_requeued": N_("sends the answer again: it does not stand on the platform"),
    "reply_not_there": N_("looked: the answer does not stand on the platform"),
    "like_queued": N_("likes it on the platform"),
    "like_sent": N_("liked it on the platform"),
    "like_failed": N_("could not send the like"),
    "like_cancelled": N_("took the like back"),
    "like_retried": N_("sends the like again"),
    "hide_queued": N_("hides it on the platform"),
    "hide_sent": N_("hid it on the platform"),
    "hide_failed": N_("could not hide it on the platform"),
    "hide_cancelled": N_("left it visible on the platform"),
    "hide_retried": N_("tries again to hide it on the platform"),
    "delete_own_queued": N_("removes our post from the platform"),
    "delete_own_sent": N_("removed our post from the platform"),
    "delete_own_failed": N_("could not remove our post from the platform"),
    "delete_own_cancelled": N_("left our post on the platform"),
    "delete_own_retried": N_("tries again to remove our post from the platform"),
}
CODES = frozenset({*_LINES, "ruled"})
"""Every code of an event that has a line here; what a rule did is told by `rule_words`."""
_SKIPPED: Mapping[str, str] = {
    "customer_wrote": N_("the customer wrote meanwhile, so it stays as it is"),
    "changed": N_("it changed meanwhile, so it stays as it is"),
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
    "noise:author": N_("Spam; so is this author from now on."),
    "noise:site": N_("Spam; so is this site from now on."),
    "noise:word": N_("Spam; so are these words from now on."),
    "noise:like": N_("Spam; so is what reads like it, for 30 days."),
    "answered_by_hand": N_("Your answer is recorded."),
    "priority": N_("Priority changed."),
    "why": N_("Reason for contact changed."),
    "tagged": N_("Tag added."),
    "untagged": N_("Tag removed."),
    "theme_linked": N_("Linked to the theme {theme}."),
    "theme_unlinked": N_("The theme {theme} is off."),
    "theme_declined": N_("Noted: this is not about {theme}."),
    "toned": N_("Tone corrected."),
    "tone_back": N_("The tone is judged by itself again."),
    "muted": N_("Muted: new messages do not open it."),
    "unmuted": N_("The mute is off."),
    "rule_undone": N_("Taken back. The rule leaves this conversation alone from now on."),
    "noted": N_("Note saved."),
    "asked_specialist": N_("Question asked."),
    "specialist_revoked": N_("Question taken back."),
    "promise_made": N_("Promise kept in mind."),
    "promise_confirmed": N_("Promise confirmed."),
    "promise_moved": N_("Promise moved."),
    "promise_kept": N_("Promise kept."),
    "promise_made_good": N_("Promise made good."),
    "promise_dropped": N_("Promise dropped."),
    "unfolded": N_("Taken out: it is a message of its own from now on."),
    "undone": N_("Taken back."),
    "reply_queued": N_("Your answer goes out in ten seconds."),
    "reply_approval": N_("Your answer waits for approval."),
    "reply_approved": N_("Approved: it goes out in ten seconds."),
    "reply_rejected": N_("Rejected; the author reads why."),
    "reply_cancelled": N_("The answer is taken back."),
    "reply_retried": N_("It is sent again."),
    "reply_sent": N_("Recorded: the answer stands on the platform."),
    "reply_not_there": N_("Recorded: it was not sent. You can try again."),
    "like_queued": N_("Your like goes out in ten seconds."),
    "hide_queued": N_("It is hidden in ten seconds."),
    "delete_own_queued": N_("Our post is removed in ten seconds."),
}


def line(event: EventView, now: datetime) -> str:
    """A line of the timeline, to be read after the name of who did it; the inbox's own sentence for unknown codes."""
    if event.code == "ruled":
        return rule_words.done(event.params)
    msgid = _LINES.get(event.code)
    if msgid is None:
        return event.text
    params = event.params
    if event.code == "rule_undone" and str(params.get("rule")).startswith("noise_"):
        return _("took back what a noise rule did")
    told = _(msgid).format(
        assignee=params.get("assignee_name") or _("nobody"),
        team=params.get("team_id") or _("nobody"),
        cycle=params.get("cycle", ""),
        until=_instant(params.get("snoozed_until"), now),
        priority=_priority(params.get("priority")),
        contact=words.why(str(params["why"])) if params.get("why") else _("nothing"),
        tag=params.get("tag", ""),
        theme=params.get("theme", ""),
        tone=words.sentiment(str(params.get("tone", ""))).lower(),
        name=params.get("name", ""),
        promise=params.get("promise", ""),
        due=_instant(params.get("due_at"), now),
        rule=params.get("rule", ""),
    )
    skipped = _SKIPPED.get(str(params.get("follow_up_skipped")))
    if skipped is not None:
        told = f"{told}; {_(skipped)}"
    reason = params.get("reason")
    if not reason:
        return told
    of_platform = event.code.endswith(("_failed", "_unknown"))
    return f"{told}: {platform_words.said(str(reason)) if of_platform else words.reason(str(reason))}"


def toast(done: Done, name: str) -> str:
    """What a step did, for the bar with its undo: the sentence and whose conversation it was."""
    msgid = _TOASTS.get(f"noise:{done.params.get('noise_kind')}") or _TOASTS.get(done.code)
    told = _(msgid).format(theme=done.params.get("theme", "")) if msgid else _("Done.")
    if isinstance(n := done.params.get("noise_everything"), int):
        told = f"{told} " + plural("{n} more open one went with it.", "{n} more open ones went with it.", n)
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
