"""The customer panel of the detail: who this is over all channels. `build` is pure: a view in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inbox.errors import NotFound
from inbox.permissions import Permission
from inbox.persons.views import BADGES, AccountView, BadgeView, ContactView, Counts, CustomerView, SuggestionView
from inbox.views import CurrentUser, Detail
from screens import components, persons, words
from screens.cards import author_name, clean
from screens.i18n import N_, _, full_moment, moment, number, plural, short_date
from screens.platforms import sign_of
from screens.security import safe_url
from screens.state import inbox, token

_REASONS: Mapping[str, str] = {
    "same_email": N_("the same e-mail address in a message to us"),
    "same_phone": N_("the same telephone number in a message to us"),
    "linked_both_ways": N_("the accounts link to each other"),
    "same_order": N_("the same order or customer number"),
    "said_so": N_("says so in a message"),
    "same_handle": N_("the same account name"),
    "linked": N_("links to this account"),
    "same_name": N_("the same, rare name"),
    "same_plain_handle": N_("a similar account name"),
    "same_common_name": N_("the same name"),
    "same_city": N_("the same town"),
}


def draw(user: CurrentUser, detail: Detail, now: datetime) -> None:
    """Draw the panel; nothing when the platform names no author."""
    if detail.author is None:
        return
    kept = persons.shown(detail.author.id)
    try:
        view = inbox().persons.customer(token(), detail.author.id, limit=kept["limit"])
    except NotFound:
        return
    components.mount("customer", build(view, user, now, here=detail.card.id, merged=kept["merged"]), act=persons.on_act)


def build(view: CustomerView, user: CurrentUser, now: datetime, *, here: int, merged: int = 0) -> dict[str, Any]:
    """Everything the panel shows; `here` is the conversation on screen, `merged` a merge that may be taken back."""
    return {
        "author": view.author_id,
        "name": author_name(view.name),
        "facts": counted(view.counts),
        "badges": [_badge(code, view, now) for code in BADGES],
        "accounts": [_account(one) for one in view.accounts],
        "suggestions": [_suggestion(one) for one in view.suggestions],
        "merged": merged,
        "known": clean(view.known_as or ""),
        "consent": clean(view.consent or ""),
        "note": clean(view.notes),
        "others": [clean(one) for one in view.merged_notes],
        "history": [_contact(one, now, here=here) for one in view.history],
        "more": view.more,
        "may": {"work": user.may(Permission.WORK), "note": user.may(Permission.NOTE)},
        "privacy": f"/privacy?author={view.author_id}" if user.may(Permission.PRIVACY) else "",
        "words": {
            "title": _("Customer"),
            "badges": _("Badges"),
            "split": _("Split off"),
            "split_help": _("This account is somebody else after all"),
            "merged": _("These accounts are one person from now on."),
            "undo": _("Undo"),
            "same": _("Is this the same person?"),
            "yes": _("Yes, the same"),
            "no": _("No"),
            "about": _("Add a note, name or consent"),
            "about_edit": _("Change note, name or consent"),
            "name": _("Name of this person"),
            "consent": _("Consent (what this person allowed)"),
            "consented": _("Consent:"),
            "note": _("Note about this person, for colleagues"),
            "save": _("Save"),
            "history": _("All contact"),
            "answer": _("We:"),
            "first": _("First contact, as far as the sources show."),
            "more": _("Show more contact"),
            "privacy": _("Erase this person, or tell them what we keep"),
        },
    }


def counted(counts: Counts) -> str:
    """`11 contacts, 2 open, first in 2024`."""
    told = [plural("{n} contact", "{n} contacts", counts.contacts)]
    if counts.capped:
        told = [plural("at least {n} contact", "at least {n} contacts", counts.contacts)]
    if counts.open:
        told.append(_("{n} open").format(n=number(counts.open)))
    if counts.first_at is not None:
        told.append(_("first on {date}").format(date=short_date(counts.first_at)))
    return ", ".join(told)


def _badge(code: str, view: CustomerView, now: datetime) -> dict[str, Any]:
    given: BadgeView | None = next((one for one in view.badges if one.code == code), None)
    title = ""
    if given is not None and given.given_by is not None and given.given_at is not None:
        title = _("given by {name}, {time}").format(name=given.given_by.name, time=moment(given.given_at, now))
    return {"code": code, "label": words.badge(code), "on": given is not None, "title": clean(title)}


def _account(one: AccountView) -> dict[str, Any]:
    facts = []
    if one.handle and one.handle != one.name:
        facts.append(f"@{clean(one.handle).lstrip('@')}")
    scheme, _sep, contact = (one.url or "").partition(":")
    if scheme in {"tel", "mailto", "contact"}:
        facts.append(clean(contact)[:120])
    if one.followers is not None:
        facts.append(_("{n} followers").format(n=number(one.followers)))
    facts.extend(words.badge(name) for name, given in (("staff", one.is_staff), ("bot", one.is_bot)) if given)
    sign = sign_of(one.platform)
    return {
        "id": one.id,
        "letters": sign.letters,
        "colour": sign.colour,
        "platform": sign.name,
        "name": author_name(one.name)[:120],
        "url": safe_url(one.url) or "",
        "facts": " · ".join(facts),
        "split": one.can_split,
    }


def _suggestion(one: SuggestionView) -> dict[str, Any]:
    sign = sign_of(one.platform)
    name = author_name(one.name)[:120]
    handle = f" (@{clean(one.handle).lstrip('@')[:80]})" if one.handle and one.handle != one.name else ""
    return {
        "account": one.account_id,
        "other": one.other_id,
        "letters": sign.letters,
        "colour": sign.colour,
        "platform": sign.name,
        "name": name + handle,
        "url": safe_url(one.url) or "",
        "reasons": ", ".join(_(_REASONS[code]) for code in one.reasons if code in _REASONS),
    }


def _contact(one: ContactView, now: datetime, *, here: int) -> dict[str, Any]:
    sign = sign_of(one.platform, one.kind)
    facts = [clean(one.source_name), words.kind(one.kind)]
    if one.n_said > 1:
        facts.append(plural("{n} message", "{n} messages", one.n_said))
    if one.rating is not None:
        facts.append(words.rating(one.rating))
    promise = ""
    if one.promise_due_at is not None:
        promise = _("promised by {time}").format(time=moment(one.promise_due_at, now))
    return {
        "id": one.conversation_id,
        "here": one.conversation_id == here,
        "letters": sign.letters,
        "colour": sign.colour,
        "platform": sign.name,
        "text": clean(one.said)[:200],
        "facts": " · ".join(facts),
        "answer": (clean(one.answered)[:200] or _("answered")) if one.answered is not None else "",
        "at": moment(one.said_at, now),
        "when": full_moment(one.said_at),
        "status": words.status(one.status),
        "open": one.is_open,
        "promise": promise,
    }
