"""The conformance suite's fake platforms, made fit for a hundred thousand posts and put behind their limits."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.bluesky.syntax import parse_datetime
from connectors.conformance import FakePlatform, Utterance
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request
from tests.connectors.loopback import Asked
from tests.connectors.test_conformance_bluesky import Searched
from tests.connectors.test_conformance_linkedin import Mentions, ms
from tests.connectors.test_conformance_reddit import OnReddit
from tests.connectors.test_conformance_youtube import OnYouTube
from tests.connectors.youtube_site import Site, Video
from tests.days.limits import Limit
from tests.pipeline.fake_platform import Streamed

_MANY = 200


class Written(Sequence[Json]):
    """Entries that are only written when a page shows them."""

    def __init__(self, platform: FakePlatform, utterances: Sequence[Utterance]) -> None:
        self._platform = platform
        self._utterances = utterances

    def __len__(self) -> int:
        return len(self._utterances)

    def __getitem__(self, at: Any) -> Any:
        some = self._utterances[at]
        return [self._platform.entry(each) for each in some] if isinstance(at, slice) else self._platform.entry(some)

    def __iter__(self) -> Iterator[Json]:
        return (self._platform.entry(each) for each in self._utterances)


@dataclass
class Busy(FakePlatform):
    """A platform that fills as time passes."""

    coming: list[Utterance] = field(default_factory=list)
    said_until: int = 0

    def pass_time(self, now: datetime) -> None:
        """Let everything be said that was written until now."""
        self.now = now
        while self.said_until < len(self.coming) and self.coming[self.said_until].at <= now:
            self.utterances.append(self.coming[self.said_until])
            self.said_until += 1

    def newest(self) -> list[Utterance]:
        return self.utterances[::-1]

    def entries(self, utterances: Sequence[Utterance]) -> Any:
        return super().entries(utterances) if len(utterances) <= _MANY else Written(self, utterances)


@dataclass
class BusyBluesky(Busy, Searched):
    """Finds its stretch without reading all dates."""

    unknown_fields: bool = True  # the lexicons are held to in the suite's own tests

    def shown(self, params: dict[str, str]) -> list[Utterance]:
        since, until = (parse_datetime(params[name]) if name in params else None for name in ("since", "until"))
        return [
            each for each in self.newest() if (since is None or each.at >= since) and (until is None or each.at < until)
        ]


@dataclass
class BusyReddit(Busy, OnReddit):
    """Lists the newest thousand, as Reddit does."""

    def newest(self) -> list[Utterance]:
        return self.utterances[-1000:][::-1]


@dataclass
class BusyYouTube(Busy, OnYouTube):
    """Writes only the threads that a page shows."""

    page_size = 100

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        params = dict(request.params)
        if not urlsplit(request.url).path.endswith("commentThreads") or "id" in params:
            return super().answer(request)
        at, size = int(params.pop("pageToken", "T0").removeprefix("T")), int(params["maxResults"])
        first = len(self.utterances) - at
        shown = self.utterances[max(first - size, 0) : first][::-1]
        site = Site(lambda: self.now, page_size=size)
        site.comments = self.comments(shown)
        headers = {name.lower(): value for name, value in request.headers.items()}
        said = site.handle(Asked("GET", "/youtube/v3/commentThreads", params, headers))
        more = {"nextPageToken": f"T{at + size}"} if first > size else {}
        return self.json(request, {**said.body, **more}, said.status)

    def site(self) -> Site:
        site = Site(lambda: self.now, page_size=self.page_size)
        site.videos = {"AbCdEfGhIjK": Video("AbCdEfGhIjK", "Onze video", self.now - timedelta(hours=1))}
        return site


@dataclass
class BusyLinkedIn(Busy, Mentions):
    """Finds its stretch without reading all dates."""

    def news(self, span: str) -> list[Json]:
        low, high = (int(each.partition(":")[2]) for each in span.strip("()").split(","))
        first, last = (bisect_left(self.utterances, edge, key=lambda each: ms(each.at)) for edge in (low, high))
        return self.entries(self.utterances[first:last][::-1])  # type: ignore[no-any-return]


def busy(kind: type[FakePlatform]) -> type[Busy]:
    """A fake of the suite that fills as time passes."""
    return kind if issubclass(kind, Busy) else type(f"Busy{kind.__name__}", (Busy, kind), {})


def written(day: datetime, length: timedelta, count: int, *, seed: int = 1) -> list[Utterance]:
    """So many things said in a day, more in the evening than at night, as a seed decides; each a millisecond apart."""
    chance, most = random.Random(seed), int(length / timedelta(milliseconds=1))
    moments = sorted(int(most * chance.betavariate(2, 1.6)) for _ in range(count))
    for at in range(1, count):
        moments[at] = max(moments[at], moments[at - 1] + 1)
    said = []
    for number, at in enumerate(moments, 1):
        each = Utterance(number, (day + timedelta(milliseconds=at)).astimezone(UTC), "")
        each.text = f"klankbord {each.mark} waar blijft mijn pakje"
        said.append(each)
    return said


def transport(platform: Busy, limit: Limit, now: Callable[[], datetime]) -> httpx.AsyncBaseTransport:
    """Plugs a platform behind its limit into the client."""

    def handle(asked: httpx.Request) -> httpx.Response:
        platform.pass_time(now())
        request = _request(asked)
        if limit.let_in(platform.now, asked.url.path):
            answer = platform.answer(request)
        else:
            refused = platform.rate_limited(request, limit.wait_s(platform.now))
            assert isinstance(refused, HttpResponse)
            answer = refused
        headers = {**answer.headers, **limit.told(platform.now)}
        return httpx.Response(answer.status, headers=headers, stream=Streamed(answer.body))

    return httpx.MockTransport(handle)


def _request(asked: httpx.Request) -> HttpRequest:
    is_form = "form" in asked.headers.get("content-type", "")
    form = tuple(parse_qsl(asked.content.decode())) if is_form else None
    query = asked.url.query.decode()
    names = {name.title(): value for name, value in asked.headers.items()}
    headers = {"LinkedIn-Version" if name == "Linkedin-Version" else name: value for name, value in names.items()}
    return HttpRequest(
        str(asked.url.copy_with(query=None)) + (f"?{query}" if query else ""),
        asked.method,
        params=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        form=form,
    )
