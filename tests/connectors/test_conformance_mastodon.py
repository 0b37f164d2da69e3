from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from connectors.conformance import ConnectorSuite, FakePlatform, MemoryCollector, Utterance
from connectors.contract import Action, ActionKind, Connector
from connectors.items import Json
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from tests.connectors.mastodon_contract import answer_misses, request_misses
from tests.connectors.mastodon_posts import account, credentials, plain_status, status

HOST = "social.example"


def stamp(at: Any) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class HashtagInstance(FakePlatform):
    """Answers a hashtag's timeline."""

    page_size = 40
    levels = 0
    knows_min_id = True
    written = staticmethod(status)

    def connector(self) -> Connector[Any]:
        return Mastodon(MastodonOptions.model_validate({"instances": [{"url": HOST, "hashtags": ["klankbord"]}]}))

    def entry(self, utterance: Utterance) -> Json:
        return self.written(
            str(utterance.number),
            account(utterance.author, HOST, id=utterance.author),
            created_at=stamp(utterance.at),
            edited_at=stamp(utterance.edited_at) if utterance.edited_at else None,
            content=utterance.html,
            in_reply_to_id=None if utterance.answers is None else str(utterance.answers),
        )

    def entry_id(self, utterance: Utterance) -> int:
        return utterance.number

    def timeline(self, request: HttpRequest) -> list[Utterance]:
        params = dict(request.params)
        size = int(params["limit"])
        found = [each for each in self.newest() if self.entry_id(each) < int(params.get("max_id", 10**9))]
        if "min_id" in params and self.knows_min_id:
            return [each for each in found if self.entry_id(each) > int(params["min_id"])][-size:]
        return found[:size]

    def status(self, utterance: Utterance) -> Json:
        """The post itself, as it is shown when it is asked for by its id."""
        return self.entry(utterance)

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path = urlsplit(request.url).path
        if path.endswith("/context"):
            return self.json(request, self.context(int(path.split("/")[4])))
        if path.startswith("/api/v1/statuses/"):
            said = self.utterances[int(path.split("/")[4]) - 1]
            if said.removed:
                return self.json(request, {"error": "Record not found"}, 404)
            return self.json(request, self.status(said))
        return self.json(request, self.entries(self.timeline(request)))

    def context(self, number: int) -> Json:
        """What stands above and below a post."""
        above, below = [number], [number]
        while (answered := self.utterances[above[0] - 1].answers) is not None:
            above.insert(0, answered)
        for each in self.utterances:
            below += [each.number] if each.answers in below else []
        return {
            "ancestors": [self.status(self.utterances[each - 1]) for each in above[:-1]],
            "descendants": [self.status(self.utterances[each - 1]) for each in below[1:]],
        }

    def out_of_scope(self, request: Request) -> Response:
        return self.json(request, {"error": "This action is outside the authorized scopes"}, 403)


@dataclass
class WithoutMinId(HashtagInstance):
    """A server of another make: leaves fields out, does not know min_id and gives its newest page instead."""

    knows_min_id = False
    written = staticmethod(plain_status)


@dataclass
class FilteringInstance(HashtagInstance):
    """Takes a page by id first and leaves out the hidden posts of it then: pages may be short, and even empty."""

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        params = dict(request.params)
        if "limit" not in params or "min_id" in params:
            return super().answer(request)
        by_id = sorted(self.utterances, key=lambda each: each.number, reverse=True)
        page = [each for each in by_id if each.number < int(params.get("max_id", 10**9))][: self.page_size]
        link = f'<https://{HOST}/api?max_id={page[-1].number}>; rel="next"' if page else ""
        shown = [each for each in page if not each.hidden and not each.removed]
        return self.json(request, self.entries(shown), headers={"link": link})


@dataclass
class MentionedInstance(HashtagInstance):
    """Our account's mentions; every tenth one answers a post of ours that only its thread shows."""

    levels = None

    def connector(self) -> Connector[Any]:
        instance = {"url": HOST, "token": "secret", "notifications": True}
        return Mastodon(MastodonOptions.model_validate({"instances": [instance]}))

    def status(self, utterance: Utterance) -> dict[str, Json]:
        entry = super().entry(utterance)
        assert isinstance(entry, dict)
        return {**entry, "in_reply_to_id": "our-post" if utterance.number % 10 == 0 else None}

    def entry(self, utterance: Utterance) -> Json:
        said = self.status(utterance)
        return {
            "id": str(utterance.number),
            "group_key": f"ungrouped-{utterance.number}",
            "type": "mention",
            "created_at": stamp(utterance.at),
            "account": said["account"],
            "status": said,
        }

    def ours(self) -> Json:
        words = "<p>Wij onderzoeken het.</p>"
        return status("our-post", account("acme", HOST), created_at=stamp(self.utterances[0].at), content=words)

    def answer(self, request: Request) -> HttpResponse:
        path = urlsplit(request.url).path  # type: ignore[union-attr]
        if path.endswith("/verify_credentials"):
            return self.json(request, credentials("acme", HOST))
        if path.endswith("/context"):
            return self.json(request, {"ancestors": [self.ours()], "descendants": []})
        return super().answer(request)


class TestHashtag(ConnectorSuite):
    platform = HashtagInstance


class TestHashtagWithoutMinId(ConnectorSuite):
    platform = WithoutMinId


class TestHashtagWithFilters(ConnectorSuite):
    platform = FilteringInstance


class TestNotifications(ConnectorSuite):
    platform = MentionedInstance


@pytest.mark.parametrize("platform", [HashtagInstance, FilteringInstance, MentionedInstance])
def test_what_is_asked_of_the_fakes_and_what_they_answer_keeps_to_the_contract(
    platform: type[HashtagInstance],
) -> None:
    side = platform()
    side.fill(45)
    side.utterances[3].edited_at = side.now
    collector = MemoryCollector(side)
    collector.run()
    connector, answers = side.connector(), [heard.response for heard in collector.heard]
    side.utterances[-1].removed = True
    for item in collector.items.values():
        if item.extra["status_id"] != "our-post":
            request = connector.act(Action(ActionKind.RECHECK, item.external_id, "k", extra=item.extra))
            answers.append(side.answer(request))
    assert {answer.status for answer in answers if isinstance(answer, HttpResponse)} == {200, 404}
    for answer in answers:
        assert isinstance(answer, HttpResponse)
        assert isinstance(answer.request, HttpRequest)
        assert not request_misses(answer.request)
        assert not answer_misses(answer.request, answer.status, orjson.loads(answer.body))
    for refusal in (side.rate_limited, lambda request, _wait: side.unauthorized(request)):
        refused = refusal(side.asked[0], 60)
        assert isinstance(refused, HttpResponse)
        assert not answer_misses(answers[0].request, refused.status, orjson.loads(refused.body))  # type: ignore[arg-type]
