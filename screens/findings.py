"""What keeps a text from going out, in the reader's language. Values in, JSON for the composer out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox.errors import CannotReply, CustomerWroteAgain, InboxError, NeedsASecondLook
from inbox.writing.views import Finding
from screens import words
from screens.cards import clean
from screens.i18n import N_, _, number
from screens.security import safe_url

_KINDS: Mapping[str, str] = {
    "iban": N_("Bank account"),
    "card": N_("Card number"),
    "email": N_("E-mail address"),
    "bsn": N_("Citizen service number"),
    "order": N_("Order or customer number"),
    "phone": N_("Phone number"),
    "address": N_("Address"),
    "gap": N_("Not filled in"),
    "unknown_variable": N_("Looks like a variable"),
    "same_text": N_("The same words as the last answer"),
    "empty": N_("There is nothing to send"),
}
PERSONAL = frozenset({"iban", "card", "email", "bsn", "order", "phone", "address"})


def name(code: str) -> str:
    """The name of a finding."""
    return _(_KINDS[code]) if code in _KINDS else code.replace("_", " ")


def not_saved() -> str:
    """The line of a draft that could not be kept yet."""
    return _("Not saved yet, trying again")


def stop(problem: InboxError) -> dict[str, Any]:
    """Why a text was not sent, for the strip of the composer."""
    told: dict[str, Any] = {
        "tone": "warning",
        "title": words.error(problem),
        "lines": [],
        "texts": [],
        "confirm": None,
        "link": None,
    }
    if isinstance(problem, NeedsASecondLook):
        told |= {
            "title": _title(problem),
            "lines": [_line(one) for one in problem.found],
            "confirm": None if problem.to_confirm is None else sorted(problem.to_confirm),
        }
    elif isinstance(problem, CustomerWroteAgain):
        told |= {
            "title": _("The customer wrote again while you typed. Read it, then send your answer or change it."),
            "texts": [clean(text) for text in problem.texts],
        }
    elif isinstance(problem, CannotReply):
        url = safe_url(problem.deep_link)
        told |= {"tone": "error", "link": {"url": url, "text": _("Open on the platform")} if url else None}
    elif problem.code not in {"changed", "already_answered", "claimed_by_other", "store_busy"}:
        told["tone"] = "error"
    return told


def _title(problem: NeedsASecondLook) -> str:
    codes = {one.code for one in problem.found}
    if problem.to_confirm is None:
        return _("Something is missing. Fill it in before this goes out.")
    if codes & PERSONAL:
        return _("Everybody can read this answer, and it shows personal data:")
    return _("Look once more before this goes out:")


def _line(finding: Finding) -> dict[str, Any]:
    label = name(finding.code)
    if finding.code == "too_long":
        label = _("Too long: {n} of {most}").format(
            n=number(finding.params.get("n", 0)), most=number(finding.params.get("most", 0))
        )
    return {"label": label, "start": finding.start, "end": finding.end}
