"""Plays the person, the browser and the platform for `Connector.connect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.connecting import Answer, Ask, Browse, Call, Choose, Connected, Connecting, Redirect, Returned, Tell
from connectors.requests import HttpRequest
from tests.connectors.driver import perform


@dataclass
class Person:
    """Answers steps.

    Attributes:
        types: what is typed, by field name.
        returns: what the browser comes back with.
        chooses: label that is picked.
        moved: addresses of the platform, and where they stand in this test.
    """

    now: datetime
    types: Mapping[str, str]
    moved: Mapping[str, str]
    returns: Mapping[str, str] = field(default_factory=lambda: {"code": "a-code"})
    chooses: str = ""
    told: list[tuple[str, str]] = field(default_factory=list)
    browsed: list[dict[str, str]] = field(default_factory=list)
    called: list[HttpRequest] = field(default_factory=list)

    def connect(self, make: Callable[[], Connecting | None]) -> Connected:
        """Go through all steps."""
        steps = make()
        assert steps is not None
        said: Answer = None
        while True:
            try:
                step = steps.send(said)
            except StopIteration as done:
                connected: Connected = done.value
                return connected
            said = self._answer(step)

    def _answer(self, step: object) -> Answer:
        match step:
            case Ask():
                return {each.name: self.types.get(each.name, each.default) for each in step.fields}
            case Redirect():
                return "http://127.0.0.1:1/back"
            case Browse():
                address = step.url("http://127.0.0.1:1/back", "a-state", "a-challenge")
                self.browsed.append(dict(parse_qsl(urlsplit(address).query)))
                return Returned(self.returns, "http://127.0.0.1:1/back", "a-verifier")
            case Choose():
                return tuple(key for key, label in step.options if label == self.chooses)
            case Tell():
                self.told.append((step.tone.value, step.text))
                return None
            case Call():
                self.called.append(step.request)
                url = step.request.url
                for far, near in self.moved.items():
                    url = url.replace(far, near)
                return perform(replace(step.request, url=url), self.now)
        msg = f"{step!r} is no step"
        raise AssertionError(msg)
