from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.requests import HttpRequest, HttpResponse, Request

HOST = "social.example"


def stamp(at: Any) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def account(name: str) -> dict[str, Json]:
    return {"id": name, "username": name, "acct": name, "display_name": name.title(), "url": f"https://{HOST}/@{name}"}


@dataclass
class HashtagInstance(FakePlatform):
    """Answers a hashtag's timeline; no field beyond what servers of other makes send."""

    page_size = 40
    knows_min_id = True

    def connector(self) -> Connector[Any]:
        return Mastodon(MastodonOptions.model_validate({"instances": [{"url": HOST, "hashtags": ["klankbord"]}]}))

    def entry(self, utterance: Utterance) -> Json:
        key = str(utterance.number)
        return {
            "id": key,
            "uri": f"https://{HOST}/users/{utterance.author}/statuses/{key}",
            "created_at": stamp(utterance.at),
            "edited_at": stamp(utterance.edited_at) if utterance.edited_at else None,
            "content": utterance.html,
            "account": account(utterance.author),
        }

    def entry_id(self, utterance: Utterance) -> int:
        return utterance.number

    def timeline(self, request: HttpRequest) -> list[Utterance]:
        params = dict(request.params)
        size = int(params["limit"])
        found = [each for each in self.newest() if self.entry_id(each) < int(params.get("max_id", 10**9))]
        if "min_id" in params and self.knows_min_id:
            return [each for each in found if self.entry_id(each) > int(params["min_id"])][-size:]
        return found[:size]

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        path = urlsplit(request.url).path
        if path.startswith("/api/v1/statuses/"):
            said = self.utterances[int(path.split("/")[4]) - 1]
            if said.removed:
                return self.json(request, {"error": "Record not found"}, 404)
            return self.json(request, self.entry(said))
        return self.json(request, self.entries(self.timeline(request)))


@dataclass
class WithoutMinId(HashtagInstance):
    """A server of another make that does not know min_id and gives its newest page instead."""

    knows_min_id = False


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

    def connector(self) -> Connector[Any]:
        instance = {"url": HOST, "token": "secret", "notifications": True}
        return Mastodon(MastodonOptions.model_validate({"instances": [instance]}))

    def status(self, utterance: Utterance) -> dict[str, Json]:
        entry = super().entry(utterance)
        assert isinstance(entry, dict)
        return {**entry, "in_reply_to_id": "our-post" if utterance.number % 10 == 0 else None}

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": str(utterance.number),
            "type": "mention",
            "created_at": stamp(utterance.at),
            "status": self.status(utterance),
        }

    def ours(self) -> Json:
        return {
            "id": "our-post",
            "uri": f"https://{HOST}/users/acme/statuses/our-post",
            "created_at": stamp(self.utterances[0].at),
            "content": "<p>Wij onderzoeken het.</p>",
            "account": account("acme"),
        }

    def answer(self, request: Request) -> HttpResponse:
        path = urlsplit(request.url).path  # type: ignore[union-attr]
        if path.endswith("/verify_credentials"):
            return self.json(request, {**account("acme"), "statuses_count": 4})
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
