"""The health of a source in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from inbox.views import SourceHealth
from screens.i18n import N_, _, moment

_HEALTH: Mapping[str, str] = {
    "ok": N_("Everything comes in."),
    "waiting": N_("The platform asks us to wait; it goes on by itself."),
    "trouble": N_("Trouble at the source; we keep trying."),
    "login": N_("Somebody must log in again: the access was refused or has expired."),
    "refused": N_("The platform refuses our question; the configuration needs a change."),
    "gone": N_("The source is gone at this address."),
    "off": N_("Switched off in the configuration."),
}
_LEVEL: Mapping[str, str] = {
    "ok": N_("Well"),
    "attention": N_("Needs a look"),
    "dark": N_("Dark: nothing comes in"),
}


def level(key: str) -> str:
    """How bad it is."""
    return _(_LEVEL.get(key, N_("Needs a look")))


def what(source: SourceHealth, now: datetime) -> str:
    """What is the matter and since when; what the collector said stands behind it, verbatim."""
    told = _(_HEALTH.get(source.health, N_("Trouble at the source; we keep trying.")))
    if source.error_since is not None and source.level != "ok":
        told += " " + _("Since {time}.").format(time=moment(source.error_since, now))
    if source.text and source.level != "ok":
        told += f" ({source.text})"
    return told
