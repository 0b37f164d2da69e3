"""Drives the steps of a connector: asks the person, sends the browser, calls the platform. Keeps nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.connecting import (
    Answer,
    Ask,
    Browse,
    Call,
    Choose,
    Connected,
    Connecting,
    Redirect,
    Step,
    Tell,
)
from connectors.errors import ConnectorError, FormatChanged
from connectors.requests import HttpRequest, HttpResponse
from klankbord.connecting.person import Person
from klankbord.connecting.returning import Trips
from pipeline.http.redact import KNOWN

_SECRET = re.compile(r"(?:token|secret|password|jwt)$", re.IGNORECASE)
Perform = Callable[[HttpRequest, frozenset[str]], HttpResponse]
"""Performs a call; the second argument names the private hosts that the person typed."""


def walk(steps: Connecting, person: Person, trips: Trips, perform: Perform, *, name: str) -> Connected:
    """Go through all steps.

    Args:
        steps: of the connector.
        person: answers.
        trips: sends the browser.
        perform: calls the platform.
        name: of the connector.

    Returns:
        What is to be kept.

    Raises:
        ConnectorError: the platform or the connector refused.
        CommandError: the person did not answer.
    """
    walker = _Walker(person, trips, perform)
    try:
        step = _moved(lambda: next(steps), name)
        while not isinstance(step, Connected):
            step = _moved(_onward(steps, walker, step), name)
    finally:
        steps.close()
        trips.close()
    return step


def _onward(steps: Connecting, walker: _Walker, step: Step) -> Callable[[], Step]:
    try:
        answer = walker.answer(step)
    except ConnectorError as error:
        trouble = error
        return lambda: steps.throw(trouble)
    return lambda: steps.send(answer)


def _moved(move: Callable[[], Step], name: str) -> Step | Connected:
    """The next step, or the end.

    Raises:
        ConnectorError: the connector's own, or that it failed: its words are left out then, since a fault may quote
            what was typed.
    """
    try:
        return move()
    except StopIteration as done:
        if isinstance(done.value, Connected):
            return done.value
        msg = f"the {name} connector ended without a login"
        raise FormatChanged(msg) from None
    except ConnectorError:
        raise
    except Exception as error:  # a fault of a (third-party) connector ends the walk, not the command with a trace
        msg = f"the {name} connector failed while connecting: {type(error).__name__}"
        raise FormatChanged(msg) from error


class _Walker:
    """Answers one step after another."""

    def __init__(self, person: Person, trips: Trips, perform: Perform) -> None:
        self._person = person
        self._trips = trips
        self._perform = perform
        self._hosts: frozenset[str] = frozenset()

    def answer(self, step: Step) -> Answer:
        match step:
            case Ask():
                typed = self._person.fill_in(step)
                self._hosts |= frozenset(_hosts_in(step, typed))
                return typed
            case Choose():
                return self._person.choose(step)
            case Redirect():
                return self._trips.redirect()
            case Browse():
                return self._trips.go(step)
            case Tell():
                self._person.hear(step)
                return None
            case Call():
                response = self._perform(step.request, self._hosts)
                KNOWN.add(_secrets_told(response.body))
                return response


def _hosts_in(step: Ask, typed: dict[str, str]) -> Iterator[str]:
    """Hosts of addresses that were typed; one that is private is reached, as one in the configuration would be."""
    for each in step.fields:
        if not each.secret and "://" in typed[each.name]:
            try:
                host = urlsplit(typed[each.name]).hostname
            except ValueError:
                continue
            if host:
                yield host


def _secrets_told(body: bytes) -> Iterator[str]:
    """What an answer holds under names of secrets, such as the tokens of a login."""
    try:
        yield from _secrets_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        return


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and _SECRET.search(name):
                yield inner
            else:
                yield from _secrets_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets_in(inner)
