"""The health of a source in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from inbox.source_views import SourceHealth
from screens import platform_words
from screens.i18n import N_, _, moment

_HEALTH: Mapping[str, str] = {
    "ok": N_("Everything comes in."),
    "waiting": N_("The platform asks us to wait; it goes on by itself."),
    "trouble": N_("Trouble at the source; we keep trying."),
    "login": N_("Somebody must log in again: the access was refused or has expired."),
    "refused": N_("The platform refuses our question; the configuration needs a change."),
    "gone": N_("The source is gone at this address."),
    "off": N_("Switched off in the configuration."),
    "paused": N_("Paused here. What it misses is asked for when it goes on."),
}
_LEVEL: Mapping[str, str] = {
    "ok": N_("Well"),
    "attention": N_("Needs a look"),
    "dark": N_("Dark: nothing comes in"),
}


def level(key: str) -> str:
    """How bad it is."""
    return _(_LEVEL.get(key, N_("Needs a look")))


def health_badge(source: SourceHealth) -> str:
    """How it stands, in a word or two."""
    idle = {"off": N_("Off"), "paused": N_("Paused")}.get(source.health)
    return _(idle) if idle else level(source.level)


def what(source: SourceHealth, now: datetime) -> str:
    """What is the matter and since when; what the collector said stands behind it."""
    told = _(_HEALTH.get(source.health, N_("Trouble at the source; we keep trying.")))
    if source.error_since is not None and source.level != "ok":
        told += " " + _("Since {time}.").format(time=moment(source.error_since, now))
    if source.text and source.level != "ok":
        told += f" ({of_collector(source.text)})"
    return told


def of_collector(text: str) -> str:
    """What the collector wrote about a source; it may begin with the name of the query that it is about."""
    told = platform_words.said(text)
    label, colon, rest = text.partition(": ")
    return f"{label}: {platform_words.said(rest)}" if told == text and colon else told
