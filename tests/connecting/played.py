"""A person and a browser that are played, with all else real: the steps, the listener, the state, the verifier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx

from connectors.connecting import Connected, Connecting
from connectors.requests import HttpRequest, HttpResponse
from klankbord.connecting.person import Person
from klankbord.connecting.returning import Trips
from klankbord.connecting.walk import walk
from tests.connecting.shell import parameters
from tests.connectors.driver import perform

ELSEWHERE = "https://site.example/back"


def grants(address: str) -> str:
    """Where a platform sends the browser whose person allows everything."""
    asked = parameters(address)
    return f"{asked.get('redirect_uri', ELSEWHERE)}?{urlencode({'code': 'a-code', 'state': asked['state']})}"


def refuses(address: str) -> str:
    """Where a platform sends the browser whose person says no."""
    asked = parameters(address)
    said = {"error": "access_denied", "error_description": "The person said no", "state": asked["state"]}
    return f"{asked.get('redirect_uri', ELSEWHERE)}?{urlencode(said)}"


@dataclass(slots=True)
class Played(Person):
    """Types what is given, and opens the address that is told.

    Attributes:
        moved: addresses of the platform, and where they stand in this test.
        finds: from an address that is opened to where the browser ends.
        opened: addresses that were opened.
        called: what the platform was asked.
        now: instant of each answer.
    """

    moved: Mapping[str, str] = field(default_factory=dict)
    finds: Callable[[str], str] = grants
    opened: list[str] = field(default_factory=list)
    called: list[HttpRequest] = field(default_factory=list)
    now: datetime = datetime(2026, 3, 10, 12, tzinfo=UTC)
    _ended: str = ""

    def connect(self, steps: Connecting | None) -> Connected:
        """Go through all steps."""
        assert steps is not None
        self.terminal, self.environment = False, {}
        return walk(steps, self, Trips(self, port=0, opens=False, wait_s=20), self._perform, name="tested")

    def sentences(self, tone: str) -> list[str]:
        """What was told in a tone."""
        return [each.text for each in self.told if each.tone.value == tone]

    def say(self, text: str, style: str | None = None) -> None:  # noqa: ARG002 - nobody looks
        for line in text.splitlines():
            if text.startswith("Open this address") and line.startswith(("http://", "https://")):
                self.opened.append(line)
                self._ended = self.finds(self._near(line))
                if self._ended.startswith("http://127.0.0.1"):
                    threading.Thread(target=httpx.get, args=(self._ended,), daemon=True).start()

    def paste(self, ask: str) -> str:  # noqa: ARG002 - it is always the same question
        return self._ended

    def _near(self, address: str) -> str:
        for far, near in self.moved.items():
            address = address.replace(far, near)
        return address

    def _perform(self, request: HttpRequest, hosts: frozenset[str]) -> HttpResponse:
        del hosts
        self.called.append(request)
        url = request.url.replace("{secret}", request.secret or "")
        answer = perform(replace(request, url=self._near(url)), self.now)
        return replace(answer, request=request)
