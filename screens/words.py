"""The vocabulary of the inbox in the reader's language: states, views, priorities, reasons, kinds, errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from inbox.errors import AlreadyAnswered, CannotReply, InboxError, ReplyTooLong
from inbox.permissions import Role
from inbox.sentences import Sentence
from inbox.views import SearchProblem, View
from screens import platform_words
from screens.i18n import N_, _, clock, current, number, plural

VIEWS: Mapping[View, tuple[str, str]] = {
    View.NEW: (N_("New"), "mark_email_unread"),
    View.MINE: (N_("Mine"), "person"),
    View.UNASSIGNED: (N_("Unassigned"), "person_off"),
    View.OVERDUE: (N_("Overdue"), "alarm"),
    View.URGENT: (N_("Urgent"), "priority_high"),
    View.PROMISES: (N_("Promises"), "handshake"),
    View.MENTIONS: (N_("Mentions of me"), "alternate_email"),
    View.WAITING: (N_("Waiting"), "hourglass_top"),
    View.SNOOZED: (N_("Snoozed"), "snooze"),
    View.RESOLVED: (N_("Resolved"), "check_circle"),
    View.ARCHIVED: (N_("Archive"), "inventory_2"),
    View.ALL: (N_("All|view"), "all_inbox"),
}
_STATUS: Mapping[str, str] = {
    "new": N_("New|status"),
    "open": N_("Open|status"),
    "waiting_customer": N_("Waiting for customer"),
    "waiting_internal": N_("Waiting for colleague"),
    "snoozed": N_("Snoozed|status"),
    "resolved": N_("Resolved|status"),
    "ignored": N_("Ignored"),
    "spam": N_("Spam"),
    "archived": N_("Archived"),
}
_PRIORITY: Mapping[str, str] = {
    "risk": N_("Risk"),
    "cancel": N_("Wants to cancel"),
    "service_question": N_("Service question"),
    "purchase": N_("Wants to buy"),
    "low": N_("Low"),
}
_WHY: Mapping[str, str] = {
    "complaint": N_("Complaint"),
    "question": N_("Question"),
    "compliment": N_("Compliment"),
    "idea": N_("Idea"),
    "crisis": N_("Crisis"),
    "press": N_("Press"),
    "job": N_("Job"),
}
_KIND: Mapping[str, str] = {
    "post": N_("Post"),
    "comment": N_("Comment"),
    "review": N_("Review"),
    "article": N_("Article"),
    "topic": N_("Topic"),
    "answer": N_("Answer"),
    "message": N_("Private message"),
    "manual": N_("Entered by hand"),
}
_ROLE: Mapping[str, str] = {
    Role.AGENT: N_("Agent"),
    Role.LEAD: N_("Team lead"),
    Role.ANALYST: N_("Analyst"),
    Role.SPECIALIST: N_("Specialist"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.READ_ONLY: N_("Read only"),
}
_SENTIMENT: Mapping[str, str] = {
    "positive": N_("Positive"),
    "negative": N_("Negative"),
    "neutral": N_("Neutral"),
    "mixed": N_("Mixed"),
    "unsure": N_("Unsure"),
}
REASONS: Mapping[str, str] = {
    "not_about_us": N_("not about us"),
    "no_added_value": N_("an answer adds nothing"),
    "duplicate": N_("already handled elsewhere"),
    "news_only": N_("news, no customer"),
    "no_answer_needed": N_("no answer needed"),
    "answered": N_("answered before"),
    "not_confirmed": N_("nobody confirmed it"),
    "noise_author": N_("noise: its author"),
    "noise_site": N_("noise: a site in it"),
    "noise_word": N_("noise: words in it"),
    "noise_pattern": N_("noise: a pattern"),
    "noise_like": N_("noise: reads like spam"),
}
IGNORING = ("not_about_us", "no_added_value", "duplicate", "news_only")
"""Reasons to choose from when something is ignored."""
CLOSED = frozenset({"resolved", "ignored", "spam", "archived"})
"""States in which nobody works on a conversation."""
_BADGES: Mapping[str, str] = {
    "vip": N_("VIP"),
    "journalist": N_("Journalist"),
    "employee": N_("Employee"),
    "staff": N_("Staff"),
    "bot": N_("Bot"),
}


def _named(table: Mapping[str, str], key: str) -> str:
    msgid = table.get(key)
    if msgid is None:
        return key.replace("_", " ")
    return _translated(msgid)


def _translated(msgid: str) -> str:
    text = _(msgid)
    # `New|status` and `New` are two words in Dutch; what stands after the bar is for the translator only.
    return text.partition("|")[0] if text == msgid else text


def view(key: View) -> str:
    """Name of a view."""
    return _translated(VIEWS[key][0])


def status(key: str) -> str:
    """Name of a state."""
    return _named(_STATUS, key)


def priority(key: str) -> str:
    """Name of a priority."""
    return _named(_PRIORITY, key)


def why(key: str) -> str:
    """Why somebody wrote."""
    return _named(_WHY, key)


def kind(key: str) -> str:
    """Kind of a mention."""
    return _named(_KIND, key)


def role(key: str) -> str:
    """Name of a role."""
    return _named(_ROLE, key)


def sentiment(key: str) -> str:
    """Name of a sentiment."""
    return _named(_SENTIMENT, key)


def reason(key: str) -> str:
    """A reason to close or ignore, or the words somebody gave."""
    return _named(REASONS, key) if key in REASONS else key


def badge(key: str) -> str:
    """A badge of an author."""
    return _named(_BADGES, key)


def no_answer(why: Sentence | str) -> str:
    """Why no answer can be given from here: a sentence of ours, or what a connector kept with the message."""
    return said(why) if isinstance(why, Sentence) else platform_words.said(why)


def language(code: str) -> str:
    """Name of a language; the code itself when nobody named it; empty when it is unknown."""
    if code in {"", "und"}:
        return ""
    return str(current().locale.languages.get(code, code.upper()))


def rating(value: float) -> str:
    """Stars of a rating 0-1, out of five."""
    full = min(5, max(0, round(value * 5)))
    return "★" * full + "☆" * (5 - full)


def initials(name: str) -> str:
    """At most two letters that stand for a person."""
    parts = [part for part in name.replace("@", " ").split() if part[0].isalnum()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


_ERRORS: Mapping[str, str] = {
    "changed": N_("This conversation changed since you opened it. You now see how it stands; decide again."),
    "key_unusable": N_("The key of this installation cannot be used, so nothing can be kept secret. Ask who runs it."),
    "seal_broken": N_("This has expired or belongs to another installation. Begin again, or ask an administrator."),
    "not_found": N_("This is no longer there. Somebody may have removed it; choose another one."),
    "store_busy": N_("The store did not answer in time; nothing was changed. Try again in a moment."),
    "customer_wrote_again": N_("The customer wrote again. Read it before you answer."),
    "needs_a_second_look": N_("Look at this answer once more before it goes out."),
}
_BY_FACTS = frozenset(
    {"claimed_by_other", "too_many_attempts", "not_allowed", "already_answered", "reply_too_long", "cannot_reply"}
)
KNOWN_REFUSALS = frozenset({*_ERRORS, *_BY_FACTS})
"""Codes of refusals that `error` tells by their code and facts; the others bring their own sentence."""


def error(problem: InboxError) -> str:
    """What the inbox refused, as a sentence in the reader's language."""
    if problem.said is not None:
        return said(problem.said)
    if isinstance(problem, CannotReply):
        return no_answer(str(problem))
    return _(_ERRORS[problem.code]) if problem.code in _ERRORS else _by_facts(problem)


def _by_facts(problem: InboxError) -> str:
    params = problem.params
    if problem.code == "claimed_by_other":
        until: datetime = params["until"]
        return _("{name} has this conversation until {until}.").format(name=params["name"], until=clock(until))
    if problem.code == "too_many_attempts":
        wait = int(params["seconds"])
        return plural(
            "Too many attempts. Try again in {n} second.", "Too many attempts. Try again in {n} seconds.", wait
        )
    if problem.code == "not_allowed":
        return _("Your role ({role}) does not allow this. Ask an administrator.").format(role=role(params["role"]))
    if isinstance(problem, AlreadyAnswered | ReplyTooLong):
        return _of_an_answer(problem)
    return str(problem)


def said(sentence: Sentence) -> str:
    """A sentence of the inbox in the reader's language."""
    return sentence.said(_, number)


def _of_an_answer(problem: AlreadyAnswered | ReplyTooLong) -> str:
    params = problem.params
    if isinstance(problem, ReplyTooLong):
        told = _("The answer counts {n} characters; this platform takes {most}. Shorten it.")
        return told.format(n=number(params["length"]), most=number(params["most"]))
    told = _("{name} has answered already.") if problem.sent else _("An answer of {name} is on its way.")
    return told.format(name=problem.name)


def search_problem(problem: SearchProblem) -> str:
    """Why a search cannot be read, and what to write instead."""
    told = said(problem.text)
    if problem.suggestion:
        told += " " + _("Write it like this: {example}").format(example=problem.suggestion)
    return told
