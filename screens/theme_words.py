"""Themes in words and as HTML: how much they are raised, whether that is more than before, and who says what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from babel.numbers import format_decimal

from inbox.themes.views import Lesson, ThemeRow, ThemeTalk
from screens import platforms, tone
from screens.cards import author_name
from screens.i18n import _, current, moment, number, percent, plural
from screens.security import verbatim

_SNIPPET = 220
_TOLD = 8
"""Conversations from which a change is told; of fewer the interval says nothing."""
_ENOUGH = 5
"""Conversations with a tone from which a share of them is told."""


def figures(one: ThemeRow) -> list[str]:
    """This week, last week, the change and how much of it is negative: each a short text."""
    told = [
        plural("{n} this week", "{n} this week", one.n_week),
        plural("{n} last week", "{n} last week", one.n_last_week),
    ]
    change = changed(one)
    if change:
        told.append(change)
    share = negative(one)
    return [*told, share] if share else told


def negative(one: ThemeRow) -> str:
    """How much of it is negative, and of how many; empty while too few have a tone. Our accuracy stands beside it."""
    if one.n_mooded < _ENOUGH:
        return ""
    told = _("{share} negative (of {n})")
    return told.format(share=percent(one.n_negative / one.n_mooded), n=number(one.n_mooded))


def changed(one: ThemeRow) -> str:
    """This week against the weeks before, as a factor with its interval; empty while that cannot be told."""
    change = one.change
    if change is None or max(change.n, change.n_before) < _TOLD:
        return ""
    said = _("{ratio} times the weeks before ({low} to {high})")
    return said.format(ratio=_factor(change.ratio), low=_factor(change.low), high=_factor(change.high))


def badge(one: ThemeRow) -> str:
    """Whether it rises or falls, or is out of use, as HTML; never by colour alone."""
    if one.archived_at is not None:
        return f'<span class="kb-badge">{_("out of use")}</span>'
    if one.change is not None and one.change.rising:
        return f'<span class="kb-badge red">▲ {_("rising")}</span>'
    if one.change is not None and one.change.falling:
        return f'<span class="kb-badge green">▼ {_("falling")}</span>'
    return ""


def row(one: ThemeRow) -> str:
    """A theme in the list, as HTML."""
    owner = f" · {verbatim(one.owner.name)}" if one.owner is not None else ""
    about = f"<p>{verbatim(one.description)}</p>" if one.description else ""
    return (
        f'<div class="kb-theme"><h2><bdi>{verbatim(one.name)}</bdi> {badge(one)}'
        f'<span class="kb-soft">{owner}</span></h2>{about}'
        f'<span class="kb-soft">{verbatim(" · ".join(figures(one)))}</span></div>'
    )


def talks(some: Iterable[ThemeTalk], now: datetime, beside: Mapping[int, str] | None = None) -> str:
    """Conversations as lines, each a link to the inbox, as HTML; empty without any.

    Args:
        some: in the order in which they stand.
        now: aware UTC.
        beside: words of ours to tell first of a conversation, by id.
    """
    lines = "".join(_talk(one, now, (beside or {}).get(one.conversation_id, "")) for one in some)
    return f'<ul class="kb-talks">{lines}</ul>' if lines else ""


def _talk(one: ThemeTalk, now: datetime, beside: str) -> str:
    snippet = one.snippet if len(one.snippet) <= _SNIPPET else f"{one.snippet[: _SNIPPET - 1]}…"
    mood = (
        f'<span title="{verbatim(tone.named(one.sentiment))}">{tone.sign(one.sentiment)}</span> '
        if one.sentiment
        else ""
    )
    where = platforms.sign_of(one.platform).name
    text = verbatim(snippet) or _("no text")
    first = f"<b>{verbatim(beside)}</b> · " if beside else ""
    return (
        f'<li><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>{text}</bdi></a>'
        f'<span class="kb-soft">{first}{mood}{verbatim(author_name(one.author_name))} · {verbatim(where)} · '
        f"{verbatim(moment(one.at, now))}</span></li>"
    )


def lesson(one: Lesson | None, now: datetime) -> str:
    """What suggestions were learned from, and how often they were right."""
    if one is None:
        return _("Suggestions have learned nothing yet: link some conversations, or give examples.")
    told = plural("Learned from {n} link", "Learned from {n} links", one.n_links)
    told = _("{learned}, {time}.").format(
        learned=told if one.n_links else _("Learned from names and examples"), time=moment(one.at, now)
    )
    if one.top_1 is None or one.top_2 is None:
        return f"{told} {_('Too few links to measure how often the suggestions are right.')}"
    said = _("Of {n} links that were held back, {first} came first and {second} were among the first two.")
    right = said.format(n=number(one.n_held), first=percent(one.top_1), second=percent(one.top_2))
    return f"{told} {right}"


def _factor(value: float) -> str:
    return str(format_decimal(round(value, 1) if value < 10 else round(value), locale=current().locale))
