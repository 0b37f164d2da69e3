"""Under the thread: our answers on their way, waiting or in trouble, and what can be done with them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.replying.views import OutboxView
from inbox.views import CurrentUser, Detail
from screens import components, platform_words, reading, replying
from screens.cards import clean, millis
from screens.i18n import N_, _, moment
from screens.security import safe_url
from screens.state import enter, inbox, tab, token, utc_now

# How often a bubble that is on its way looks how it stands, in seconds.
_EVERY = 3
_MOVING = frozenset({"queued", "sending", "unknown"})
_TONES = {"approval": "wait", "unknown": "wait", "held": "wait", "failed": "bad", "rejected": "bad", "sent": "done"}
_LABELS = {
    "approval": N_("Waits for approval"),
    "queued": N_("On its way"),
    "sending": N_("Being sent"),
    "unknown": N_("Perhaps sent: the platform is being asked"),
    "held": N_("A moderator of the platform must release it"),
    "failed": N_("Not sent"),
    "rejected": N_("Rejected"),
    "sent": N_("Sent"),
}
_KINDS = {"like": N_("Like"), "hide": N_("Hide"), "delete_own": N_("Remove our answer")}
_SEEN = "klankbord_outgoing"


def draw(user: CurrentUser, detail: Detail) -> None:
    """Draw the bubbles; while one is on its way they look again by themselves."""
    rows = _rows(detail)
    moving = any(row.state in _MOVING for row in rows) or _looked(detail)[1]
    st.session_state[_SEEN] = (detail.card.id, _standing(detail, rows))
    # Always there: what stands below keeps its place, and a field somebody types in is not made anew.
    with st.container(key="answers"):
        st.fragment(_bubbles, key="outgoing", run_every=_EVERY if moving else None)(user, detail)


def _bubbles(user: CurrentUser, detail: Detail) -> None:
    try:
        enter()
    except InboxError:
        return
    rows = _rows(detail)
    components.mount("outgoing", data(user, detail, rows), act=replying.on_act)
    number, drawn = st.session_state[_SEEN]
    standing = _standing(detail, rows)
    if number == detail.card.id and any(standing.get(one) != state for one, state in drawn.items()):
        # It arrived, failed, or is done and gone from here: head, thread and list tell it too. They are asked for at
        # every look until they were drawn, because one request may get lost among others.
        tab().stale = True
        st.rerun()


def _standing(detail: Detail, rows: list[OutboxView]) -> dict[int, str]:
    """How each answer stands, and under 0 whether the customer's message is being looked at."""
    return {row.id: row.state for row in rows} | {0: "looking" if _looked(detail)[1] else "looked"}


def _rows(detail: Detail) -> list[OutboxView]:
    """What has to be told: not what was taken back, nor what already stands in the thread."""
    shown = {message.id for message in detail.messages}
    try:
        number = detail.card.id
        found = reading.once(f"answers {number}", lambda: inbox().replies.of(token(), number))
    except InboxError:
        return []
    return [row for row in found if row.state in _LABELS and not _told_elsewhere(row, shown)]


def _told_elsewhere(row: OutboxView, shown: set[int]) -> bool:
    return row.state == "sent" and (row.kind != "reply" or row.own_mention_id in shown)


def data(user: CurrentUser, detail: Detail, rows: list[OutboxView]) -> dict[str, Any]:
    """What the component draws."""
    now = utc_now()
    return {
        "id": detail.card.id,
        "now": millis(now),
        "rows": [bubble(row) for row in rows],
        "acts": _acts(user, detail),
        "looked": _looked(detail)[0],
        "stop": replying.stopped(),
        "words": words_of(),
    }


def words_of() -> dict[str, str]:
    """The words of the component."""
    return {
        "in": _("Goes out in {n} s"),
        "copied": _("Copied"),
        "reject": _("Reject"),
        "keep": _("Back"),
        "approve_this": _("Approve this text"),
        "edited": _("The text that goes out"),
        "anyway": _("Send anyway"),
        "reason": _("Why not? The author reads it."),
        "open": _("Open on the platform"),
        "acts": _("Like, hide or remove"),
    }


def bubble(row: OutboxView) -> dict[str, Any]:
    """One answer, with the buttons this person may press."""
    now = utc_now()
    label = _(_LABELS[row.state])
    if row.kind != "reply":
        label = f"{_(_KINDS.get(row.kind, row.kind))}: {label}"
    facts = [row.author.name if row.author else "", moment(row.created_at, now)]
    if row.visibility == "private":
        facts.append(_("private"))
    if row.approved_by is not None:
        who = _("rejected by {name}") if row.state == "rejected" else _("approved by {name}")
        facts.append(who.format(name=row.approved_by.name))
    # Why it was rejected is what a colleague wrote.
    told = row.trouble or ""
    trouble = clean(told if row.state == "rejected" else platform_words.said(told))
    if row.state == "unknown" and row.looked_at is not None:
        looked = _("Looked at {time}: it does not stand there.").format(time=moment(row.looked_at, now))
        trouble = f"{trouble} {looked}".strip()
    return {
        "id": row.id,
        "state": row.state,
        "tone": _TONES.get(row.state, ""),
        "label": label,
        "facts": clean(" · ".join(part for part in facts if part)),
        "text": clean(row.text or ""),
        "trouble": trouble,
        "until": millis(row.not_before) if row.state == "queued" and row.not_before > now else None,
        "buttons": _buttons(row),
        "url": safe_url(row.url) or (safe_url(row.deep_link) if row.may_decide else None),
    }


def _buttons(row: OutboxView) -> list[tuple[str, str, str]]:
    buttons: list[tuple[str, str, str]] = []
    if row.may_approve:
        buttons += [("approve", _("Approve"), "primary"), ("edit", _("Change the text"), "")]
        buttons.append(("reject", _("Reject"), ""))
    if row.may_decide:
        buttons += [("sent_by_hand", _("It stands there"), ""), ("was_not_sent", _("It does not stand there"), "")]
    if row.may_retry:
        buttons.append(("retry", _("Try again"), "primary"))
    if row.may_cancel:
        waits = row.state in {"queued", "approval"}
        buttons.append(("cancel", _("Take back") if waits else _("Write it anew"), ""))
    if row.state in {"failed", "unknown", "rejected"} and row.text:
        buttons.append(("copy", _("Copy the text"), ""))
    return buttons


def _looked(detail: Detail) -> tuple[str, bool]:
    """What the last look whether the customer's message still stands told, and whether one is under way."""
    try:
        number = detail.card.id
        checks = reading.once(f"checks {number}", lambda: inbox().replies.checks_of(token(), number))
    except InboxError:
        return "", False
    found = checks.get(detail.reply.target_id or 0)
    if found is None:
        return "", False
    if found.asked:
        return _("Being looked at on the platform …"), True
    if found.trouble is not None:
        return _("It could not be looked at: {why}").format(why=clean(platform_words.said(found.trouble))), False
    return _("Seen there {time}").format(time=moment(found.at, utc_now())) if found.at else "", False


def _acts(user: CurrentUser, detail: Detail) -> list[tuple[str, int, str, str]]:
    """Like, hide and remove, where the platform has them: what, on which message, label, question."""
    if not user.may(Permission.SEND):
        return []
    acts: list[tuple[str, int, str, str]] = []
    reply = detail.reply
    if reply.target_id is not None and reply.can_like:
        acts.append(("like", reply.target_id, _("Like"), ""))
    if reply.target_id is not None and reply.can_hide:
        acts.append(("hide", reply.target_id, _("Hide"), _("Really hide it there?")))
    if reply.target_id is not None and reply.can_recheck and user.may(Permission.WORK):
        acts.append(("recheck", reply.target_id, _("Does it still stand?"), ""))
    if reply.own_id is not None:
        acts.append(("delete_own", reply.own_id, _("Remove our answer"), _("Really remove it there?")))
    return acts
