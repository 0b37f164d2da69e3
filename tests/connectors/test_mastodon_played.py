"""The instances that other tests play, held to Mastodon's contract: what they are asked, and all that they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from connectors.conformance import MemoryCollector, OtherSide
from connectors.contract import Action, ActionKind, Connector
from connectors.errors import AuthDead
from connectors.items import Item, Visibility
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.requests import HttpRequest, HttpResponse, Request
from tests.conftest import Clock
from tests.connecting import mastodon_login
from tests.connecting.played import Played
from tests.connecting.shell import allowed
from tests.connectors.driver import perform
from tests.connectors.loopback import Answer, Asked, listening
from tests.connectors.mastodon_contract import answer_misses, request_misses
from tests.replying.platforms import Instance, served

ALL_THAT_WE_DO = (
    ActionKind.LIKE,
    ActionKind.FETCH_THREAD,
    ActionKind.REPLY,
    ActionKind.RECHECK,
    ActionKind.DELETE_OWN,
    ActionKind.RECHECK,
)


@dataclass
class Heard(OtherSide):
    """Asks an instance over HTTP, and keeps what it said."""

    url: str = ""
    token: str = "sleutel"
    said: list[HttpResponse] = field(default_factory=list)

    def connector(self) -> Connector[Any]:
        one = {"url": self.url, "token": self.token, "hashtags": ["acme"], "notifications": True}
        return Mastodon(MastodonOptions.model_validate({"instances": [one]}))

    def answer(self, request: Request) -> HttpResponse:
        answer = perform(request, self.now)
        self.said.append(answer)
        return answer


def wish_of(kind: ActionKind, item: Item) -> Action:
    return Action(kind, item.external_id, item.external_id, text="Vandaag", extra=item.extra)


def hold(answer: HttpResponse) -> None:
    assert request_misses(answer.request) == []
    assert answer_misses(answer.request, answer.status, orjson.loads(answer.body)) == []


def test_the_instance_that_takes_our_answers_keeps_to_the_contract(clock: Clock) -> None:
    server = Instance(clock)
    question = server.ask("Wanneer weer? #acme")
    server.ask("@acme hallo", visibility="direct")
    server.ask("@acme ja, wanneer?", to=question)
    server.ask("@acme geen idee #acme", to=question, visibility="unlisted")
    with served(server) as url:
        side = Heard(now=clock(), url=url)
        collector = MemoryCollector(side)
        collector.run()
        assert {item.visibility for item in collector.items.values()} == set(Visibility)
        for item in collector.items.values():
            for kind in ALL_THAT_WE_DO:
                side.answer(side.connector().act(wish_of(kind, item)))
        refused = Heard(now=clock(), url=url, token="taken-back", said=side.said)
        refused.answer(refused.connector().act(wish_of(ActionKind.LIKE, item)))
    assert {answer.status for answer in side.said} == {200, 401, 404}
    assert {answer.request.method for answer in side.said} == {"GET", "POST", "DELETE"}
    for answer in side.said:
        hold(answer)


@pytest.mark.parametrize("modern", [True, False])
@pytest.mark.parametrize("token", ["", "typed-token", "wrong-token"])
def test_the_instance_that_lets_us_in_keeps_to_the_contract(token: str, *, modern: bool) -> None:
    instance = mastodon_login.Instance(modern=modern)
    heard: list[tuple[Asked, Answer]] = []

    def handle(asked: Asked) -> Answer:
        heard.append((asked, instance.handle(asked)))
        return heard[-1][1]

    with listening(handle) as url:
        person = Played({"url": url, "token": token}, finds=allowed)
        if token == "wrong-token":
            with pytest.raises(AuthDead):
                person.connect(Mastodon.connect())
        else:
            person.connect(Mastodon.connect())
    assert heard
    for asked, answer in heard:
        form = tuple(asked.form.items()) if asked.method == "POST" else None
        request = HttpRequest(f"{url}{asked.path}", asked.method, params=tuple(asked.params.items()), form=form)
        assert request_misses(request) == []
        if asked.path != "/oauth/authorize":
            assert answer_misses(request, answer.status, answer.body) == []
