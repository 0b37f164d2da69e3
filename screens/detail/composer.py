"""Where somebody writes: an answer, what was answered by hand, a note for colleagues."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.views import Card, CurrentUser, Detail
from inbox.writing.views import ColleagueDraft, Mode, Paper, Scope, TemplateView
from screens import components, hints, threads, words, writing
from screens.cards import clean, millis
from screens.i18n import N_, _, current, moment
from screens.security import safe_url
from screens.state import Tab, enter, inbox, tab, token, utc_now

_ASKABLE = frozenset({"new", "open"})
_SEEN = {
    "public": N_("Public: everybody can read it"),
    "unlisted": N_("Unlisted: public, not in timelines"),
    "private": N_("Private: only the customer"),
}


@st.fragment(key="composer")
def draw(user: CurrentUser, detail: Detail) -> None:
    """Draw the composer with the modes this person may use. A fragment: keeping a draft redraws nothing else."""
    try:
        enter()
        paper = inbox().writing.paper(token(), detail.card.id)
        found = _templates(detail.card.id)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    components.mount(
        "composer",
        data(tab(), user, detail, paper, found),
        draft=writing.on_draft,
        save=writing.on_compose,
        busy=writing.on_busy,
        find=writing.on_find,
    )


def data(
    here: Tab, user: CurrentUser, detail: Detail, paper: Paper, templates: dict[str, Any] | None
) -> dict[str, Any]:
    """What the component draws."""
    card, reply, desk = detail.card, detail.reply, writing.desk()
    kept = {one.mode for one in paper.drafts.mine}
    may_reply = user.may(Permission.REPLY) and reply.can_reply and _open_for(Mode.REPLY, card, kept)
    url = safe_url(reply.deep_link) or safe_url(card.url)
    return {
        "id": card.id,
        "version": card.version,
        "user": user.id,
        "lang": current().code,
        "now": millis(utc_now()),
        "modes": _modes(
            user,
            card.status,
            may_reply=may_reply,
            by_hand=user.may(Permission.WORK) and _open_for(Mode.HAND, card, kept),
        ),
        "drafts": {
            one.mode.value: {
                "text": clean(one.text),
                "version": one.version,
                "seen": one.visibility,
                "template": one.template_id,
                "at": millis(one.updated_at),
            }
            for one in paper.drafts.mine
        },
        "revs": dict(paper.drafts.revs),
        "saved": desk.saved,
        "stop": desk.stop if desk.stop and desk.stop["id"] == card.id else None,
        "kept": here.composed,
        "templates": templates,
        "templating": user.may(Permission.REPLY),
        "limit": {"max": reply.max_length, "unit": reply.length_unit, "link": reply.link_length},
        "seen": {"options": [(one, _(_SEEN[one])) for one in reply.visibilities], "value": reply.visibilities[0]}
        if reply.visibilities
        else None,
        "initials": paper.writer.initials,
        "people": hints.colleagues(),
        "others": _others(paper.drafts.others),
        "until": _("The platform takes an answer until {at}.").format(at=moment(reply.until, utc_now()))
        if reply.until
        else "",
        "approval": _("A colleague reads this before it goes out.") if paper.writer.needs_approval else "",
        "hand": {
            "why": _why_not(detail, may_reply=may_reply),
            "url": url,
            "open": _("Open on {source}").format(source=clean(card.source_name)),
        },
        "words": _words(),
    }


def _open_for(mode: Mode, card: Card, kept: Collection[Mode]) -> bool:
    """Whether a mode is offered. A text that somebody began stays in view when a colleague closed the conversation."""
    return card.status not in words.CLOSED or mode in kept


def _modes(user: CurrentUser, status: str, *, may_reply: bool, by_hand: bool) -> list[dict[str, Any]]:
    modes: list[dict[str, Any]] = []
    if may_reply:
        modes.append(
            {
                "id": Mode.REPLY.value,
                "tab": _("Answer"),
                "label": _("Answer to the customer"),
                "placeholder": _("Write your answer; / for a template"),
                "hint": _("Ctrl+Enter sends and resolves."),
                "save": _("Send and resolve"),
                "needs_text": True,
                "follow": [
                    ("resolved", _("Send and resolve")),
                    ("waiting_customer", _("Send and wait for the customer")),
                    ("stay", _("Send and keep it open")),
                ],
            }
        )
        if not user.may(Permission.WORK):
            # A specialist answers; what becomes of the conversation is for who works on it.
            modes[0] |= {"hint": _("Ctrl+Enter sends."), "save": _("Send"), "follow": [("stay", _("Send"))]}
    if by_hand:
        modes.append(
            {
                "id": Mode.HAND.value,
                "tab": _("Answered by hand"),
                "label": _("Answered by hand"),
                "placeholder": _("Paste what you answered"),
                "hint": _("Answer on the platform itself, then keep here what you wrote. This stops the clock."),
                "save": _("Record answer"),
                "needs_text": False,
                "follow": None,
            }
        )
    modes.append(
        {
            "id": Mode.NOTE.value,
            "tab": _("Internal note"),
            "label": _("Internal note"),
            "placeholder": _("Only colleagues read this; @ names one"),
            "hint": _("For colleagues; never sent to the customer."),
            "save": _("Save note"),
            "needs_text": True,
            "follow": [("stay", _("Save note")), (writing.ASK, _("Save note and wait for a colleague"))]
            if user.may(Permission.WORK) and status in _ASKABLE
            else None,
        }
    )
    return modes


def _why_not(detail: Detail, *, may_reply: bool) -> str:
    if may_reply:
        return ""
    why = detail.reply.why_not
    return clean(words.no_answer(why)) if why else _("This platform takes no answers from here.")


def _others(others: tuple[ColleagueDraft, ...]) -> str:
    if not others:
        return ""
    names = ", ".join(clean(name) for name in dict.fromkeys(one.person.name for one in others))
    return _("{name} has a draft").format(name=names)


def _templates(conversation_id: int) -> dict[str, Any] | None:
    query = writing.desk().query
    if query is None or query[0] != conversation_id:
        return None
    found = inbox().writing.offered(token(), conversation_id, search=query[1])
    return {
        "id": conversation_id,
        "rows": [
            {
                "id": template.id,
                "name": clean(template.name),
                "text": clean(filled.text),
                "gaps": list(filled.gaps),
                "facts": facts(template),
            }
            for template, filled in found
        ],
    }


def facts(template: TemplateView) -> list[str]:
    """Language, whose it is, and how often it was used."""
    told = [words.language(template.lang)] if template.lang else []
    if template.scope is not Scope.SHARED:
        told.append(_("my own") if template.scope is Scope.PERSONAL else clean(template.team_id or ""))
    return told


def _words() -> dict[str, str]:
    return {
        "saved": _("Saved {time}"),
        "saving": _("Saving …"),
        "again": _("Not saved yet, trying again"),
        "over": _("Longer than the platform takes"),
        "room": _("Characters of what the platform takes"),
        "anyway": _("Send anyway"),
        "fix": _("Change it"),
        "seen": _("Who can read it"),
        "templates": _("Templates"),
        "search": _("Search templates"),
        "loading": _("Loading more …"),
        "none": _("No template fits. Make one on the Templates page."),
        "sign": _("Put my initials under the answer"),
        "more": _("Other ways to send"),
        "more_note": _("Other ways to save"),
        "people": _("Colleagues"),
    }
