"""The network's stream (Jetstream): every post of the network as it is written, of which we keep what concerns us.

A connection is given the instant to go on from, in microseconds, and delivers everything after it in order, at least
once; it reaches back about 36 hours and silently begins later when asked for more. So what a batch proves is the time
from the last event before it to its own last event; silence proves nothing. When the first event of a connection comes
long after the instant asked for, the stretch between was missed: the stream is left for a search over that stretch, and
entered again. The first stretch, and one after an outage longer than the stream's memory, are searched in the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from connectors.bluesky.lines import Lines, targets_of
from connectors.bluesky.reading import Reader, features_of, ref_of, words_beside
from connectors.bluesky.session import Session
from connectors.bluesky.syntax import POST, AtUri, is_did, write_datetime
from connectors.contract import GapFound, Interval, Page, Purpose, Task
from connectors.errors import Transient
from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Deleted, Item, Json, Rejected
from connectors.requests import HttpRequest, HttpResponse, Request, StreamBatch, StreamProtocol, StreamRequest

MEMORY = timedelta(hours=35)
"""How far back the stream is asked for: an hour less than it is known to remember."""
REWIND_US = 5_000_000
"""A connection begins so long before the last known event: another server counts a little differently."""
SEARCH_LAG = timedelta(minutes=15)
"""How late search shows a post: the stream is entered so long before the end of what was searched."""
MISSED_US = 120_000_000
"""The network is never silent for so long: a first event that comes later means that something was missed."""
_SIGN_IN = "sign in"
_MARKS = "Mn"


class Stream:
    """Plans and reads the stream, and the searches that fill what it cannot show.

    Args:
        session: our login; may be impossible.
        reader: reads posts.
        address: where the stream is listened to.
    """

    def __init__(self, session: Session, reader: Reader, address: str) -> None:
        self._session = session
        self._reader = reader
        self._address = address

    def plan(self, task: Task) -> Request:
        """Listen; or search first, where the stream does not reach."""
        at = number_of(dict(task.state), "at")
        if self._session.possible and targets_of(task.query):
            if self._session.did is None:
                # Our own posts can only be told from others' once we know who we are.
                return self._session.call("com.atproto.server.getSession", step=_SIGN_IN)
            reach = _micros(task.window.interval.end - MEMORY)
            if task.window.purpose is not Purpose.EXTEND or at is None or at < reach or "missed" in task.state:
                return Lines(self._session, self._reader).plan(task)
        params = [("wantedCollections", POST)]
        if at is not None:
            params.append(("cursor", str(at - REWIND_US)))
        return StreamRequest(
            f"{self._address}/subscribe",
            StreamProtocol.WEBSOCKET,
            params=tuple(params),
            batch_events=1000,
            batch_seconds=5.0,
        )

    def parse(self, task: Task, response: HttpResponse | StreamBatch) -> Page:
        """Read a batch, or an answer of the search that fills.

        Raises:
            Transient: something was missed, and a search must come first.
        """
        if isinstance(response, StreamBatch):
            return self._batch(task, response)
        if response.request.step == _SIGN_IN:
            self._session.body(response)
            return Page(next=self._once_known(task), cursor=task.window.cursor)
        page = Lines(self._session, self._reader).parse(task, response)
        if page.next is not None or task.window.purpose is not Purpose.EXTEND:
            return page
        end = task.window.interval.end
        state: dict[str, Json] = {"at": _micros(end - SEARCH_LAG), "until": end.isoformat()}
        return Page(page.items, page.rejected, covered=page.covered, state=state)

    def _once_known(self, task: Task) -> HttpRequest | None:
        following = self.plan(task)
        return following if isinstance(following, HttpRequest) else None

    def _batch(self, task: Task, batch: StreamBatch) -> Page:
        if "missed" in task.state:
            msg = "the stream began later than where it was left; a search fills what lies between, then it goes on"
            raise Transient(msg)
        matches = Matcher([term for _, term in targets_of(task.query)], self._reader)
        items: list[Item] = []
        rejected: list[Rejected] = []
        deleted: list[Deleted] = []
        times: list[int] = []
        for event in batch.events:
            try:
                found = self._event(orjson.loads(event.data), matches, times)
            except ValueError as error:
                rejected.append(Rejected(str(error), {"event": event.data[:100_000]}))
                continue
            if isinstance(found, Item):
                items.append(found)
            elif found is not None:
                deleted.append(found)
        if not times:
            return Page(rejected=tuple(rejected))
        proof = self._proof(task, batch, times)
        return Page(
            tuple(items), tuple(rejected), tuple(deleted), covered=proof.covered, gaps=proof.gaps, state=proof.state
        )

    def _event(self, event: Json, matches: Matcher, times: list[int]) -> Item | Deleted | None:
        """Read one event; notes its instant."""
        if not isinstance(event, dict) or not isinstance(event.get("time_us"), int):
            msg = "the event has no instant"
            raise ValueError(msg)  # noqa: TRY004 -- bad data, not a wrong call
        at = number_of(event, "time_us") or 0
        times.append(at)
        commit, did = part(event, "commit"), text_of(event, "did") or ""
        if event.get("kind") != "commit" or commit.get("collection") != POST or not is_did(did):
            return None
        uri = str(AtUri(did, POST, text_of(commit, "rkey") or ""))
        operation, record = text_of(commit, "operation"), part(commit, "record")
        if operation == "delete":
            return Deleted(uri)
        if operation not in {"create", "update"} or not matches.concerns(did, record):
            return None
        seen = write_datetime(_instant(at))
        view: dict[str, Json] = {
            "uri": uri,
            "cid": commit.get("cid"),
            "author": {"did": did},
            "record": record,
            "indexedAt": seen,
        }
        return self._reader.one(view, edited=seen if operation == "update" else None)

    def _proof(self, task: Task, batch: StreamBatch, times: Sequence[int]) -> _Proof:
        """What a batch with events proves, and from where the next one counts."""
        first, last = min(times), max(times)
        asked = number_of(dict(batch.request.params), "cursor")
        known = task.state.get("until")
        start = datetime.fromisoformat(known) if isinstance(known, str) else _instant(first)
        end = min(_instant(last), batch.received_at)  # a server's clock that is ahead must not prove the future
        opened = batch.connected_at.isoformat()
        state: dict[str, Json] = {"at": last, "until": max(start, end).isoformat(), "opened": opened}
        gaps: tuple[GapFound, ...] = ()
        begins = task.state.get("opened") != opened
        if begins and asked is not None and first - asked > MISSED_US and start < _instant(first):
            missed = Interval(start, _instant(first))
            if self._session.possible:
                state["missed"] = True
            else:
                gaps = (GapFound(missed, "the stream no longer reaches back so far; connect an account to search"),)
            start = missed.end
        return _Proof(Interval(start, end) if start < end else None, gaps, state)


@dataclass(frozen=True, slots=True)
class _Proof:
    covered: Interval | None
    gaps: tuple[GapFound, ...]
    state: dict[str, Json]


class Matcher:
    """Tells what concerns us among everything that is said: our words, our accounts. Rather too much than too little.

    The brands' queries decide later; what passes here is only the few posts in ten thousand that they could want.
    """

    def __init__(self, terms: Sequence[str], reader: Reader) -> None:
        self._terms = tuple(filter(None, (fold(term).lstrip("@") for term in terms)))
        self._own = reader.own | ({reader.us} if reader.us else set())
        self._homes = tuple(f"at://{did}/" for did in self._own)

    def concerns(self, did: str, record: dict[str, Json]) -> bool:
        """Whether a post is ours, names or answers or quotes us, or holds a word of ours."""
        return did in self._own or self._to_us(record) or self._holds(record)

    def _to_us(self, record: dict[str, Json]) -> bool:
        if not self._own:
            return False
        reply, embed = part(record, "reply"), part(record, "embed")
        named = [ref_of(reply, "root"), ref_of(reply, "parent"), ref_of(embed, "record")]
        named.append(ref_of(part(embed, "record"), "record"))
        return any(each is not None and each[0].startswith(self._homes) for each in named) or any(
            each.get("did") in self._own for each in features_of(record)
        )

    def _holds(self, record: dict[str, Json]) -> bool:
        said = fold(" ".join(_words(record)))
        return any(term in said for term in self._terms)


def fold(text: str) -> str:
    """A text without case, accents and runs of space, so that words can be looked for in it."""
    plain = text.casefold()
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in parts if unicodedata.category(each) != _MARKS)
    return " ".join(plain.split())


def _words(record: dict[str, Json]) -> list[str]:
    """Everything in a post that people read or follow."""
    embed = part(record, "embed")
    link = part(part(embed, "media") or embed, "external")
    said = [text_of(record, "text"), *words_beside(embed), text_of(link, "uri")]
    for each in features_of(record):
        said += [text_of(each, "uri"), f"#{text_of(each, 'tag')}" if text_of(each, "tag") else None]
    said += [f"#{tag}" for tag in items_of(record, "tags") if isinstance(tag, str)]
    return [each for each in said if each]


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def _instant(micros: int) -> datetime:
    """The instant of an event.

    Raises:
        ValueError: it lies outside the calendar.
    """
    try:
        return datetime.fromtimestamp(micros // 1_000_000, UTC) + timedelta(microseconds=micros % 1_000_000)
    except (OverflowError, OSError) as error:
        msg = f"{micros} microseconds lie outside the calendar"
        raise ValueError(msg) from error
