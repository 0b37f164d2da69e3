from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.conformance import ConnectorSuite, FakePlatform, MemoryCollector, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.telegram import Telegram, TelegramOptions

TOKEN = "123456789:AAE-for_tests_only_ABCDEFGHIJKLMNOP"
BOT: dict[str, Json] = {"id": 123456789, "is_bot": True, "first_name": "Acme", "username": "acme_bot"}


@dataclass
class PublicGroup(FakePlatform):
    """A bot in a public group: a queue that forgets what lies below the offset of a question."""

    page_size = 20
    chat_type = "supergroup"

    queued: list[tuple[str, int]] = field(default_factory=list)
    confirmed: int = 500

    def connector(self) -> Connector[Any]:
        return Telegram(TelegramOptions.model_validate({"token": TOKEN}))

    def chat(self) -> Json:
        return {"id": -1001234567890, "type": self.chat_type, "title": "Acme hulp", "username": "acmehulp"}

    def entry(self, utterance: Utterance) -> Json:
        entry: dict[str, Json] = {
            "message_id": utterance.number,
            "from": {"id": 55512345, "is_bot": False, "first_name": "Piet", "username": utterance.author},
            "chat": self.chat(),
            "date": int(utterance.at.timestamp()),
            "text": utterance.text,
        }
        if utterance.edited_at is not None:
            entry["edit_date"] = int(utterance.edited_at.timestamp())
        return entry

    def happened(self) -> None:
        """Put what was said and changed since into the queue."""
        for said in self.utterances:
            kinds = ["message", *(["edited_message"] if said.edited_at else [])]
            self.queued += [(k, said.number) for k in kinds if not said.hidden and (k, said.number) not in self.queued]

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        assert request.secret == TOKEN
        method, params = request.url.rpartition("/")[2], dict(request.params)
        if method == "getMe":
            return self.json(request, {"ok": True, "result": BOT})
        if method == "getChatMember":
            return self.json(request, {"ok": True, "result": {"status": "member", "user": BOT}})
        assert method == "getUpdates"
        self.happened()
        self.confirmed = max(self.confirmed, int(params.get("offset", self.confirmed)))
        waiting = list(enumerate(self.queued, start=500))[self.confirmed - 500 :][: self.page_size]
        said = [self.utterances[number - 1] for _, (_, number) in waiting]
        updates: list[Json] = [
            {"update_id": key, kind: entry} for (key, (kind, _)), entry in zip(waiting, self.entries(said), strict=True)
        ]
        return self.json(request, {"ok": True, "result": updates})

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        parameters: dict[str, Json] = {} if wait_s is None else {"parameters": {"retry_after": wait_s}}
        said = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait_s}", **parameters}
        return self.json(request, said, 429)

    def unauthorized(self, request: Request) -> Response:
        return self.json(request, {"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)

    def out_of_scope(self, request: Request) -> Response:
        said = "Forbidden: bot is not a member of the supergroup chat"
        return self.json(request, {"ok": False, "error_code": 403, "description": said}, 403)


@dataclass
class ClosedGroup(PublicGroup):
    """A group without a public name."""

    def chat(self) -> Json:
        return {"id": -1009876543210, "type": "supergroup", "title": "Acme testers"}


@dataclass
class Channel(PublicGroup):
    """Posts in our own channel."""

    def chat(self) -> Json:
        return {"id": -1001111111111, "type": "channel", "title": "Acme nieuws", "username": "acmenieuws"}

    def happened(self) -> None:
        super().happened()
        self.queued = [(kind.replace("message", "channel_post"), number) for kind, number in self.queued]
        self.queued = list(dict.fromkeys(self.queued))


class TestPublicGroup(ConnectorSuite):
    platform = PublicGroup

    def test_a_second_run_finds_nothing_new_and_the_same_ids(self) -> None:
        # A queue is read once: what was confirmed is gone, so who begins anew is given a platform of its own.
        platform, again = self._filled(), self._filled()
        first, second = MemoryCollector(platform), MemoryCollector(again)
        first.run()
        second.run()
        assert set(first.items) == set(second.items)
        first.run()
        assert first.new == 0


class TestClosedGroup(TestPublicGroup):
    platform = ClosedGroup


class TestChannel(TestPublicGroup):
    platform = Channel
