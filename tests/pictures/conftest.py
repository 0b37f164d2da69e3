"""A home for pictures, and a site that serves them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from store.engine import Store
from tests.conftest import Clock
from tests.connectors.loopback import Answer, Asked, listening
from tests.pictures.home import Home


@dataclass
class Site:
    """What stands at which path; anything else is not there. Counts who asked for what."""

    url: str = ""
    stands: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.stands.get(asked.path, Answer(b"not here", 404))

    def puts(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Serve a body; its address."""
        told = {"Content-Type": "image/jpeg", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.stands[path] = Answer(body, status, told)
        return self.url + path

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    with listening(made.answer) as made.url:
        yield made


@pytest.fixture
async def home(store: Store, clock: Clock, site: Site) -> AsyncIterator[Home]:
    made = Home(store, clock, allowed=frozenset({site.host}))
    yield made
    await made.close()
