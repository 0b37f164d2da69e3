"""The services that other tests play as X, held to X's OpenAPI file: every answer, of the small X and of the fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from connectors.conformance import FakePlatform, MemoryCollector, OtherSide
from connectors.contract import Action, ActionKind, Connector, Target
from connectors.errors import ConnectorError
from connectors.items import Item
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.x import X, XOptions
from tests.conftest import Clock
from tests.connectors.contracts import contract, misses, path_of
from tests.connectors.driver import perform
from tests.connectors.loopback import listening
from tests.connectors.x.saying import OUR_NAME, US
from tests.connectors.x.site import XSite
from tests.connectors.x.test_conformance import AnsweredX, MentioningX, MessagedX, RenamedX, SearchedX
from tests.connectors.x.test_contract import NEW, OLD

ALL_THAT_WE_DO = (ActionKind.FETCH_THREAD, ActionKind.REPLY, ActionKind.HIDE, ActionKind.RECHECK, ActionKind.DELETE_OWN)


@dataclass
class Heard(OtherSide):
    """Asks the small X over HTTP, and keeps what it said."""

    url: str = ""
    said: list[HttpResponse] = field(default_factory=list)

    def connector(self) -> Connector[Any]:
        ours = {"account": OUR_NAME, "account_id": US, "mentions": True, "conversations": True, "messages": True}
        made = X(XOptions.model_validate({**ours, "terms": ["acme"], "api": self.url}))
        made.login_taken({"access_token": "user-1", "refresh_token": "renew-1", "client_id": "app"})
        return made

    def answer(self, request: Request) -> HttpResponse:
        answer = perform(request, self.now)
        self.said.append(answer)
        return answer


def hold(spec: dict[str, Any], answer: HttpResponse) -> None:
    """A good answer has the shape that X tells; what is refused has another one, which its errors are read by."""
    assert isinstance(answer.request, HttpRequest)
    operation = spec["paths"][path_of(spec, urlsplit(answer.request.url).path)][answer.request.method.lower()]
    good = {status: told for status, told in operation["responses"].items() if status.startswith("2")}
    schema = good.get(str(answer.status), good.get("200", {}))["content"]["application/json"]["schema"]
    assert misses(spec, schema, orjson.loads(answer.body)) == []


def do(side: OtherSide, item: Item, kind: ActionKind, text: str) -> list[Response]:
    """One action with all its calls; those that X refuses for this post are none."""
    connector = side.connector()
    found: list[Response] = []
    wish = Action(
        kind, item.external_id, "k", item.namespace, item.thread_external_id, text=text, visibility=item.visibility,
        extra=item.extra,
    )  # fmt: skip
    try:
        request: Any = connector.act(wish)
        while request is not None:
            found.append(side.answer(request))
            request = connector.acted(wish, found[-1]).next
    except ConnectorError:
        pass
    return found


def test_the_small_x_answers_as_x_does(clock: Clock) -> None:
    site = XSite(clock)
    question = site.ask("hoe lang duurt dat?")
    ours = site.say("Vannacht is er onderhoud", OUR_NAME)
    site.say("en morgen?", to=ours)
    edited = site.say("acme is stuk", "sam_example", to=question)
    site.edit(edited, "acme is weer heel")
    gone = site.say("acme weg ermee")
    site.message("mijn klantnummer is 12")
    clock.step(minutes=5)
    with listening(site.handle) as url:
        side = Heard(now=clock(), url=url)
        collector = MemoryCollector(side)
        collector.run()
        assert len(collector.items) == 6
        site.remove(gone)
        connector = side.connector()
        known = [item for item in collector.items.values() if item.namespace == ""]
        side.answer(connector.recheck([Target(each.external_id, each.namespace, each.extra) for each in known]))
        for number, item in enumerate(collector.items.values()):
            for kind in ALL_THAT_WE_DO:
                do(side, item, kind, f"Dank u, {number}")
    answers = [each for each in side.said if each.status < 400]
    assert {each.request.method for each in answers} == {"GET", "POST", "PUT", "DELETE"}
    for answer in answers:
        hold(contract(OLD), answer)


@pytest.mark.parametrize("made", [SearchedX, RenamedX, MentioningX, AnsweredX, MessagedX])
def test_the_fakes_of_the_conformance_suite_answer_as_x_does(made: type[SearchedX]) -> None:
    side: FakePlatform = made()
    side.fill(110)
    side.utterances[3].edited_at = side.now
    side.say(side.now, answers=side.utterances[-1].number)
    collector = MemoryCollector(side)
    collector.run()
    answers = [each.response for each in collector.heard]
    side.utterances[-1].removed = True
    for item in list(collector.items.values())[-3:]:
        for kind in (ActionKind.FETCH_THREAD, ActionKind.RECHECK):
            answers += do(side, item, kind, "")
    assert len(answers) >= 2
    for answer in answers:
        assert isinstance(answer, HttpResponse)
        hold(contract(NEW if made is RenamedX else OLD), answer)
