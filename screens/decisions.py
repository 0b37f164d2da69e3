"""The decisions an agent can take with one key or press, by the name the browser sends: `ignore:not_about_us`.

Pure dispatch: which method of the inbox a name means. What is allowed is decided by the inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inbox.noise.marking import Scope
from inbox.service import Inbox
from inbox.views import Done
from screens import snooze
from screens.i18n import local_now
from screens.state import tab, utc_now


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done: on which conversation, as they saw it (`version`), with which `value`."""

    number: int
    version: int | None
    value: str


Decision = Callable[[Inbox, str, Wish], Done | None]


def _toggle_claim(box: Inbox, who: str, wish: Wish) -> Done:
    card = tab().card(wish.number)
    mine = card is not None and card.claimed_by is not None and card.claimed_by.id == box.current_user(who).id
    return box.release(who, wish.number) if mine else box.claim(who, wish.number)


def _snooze(box: Inbox, who: str, wish: Wish) -> Done:
    moment = snooze.until(wish.value, local_now(utc_now()))
    return box.snooze(who, wish.number, until=moment, version=wish.version)


def _assign(box: Inbox, who: str, wish: Wish) -> Done:
    return box.assign(who, wish.number, int(wish.value) if wish.value else None, version=wish.version)


def _assign_me(box: Inbox, who: str, wish: Wish) -> Done:
    return box.assign(who, wish.number, box.current_user(who).id, version=wish.version)


def _noise(box: Inbox, who: str, wish: Wish) -> Done:
    return box.noise.mark(who, wish.number, Scope(wish.value), version=wish.version)


def _theme(box: Inbox, who: str, wish: Wish) -> Done | None:
    return box.themes.accept(who, wish.number, int(wish.value))


DECISIONS: Mapping[str, Decision] = {
    "claim": lambda box, who, wish: box.claim(who, wish.number),
    "take_over": lambda box, who, wish: box.claim(who, wish.number, take_over=True),
    "release": lambda box, who, wish: box.release(who, wish.number),
    "toggle_claim": _toggle_claim,
    "resolve": lambda box, who, wish: box.resolve(who, wish.number, version=wish.version),
    "ignore": lambda box, who, wish: box.ignore(who, wish.number, reason=wish.value, version=wish.version),
    "spam": lambda box, who, wish: box.mark_spam(who, wish.number, version=wish.version),
    "noise": _noise,
    "not_spam": lambda box, who, wish: box.not_spam(who, wish.number, version=wish.version),
    "wait_customer": lambda box, who, wish: box.wait_for_customer(who, wish.number, version=wish.version),
    "wait_internal": lambda box, who, wish: box.wait_internally(who, wish.number, version=wish.version),
    "reopen": lambda box, who, wish: box.reopen(who, wish.number, version=wish.version),
    "mute": lambda box, who, wish: box.mute(who, wish.number, version=wish.version),
    "unmute": lambda box, who, wish: box.mute(who, wish.number, muted=False, version=wish.version),
    "priority": lambda box, who, wish: box.set_priority(who, wish.number, int(wish.value), version=wish.version),
    "theme": _theme,
    "tag": lambda box, who, wish: box.add_tag(who, wish.number, wish.value),
    "snooze": _snooze,
    "assign": _assign,
    "assign_me": _assign_me,
    "team": lambda box, who, wish: box.assign_team(who, wish.number, wish.value or None, version=wish.version),
}


def step_of(number: int, version: int | None, what: str) -> Callable[[Inbox, str], Done | None]:
    """The step a name means; a step that does nothing for a name that is not known."""
    kind, _colon, value = what.partition(":")
    decision = DECISIONS.get(kind)
    wish = Wish(number, version, value)
    return lambda box, who: None if decision is None else decision(box, who, wish)
