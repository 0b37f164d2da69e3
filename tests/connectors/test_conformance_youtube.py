from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.youtube import YouTube, YouTubeOptions
from tests.connectors.loopback import Asked
from tests.connectors.youtube_site import CHANNEL, VIDEO, Comment, Site, Video, error

LOGIN = {"client_id": "client", "client_secret": "secret", "refresh_token": "refresh-1"}


@dataclass
class OnYouTube(FakePlatform):
    """Threads on our own channel, read with an API key. What the suite says is put into the site of the other tests."""

    options: dict[str, Any] = field(default_factory=lambda: {"channel_id": CHANNEL, "api_key": "the-key"})
    proving: ClassVar[frozenset[str] | None] = frozenset({f"channel:{CHANNEL}"})

    def connector(self) -> Connector[Any]:
        return YouTube(YouTubeOptions.model_validate(self.options))

    def comments(self, shown: list[Utterance]) -> list[Comment]:
        return [Comment(f"Ugw{each.number:05d}", each.text, "UCpiet", each.at, edited=each.edited_at) for each in shown]

    def site(self) -> Site:
        shown = list(self.newest())
        site = Site(lambda: self.now, page_size=self.page_size)
        site.comments = self.comments(shown)
        site.videos = {VIDEO: Video(VIDEO, "Onze video", self.now - timedelta(hours=1), CHANNEL)}
        return site

    def entry(self, utterance: Utterance) -> Json:  # noqa: ARG002 -- the site writes them
        return {}

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        site = self.site()
        site.tokens = {dict(request.headers).get("Authorization", "").removeprefix("Bearer ")}
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = urlencode(request.form or ()).encode()
        said = site.handle(Asked(request.method, urlsplit(request.url).path, dict(request.params), headers, body))
        return self.json(request, self.spoilt(said.body), said.status)

    def spoilt(self, body: Any) -> Any:
        """What the suite breaks, and unknown fields."""
        entries = body.get("items") or []
        numbers = {said.number: said for said in self.utterances}
        written: list[Any] = []
        for entry in entries:
            said = numbers.get(_number(entry.get("id")))
            written += self._entries(said, entry) if said is not None else [entry]
        return {**body, "items": written} if "items" in body else body

    def _entries(self, said: Utterance, entry: Any) -> list[Any]:
        self.entry = lambda _: entry  # type: ignore[method-assign, assignment]
        return self.entries([said])

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return self.json(request, error(403, "rateLimitExceeded").body, 403, headers)

    def unauthorized(self, request: Request) -> Response:
        return self.json(request, error(401, "authError", "Invalid Credentials").body, 401)

    def out_of_scope(self, request: Request) -> Response:
        return self.json(request, error(403, "insufficientPermissions", "Insufficient Permission").body, 403)


def _number(key: Any) -> int:
    """The number of an utterance out of the id of its comment or video."""
    name = key.get("videoId", "") if isinstance(key, dict) else str(key)
    digits = name.rpartition(".")[2][-5:]
    return int(digits) if digits.isdigit() else 0


@dataclass
class LoggedIn(OnYouTube):
    """The same with the owner's login, which can be renewed."""

    options: dict[str, Any] = field(default_factory=lambda: {"channel_id": CHANNEL, **LOGIN})

    def connector(self) -> Connector[Any]:
        made = super().connector()
        made.login_taken({**LOGIN, "access_token": "access-1", "ends_at": "2026-11-20T13:00:00+00:00"})
        return made


@dataclass
class Held(LoggedIn):
    """Comments that wait for a moderator."""

    options: dict[str, Any] = field(default_factory=lambda: {"channel_id": CHANNEL, "held": True, **LOGIN})
    proving = frozenset({f"held:{CHANNEL}:heldForReview"})

    def site(self) -> Site:
        site = super().site()
        site.all_held = True
        return site


@dataclass
class Replies(OnYouTube):
    """Everything is said in one thread of an hour ago, far beyond the five replies that come along."""

    levels = 1
    proving = frozenset({f"replies:{CHANNEL}"})

    def comments(self, shown: list[Utterance]) -> list[Comment]:
        first = Comment("Ugw00000", "Heeft iemand een vraag?", CHANNEL, self.now - timedelta(hours=1))
        below = [
            Comment(f"Ugw00000.9r{e.number:05d}", e.text, "UCpiet", e.at, parent="Ugw00000", edited=e.edited_at)
            for e in shown
        ]
        return [first, *below]


@dataclass
class Watched(OnYouTube):
    """Threads under somebody else's video. An edit moves no count: it shows when the video's turn comes."""

    options: dict[str, Any] = field(default_factory=lambda: {"videos": [VIDEO], "api_key": "the-key"})
    proving = None


@dataclass
class Searched(OnYouTube):
    """Videos about us."""

    options: dict[str, Any] = field(default_factory=lambda: {"terms": ["klankbord"], "api_key": "the-key"})
    proving = None

    def site(self) -> Site:
        site = super().site()
        site.comments = []
        site.videos = {
            f"video-{said.number:05d}": Video(f"video-{said.number:05d}", said.text, said.at) for said in self.newest()
        }
        return site


class TestChannel(ConnectorSuite):
    platform = OnYouTube


class TestChannelWithLogin(ConnectorSuite):
    platform = LoggedIn


class TestHeldComments(ConnectorSuite):
    platform = Held


class TestRepliesBeyondFive(ConnectorSuite):
    platform = Replies


class TestCommentsOnChosenVideos(ConnectorSuite):
    platform = Watched


class TestSearch(ConnectorSuite):
    platform = Searched
