from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.discourse import Discourse, DiscourseOptions
from connectors.items import Json
from connectors.requests import HttpRequest, Request, Response

PER_TOPIC = 40


def stamp(at: Any) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class CurrentForum(FakePlatform):
    """Answers the newest fifty posts up to an id; ids are ten apart, so that every page spans more than fifty."""

    page_size = 50
    says_removed = True
    proving = frozenset({"posts"})
    levels = 0
    step = 10

    def connector(self) -> Connector[Any]:
        return Discourse(DiscourseOptions(url="https://forum.example", own_usernames=("webcare",)))

    def key(self, utterance: Utterance) -> int:
        return utterance.number * self.step

    def place(self, utterance: Utterance) -> tuple[int, int]:
        return (utterance.number - 1) // PER_TOPIC + 1, (utterance.number - 1) % PER_TOPIC + 1

    def entry(self, utterance: Utterance) -> Json:
        topic, number = self.place(utterance)
        return {
            "id": self.key(utterance),
            "username": utterance.author,
            "name": "Piet",
            "user_id": 77,
            "created_at": stamp(utterance.at),
            "updated_at": stamp(utterance.edited_at or utterance.at),
            "version": 2 if utterance.edited_at else 1,
            "cooked": utterance.html,
            "post_number": number,
            "post_type": 1,
            "topic_id": topic,
            "topic_slug": "storing",
            "topic_title": "Storing in de app",
            "reply_to_post_number": self.answered(utterance, number),
            "user_deleted": utterance.removed,
            "hidden": False,
        }

    def answered(self, utterance: Utterance, number: int) -> int | None:
        if utterance.answers is not None:
            return self.place(self.utterances[utterance.answers - 1])[1]
        return number - 1 if number > 2 else None

    def visible(self, before: int | None) -> list[Utterance]:
        found = [each for each in self.newest() if before is None or self.key(each) <= before]
        return found[: self.page_size]

    def answer(self, request: Request) -> Response:
        assert isinstance(request, HttpRequest)
        path, params = urlsplit(request.url).path, dict(request.params)
        if path == "/posts.json":
            before = int(params["before"]) if "before" in params else None
            return self.json(request, {"latest_posts": self.entries(self.visible(before))})
        if path == "/latest.json":
            return self.json(request, {"topic_list": {"topics": [self.topic(number) for number in self.topics()]}})
        if path.endswith("/posts.json"):
            wanted = {int(value) for name, value in request.params if name == "post_ids[]"}
            posts = [each for each in self.newest() if self.key(each) in wanted]
            return self.json(request, {"post_stream": {"posts": self.entries(posts)}})
        key = int(path.split("/")[2].removesuffix(".json"))
        if path.startswith("/posts/"):
            return self.single(request, key)
        return self.thread(request, key, int(path.split("/")[3].removesuffix(".json")) if path.count("/") == 3 else 1)

    def single(self, request: Request, key: int) -> Response:
        """One post by its id: without the title of its topic, and gone once it was removed."""
        said = next((each for each in self.newest() if self.key(each) == key and not each.removed), None)
        if said is None:
            return self.json(request, {"errors": ["Not found"], "error_type": "not_found"}, 404)
        entry = self.entry(said)
        assert isinstance(entry, dict)
        return self.json(request, {name: value for name, value in entry.items() if name != "topic_title"})

    def topics(self) -> list[int]:
        return sorted({self.place(each)[0] for each in self.newest()}, reverse=True)

    def posts_of(self, topic: int) -> list[Utterance]:
        return [each for each in reversed(self.newest()) if self.place(each)[0] == topic]

    def topic(self, number: int) -> Json:
        last = self.posts_of(number)[-1]
        return {"id": number, "title": "Storing in de app", "bumped_at": stamp(last.edited_at or last.at)}

    def thread(self, request: Request, number: int, near: int) -> Response:
        """A topic's page: twenty posts around the one of that number, and the ids of all."""
        posts = self.posts_of(number)
        first = max(0, min(near - 6, len(posts) - 20))
        stream: Json = {
            "posts": self.entries(posts[first : first + 20]),
            "stream": [self.key(each) for each in posts],
        }
        return self.json(request, {"id": number, "title": "Storing in de app", "post_stream": stream})


@dataclass
class OldForum(CurrentForum):
    """Answers the posts with an id in (before - 50, before], which may be none."""

    step = 1

    def visible(self, before: int | None) -> list[Utterance]:
        top = len(self.utterances) * self.step if before is None else before
        return [each for each in self.newest() if top - 50 < self.key(each) <= top]


@dataclass
class DenseForum(CurrentForum):
    """A current forum whose pages never span more than forty-nine ids: its behaviour must be asked for."""

    step = 1


class TestCurrentForum(ConnectorSuite):
    platform = CurrentForum


class TestOldForum(ConnectorSuite):
    platform = OldForum


class TestDenseForum(ConnectorSuite):
    platform = DenseForum
