"""What receivers are told of a spike, in Dutch and English: a title, a few lines, and the same as facts. Pure.

It leaves this house, so it holds figures, what drives the spike and a link; of messages it quotes the first one, and
only where everybody can read that anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal, format_percent

from inbox.alerts.views import AlertView, SilentSource

LONGEST_QUOTE = 280


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said.

    Attributes:
        title: one line.
        lines: further sentences.
        quote: the first message, shortened; empty where none may be quoted.
        link: where to read on.
        facts: the same for machines.
    """

    title: str
    lines: tuple[str, ...]
    quote: str
    link: str
    facts: Mapping[str, Any]


_ENGLISH = MappingProxyType(
    {
        "title": "{rule}: {n} messages in {hours} hours",
        "title_1": "{rule}: {n} messages in an hour",
        "expected": "Usual at this time of the week is {mean}, give or take {sd}.",
        "unknown": "What is usual is not known yet: there is too little history.",
        "window": "Since {at}.",
        "link": "{n} of {of} share the link {label}.",
        "source": "{n} of {of} come from {label}.",
        "author": "{n} of {of} were written by {label}.",
        "theme": "{n} of {of} are about the theme {label}.",
        "word": "{n} of {of} say “{label}”.",
        "turn": "{now} negative, against {before} before.",
        "accuracy": "Our sentiment was right in {share} of {n} checked messages.",
        "silent": "{rule}: {n} sources are silent",
        "silent_1": "{rule}: {source} is silent",
        "quiet": "{source}: {n} messages, where {mean} are usual, give or take {sd}.",
        "ill": "{source}: in trouble since {at}.",
        "test": "A test from Klankbord: this receiver can be told.",
    }
)
_DUTCH = MappingProxyType(
    {
        "title": "{rule}: {n} berichten in {hours} uur",
        "title_1": "{rule}: {n} berichten in een uur",
        "expected": "Gewoon op dit moment van de week is {mean}, met een speling van {sd}.",
        "unknown": "Wat gewoon is, is nog niet bekend: er is te weinig geschiedenis.",
        "window": "Sinds {at}.",
        "link": "{n} van {of} delen de link {label}.",
        "source": "{n} van {of} komen van {label}.",
        "author": "{n} van {of} zijn geschreven door {label}.",
        "theme": "{n} van {of} gaan over het thema {label}.",
        "word": "{n} van {of} zeggen “{label}”.",
        "turn": "{now} negatief, tegen {before} eerder.",
        "accuracy": "Ons sentiment klopte bij {share} van {n} nagekeken berichten.",
        "silent": "{rule}: {n} bronnen zijn stil",
        "silent_1": "{rule}: {source} is stil",
        "quiet": "{source}: {n} berichten, waar {mean} gewoon is, met een speling van {sd}.",
        "ill": "{source}: heeft problemen sinds {at}.",
        "test": "Een proef van Klankbord: deze ontvanger kan worden gewaarschuwd.",
    }
)
_WORDS = MappingProxyType({"en": _ENGLISH, "nl": _DUTCH})


def announce(view: AlertView, *, language: str, zone: ZoneInfo, link: str) -> Announcement:
    """What is told of a spike or a silence."""
    said = _WORDS.get(language, _ENGLISH)
    hours = round((view.until - view.since).total_seconds() / 3600)
    title = said["title_1" if hours == 1 else "title"].format(rule=view.rule, n=_number(view.n, language), hours=hours)
    if view.silent:
        form = said["silent_1" if len(view.silent) == 1 else "silent"]
        title = form.format(rule=view.rule, n=_number(len(view.silent), language), source=view.silent[0].name)
    return Announcement(title, tuple(_lines(view, said, language, zone)), _quote(view), link, facts(view, link))


def announce_test(*, language: str, link: str, at: datetime) -> Announcement:
    """What a receiver is told to see whether that works."""
    title = _WORDS.get(language, _ENGLISH)["test"]
    return Announcement(title, (), "", link, {"kind": "test", "at": at.isoformat(), "link": link})


def facts(view: AlertView, link: str) -> dict[str, Any]:
    """A spike for machines; instants in UTC, shares 0-1."""
    turn = view.turn
    return {
        "kind": "alert",
        "id": str(view.id),
        "rule": {"id": str(view.rule_id), "name": view.rule},
        "since": view.since.isoformat(),
        "until": view.until.isoformat(),
        "fired_at": view.fired_at.isoformat(),
        "n": view.n,
        "at_least": None if view.silent else view.at_least,
        "expected": view.expected,
        "sd": view.sd,
        "drivers": [
            {
                "trait": one.driver.trait,
                "label": one.label,
                "n": one.driver.n,
                "of": one.driver.of,
                "n_before": one.driver.n_before,
                "of_before": one.driver.of_before,
            }
            for one in view.drivers
        ],
        "negative": None
        if turn is None
        else {
            "n": turn.now.hits,
            "of": turn.now.n,
            "n_before": turn.before.hits,
            "of_before": turn.before.n,
            "turned": turn.turned,
            "accuracy": None if turn.accuracy is None else turn.accuracy.value,
            "accuracy_n": None if turn.accuracy is None else turn.accuracy.n,
        },
        "silent": [
            {
                "source": one.name,
                "n": one.n,
                "expected": one.expected,
                "sd": one.sd,
                "ill_since": None if one.ill_since is None else one.ill_since.isoformat(),
            }
            for one in view.silent
        ],
        "link": link,
    }


def _lines(view: AlertView, said: Mapping[str, str], language: str, zone: ZoneInfo) -> list[str]:
    lines = [said["window"].format(at=_moment(view.since, zone))]
    if view.silent:
        return [*lines, *(line for one in view.silent for line in _silent(one, said, language, zone))]
    if view.expected is None or view.sd is None:
        lines.append(said["unknown"])
    else:
        mean, sd = _number(view.expected, language), _number(view.sd, language)
        lines.append(said["expected"].format(mean=mean, sd=sd))
    for one in view.drivers:
        n, of = _number(one.driver.n, language), _number(one.driver.of, language)
        lines.append(said[one.driver.trait].format(n=n, of=of, label=one.label))
    if view.turn is not None and view.turn.turned:
        now, before = (_percent(share.value, language) for share in (view.turn.now, view.turn.before))
        lines.append(said["turn"].format(now=now, before=before))
        if (right := view.turn.accuracy) is not None:
            lines.append(said["accuracy"].format(share=_percent(right.value, language), n=_number(right.n, language)))
    return lines


def _silent(one: SilentSource, said: Mapping[str, str], language: str, zone: ZoneInfo) -> Iterator[str]:
    if one.n is not None and one.expected is not None and one.sd is not None:
        n, mean, sd = (_number(value, language) for value in (one.n, one.expected, one.sd))
        yield said["quiet"].format(source=one.name, n=n, mean=mean, sd=sd)
    if one.ill_since is not None:
        yield said["ill"].format(source=one.name, at=_moment(one.ill_since, zone))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d-%m-%Y %H:%M")


def _quote(view: AlertView) -> str:
    text = "" if view.first is None else " ".join(view.first.text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1].rstrip()}…"


def _number(value: float, language: str) -> str:
    return str(format_decimal(round(value, 1), locale=language))


def _percent(share: float, language: str) -> str:
    return str(format_percent(share, locale=language))
