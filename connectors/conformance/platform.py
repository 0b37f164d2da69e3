"""A platform in memory: what was said there, and how the author of a connector makes it answer."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson

from connectors.contract import Connector
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""The instant at which every scenario begins."""
SPACING = timedelta(minutes=7)
POISONS: tuple[Json, ...] = ("not an object at all", {}, {"id": None, "text": None, "created_at": None})


@dataclass(slots=True)
class Utterance:
    """One thing said on the fake platform.

    Attributes:
        number: 1 for the oldest; the platform may use it as its id.
        at: when it was said, aware UTC.
        text: what was said; holds `mark`, so that the suite finds it again whatever the connector makes of it.
        answers: number of the utterance that it answers, in a thread.
        edited_at: when it was changed last.
        removed: the platform tells that it was removed.
        hidden: nobody outside may see it; it only takes up an id.
        broken: the platform sends it in a form nobody can read.
        odd: the platform sends it with something in it that may make it unreadable.
    """

    number: int
    at: datetime
    text: str
    author: str = "piet84"
    answers: int | None = None
    edited_at: datetime | None = None
    removed: bool = False
    hidden: bool = False
    broken: bool = False
    odd: bool = False

    @property
    def stands(self) -> bool:
        """Whether it must be read."""
        return not (self.broken or self.removed or self.odd)

    @property
    def mark(self) -> str:
        """A word that stands in no other utterance."""
        return f"u{self.number:05d}"

    @property
    def html(self) -> str:
        """The text as a platform that sends HTML would write it."""
        return f"<p>{html.escape(self.text, quote=False)}</p>"


@dataclass
class OtherSide(ABC):
    """What a collector in memory reads: a platform made up in memory, or a real server.

    Class attributes:
        terms: words given to `Connector.queries`; every utterance holds the word "klankbord".
        proving: ids of the queries whose covered intervals must be complete; None for all. A query that only
            reads again what another one found is left out.
        streams: `answer` gives batches of a stream too.
    """

    terms: ClassVar[Sequence[str]] = ("klankbord",)
    proving: ClassVar[frozenset[str] | None] = None
    streams: ClassVar[bool] = False

    now: datetime = START
    asked: list[Request] = field(default_factory=list)
    fault: Callable[[Request, int], Response | None] | None = None

    @abstractmethod
    def connector(self) -> Connector[Any]:
        """A new connector, configured for this platform."""

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """What the platform answers when nothing is wrong."""

    def newest(self) -> Sequence[Utterance]:
        """What is known to be shown there, newest first; what is claimed complete is held against it."""
        return ()

    def ask(self, request: Request) -> Response:
        """Answer as the collector's client would hear it: a fault when one stands in front."""
        self.asked.append(request)
        fault = self.fault(request, len(self.asked)) if self.fault is not None else None
        return fault if fault is not None else self.answer(request)

    def json(
        self, request: Request, body: Json, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Make a JSON answer."""
        return self.raw(request, orjson.dumps(body), status, {"content-type": "application/json", **(headers or {})})

    def raw(self, request: Request, body: bytes, status: int, headers: Mapping[str, str]) -> HttpResponse:
        """Make an answer of bytes.

        Raises:
            TypeError: the request is no HTTP request.
        """
        if not isinstance(request, HttpRequest):
            msg = f"this fake answers http requests, got {type(request).__name__}"
            raise TypeError(msg)
        return HttpResponse(request, status, dict(headers), body, request.url, self.now)


@dataclass
class FakePlatform(OtherSide):
    """The other side, as the connector's author knows it to behave.

    A subclass says how one utterance looks (`entry`), how a request is answered (`answer`), and which connector is
    under test. The suite fills it with utterances, hides, edits, removes and breaks some, and puts faults before it.

    Class attributes:
        page_size: entries per answer.
        says_removed: True when answers show that something was removed; False when it just disappears, in
            which case the connector's RECHECK is tried.
        shows_edits: False when the platform never shows an edited text again.
        levels: how many levels of a thread the platform tells apart, its first included: 2 where an answer to an answer
            hangs under the same first one, 1 where all hang under one that the fake says by itself; 0 for all of them;
            None when this fake plays no threads.
    """

    page_size: ClassVar[int] = 20
    says_removed: ClassVar[bool] = False
    shows_edits: ClassVar[bool] = True
    levels: ClassVar[int | None] = None

    utterances: list[Utterance] = field(default_factory=list)
    unknown_fields: bool = False

    @abstractmethod
    def entry(self, utterance: Utterance) -> Json:
        """One utterance as the platform writes it into its answers."""

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        """What the platform answers when it wants to be left alone, for so many seconds if it says so."""
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return self.json(request, {"error": "Too many requests"}, 429, headers)

    def unauthorized(self, request: Request) -> Response:
        """What the platform answers to a login that ran out or was revoked."""
        return self.json(request, {"error": "The access token is invalid"}, 401)

    def revoked(self, request: Request) -> Response:
        """What the platform answers to a login that its owner took back."""
        return self.unauthorized(request)

    def denied(self, renewal: Request) -> Response:
        """What the platform answers to the renewal of a login that was taken back."""
        return self.json(renewal, {"error": "invalid_grant", "error_description": "It was revoked."}, 400)

    def out_of_scope(self, request: Request) -> Response:
        """What the platform answers to a login that lacks the right to what is asked."""
        return self.json(request, {"error": "insufficient_scope"}, 403)

    def newest(self) -> Sequence[Utterance]:
        """What the platform shows, newest first."""
        shown = [each for each in self.utterances if not each.hidden and (self.says_removed or not each.removed)]
        return sorted(shown, key=lambda each: each.number, reverse=True)

    def entries(self, utterances: Sequence[Utterance]) -> list[Json]:
        """Write utterances into an answer: broken ones unreadable, all with unknown fields if the suite asks."""
        written: list[Json] = []
        for each in utterances:
            entry = POISONS[each.number % len(POISONS)] if each.broken else self.entry(each)
            if self.unknown_fields and isinstance(entry, dict):
                entry = {**entry, "zz_added_last_night": {"depth": [1, None]}, "zz_flag": True}
            written.append(entry)
        return written

    def first_of(self, utterance: Utterance) -> Utterance:
        """The utterance that began the thread which this one belongs to."""
        while utterance.answers is not None:
            utterance = self.utterances[utterance.answers - 1]
        return utterance

    def fill(self, count: int) -> None:
        """Let so many things be said, the last one five minutes ago."""
        for back in range(count - 1, -1, -1):
            self.say(self.now - timedelta(minutes=5) - back * SPACING)

    def say(self, at: datetime, text: str | None = None, *, answers: int | None = None) -> Utterance:
        """Let one thing be said, in answer to the utterance of that number if one is given."""
        number = len(self.utterances) + 1
        said = Utterance(number, at, "", answers=answers)
        said.text = f"klankbord {said.mark} {text if text is not None else 'goedemiddag'}"
        self.utterances.append(said)
        return said
