"""Answers with odd things in them: each may cost the item it stands in, never the page, and never the others.

Works on answers in JSON, whatever their shape: the entry of an utterance is the largest object that holds its mark and
no other one. Fields are known by the names that platforms give them.
"""

# ruff: noqa: D102 -- the names are sentences

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from unittest import SkipTest

import orjson

from connectors.conformance.collector import MemoryCollector
from connectors.conformance.ground import Ground, answered, expect, plain
from connectors.conformance.platform import FakePlatform
from connectors.conformance.purity import pure
from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response, StreamBatch
from connectors.webhooks import Delivery

_MARK = re.compile(r"\bu\d{5}\b")
_WRITERS = re.compile(
    "account|actor|authors?|author(ChannelId|ChannelUrl|DisplayName|_fullname|_id)|by|from|name|owner|reviewer|"
    "sender(_id)?|unique_identifier|user(_id)?|username"
)
_ANSWERED = re.compile(
    "in_reply_to_(account_id|id|user_id)|parent(Comment|Id|_comment_id|_id)?|referenced_(posts|tweets)|replied_to|reply|"
    "reply_to_(message|post_number)|root_post"
)
_WORDS = re.compile(
    r"\$type|action|(event|media|media_product|recommendation|verified)_type|hide_status|kind|langs?|language|"
    "moderationStatus|reply_settings|status|type|visibility"
)
_WHEN = re.compile(r"(?i)(^|_)(date|time|at|utc|i)($|_)|time(stamp|_us)?$|At$|published|created|sent")
_INSTANT = re.compile(r"^\d{4}(?=-\d\d-\d\dT)")
_FUTURE_S = 4_102_444_800
_PAGE = b"<!doctype html><html><title>Denied</title><body>Sorry</body></html>"
_NONSENSE = (
    b"",
    b"\xff\xfe",
    b"null",
    b"7",
    b"[]",
    b"[null]",
    b"{}",
    b'{"data":[]}',
    b'{"object":{},"entry":7}',
    _PAGE,
)
_WORDLESS = (
    "\U0001f600\U0001f389\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "شكرا جزيلا",
    "\u200f!!\u200f \U0001f1f3\U0001f1f1",
)

Change = Callable[[str, Json], Json]


class BadInput(Ground):
    """The rules about answers that are not as they should be."""

    def test_nonsense_that_is_pushed_is_refused_and_leads_to_nothing(self) -> None:
        platform = self._platform()
        connector = platform.connector()
        if connector.signing is None:
            reason = "nothing that is pushed is taken"
            raise SkipTest(reason)
        signing = connector.signing(["a secret of the platform"], "a word of our own")
        for body in _NONSENSE:
            with pure():
                expect(not signing.signed({}, body), f"{body!r} without a signature was taken for signed")
                signing.told_at({}, body)
                with suppress(FormatChanged):
                    told = connector.told(Delivery(body, platform.now))
                    harmless = told is None or not (told.due or told.ask or told.deleted)
                    expect(harmless, f"{body!r} led to {told}")
        expect(signing.greet({}) is None, "a question without any parameter was answered as a greeting")

    def test_an_author_that_is_gone_costs_no_page(self) -> None:
        self._read_with(lambda name, value: None if _WRITERS.fullmatch(name) else value)

    def test_an_answered_post_that_is_gone_costs_no_page(self) -> None:
        self._read_with(lambda name, value: None if _ANSWERED.fullmatch(name) else value)

    def test_words_of_tomorrow_cost_no_page(self) -> None:
        self._read_with(_of_tomorrow)

    def test_dates_of_1970_and_of_the_next_century_cost_no_page_and_prove_nothing_wrong(self) -> None:
        for year, seconds in (("1970", 0), ("2100", _FUTURE_S)):
            collector = self._read_with(partial(_moved, year, seconds))
            for item in collector.items.values():
                for at in (item.published_at, item.edited_at):
                    expect(at is None or at.tzinfo is not None, f"{item.external_id}: a time without zone")

    def test_posts_of_emoji_or_of_right_to_left_only_are_read_whole(self) -> None:
        for words in _WORDLESS:
            collector = self._read_with(partial(_reworded, words))
            read = [item for item in collector.items.values() if words in plain(item)]
            wanted = sum(said.odd for said in _fake(collector).utterances)
            expect(len(read) == wanted, f"{wanted} posts say only {words!r}, {len(read)} were read so")

    def test_a_web_page_in_place_of_a_refusal_is_understood(self) -> None:
        kind = {"content-type": "text/html; charset=utf-8"}
        login = (AuthExpired, AuthDead, Forbidden)
        for status, wanted in ((401, login), (403, (*login, Transient)), (429, (RateLimited,))):
            platform = self._filled()
            with self._fault(platform, partial(answered, platform, _PAGE, status, kind), *wanted) as caught:
                _hold_words(str(caught[0]), platform.asked)

    def test_a_login_that_was_taken_back_asks_for_a_person(self) -> None:
        platform = self._filled()
        connector = platform.connector()
        renewal = connector.refresh()
        wanted = (AuthDead, Forbidden) if renewal is None else (AuthExpired, AuthDead, Forbidden)
        with self._fault(platform, platform.revoked, *wanted) as caught:
            _hold_words(str(caught[0]), platform.asked)
        if renewal is None:
            return
        try:
            connector.refreshed(platform.denied(renewal))
        except (AuthDead, Transient) as error:  # passing where another login is left to be tried
            _hold_words(str(error), [renewal])
        else:
            expect(held=False, message="the renewal of a login that was taken back was believed")

    def test_a_login_without_the_right_says_so(self) -> None:
        platform = self._filled()
        wanted = (Forbidden, AuthDead, BadRequest)
        with self._fault(platform, platform.out_of_scope, *wanted, always=True) as caught:
            _hold_words(str(caught[0]), platform.asked)

    def _read_with(self, change: Change) -> MemoryCollector:
        """Read a platform in whose entries every third is changed; the others must all be read."""
        platform = self._filled()
        for said in platform.utterances[2::3]:
            said.odd = True
        odd = {said.mark for said in platform.utterances if said.odd}
        platform.fault = lambda request, _number: _changed(platform.answer(request), odd, change)
        collector = MemoryCollector(platform)
        try:
            collector.run()
            self._finish(platform, collector)
        except ConnectorError as error:
            msg = f"odd entries cost the whole page: {error}"
            raise AssertionError(msg) from error
        self._hold_complete(platform, collector)
        return collector


def _fake(collector: MemoryCollector) -> FakePlatform:
    if not isinstance(collector.platform, FakePlatform):
        msg = "this rule is about a platform made up in memory"
        raise SkipTest(msg)
    return collector.platform


def _hold_words(said: str, asked: list[Request]) -> None:
    """What is said to people is a sentence, not a web page, and holds no secret of a request."""
    expect(bool(said.strip()) and "<" not in said, f"no sentence for people: {said[:200]!r}")
    for request in asked:
        if isinstance(request, HttpRequest):
            secret = [request.secret, request.headers.get("Authorization"), request.headers.get("Access-Token")]
            told = [word for value in secret if value for word in value.split() if len(word) > 5]
            expect(not any(word in said for word in told if word.casefold() != "bearer"), "the error tells a secret")


def _changed(answer: Response, odd: set[str], change: Change) -> Response:
    if isinstance(answer, StreamBatch):
        return replace(
            answer, events=tuple(replace(each, data=_told(each.data, odd, change)) for each in answer.events)
        )
    if not isinstance(answer, HttpResponse):
        msg = "this rule is about http answers and streams"
        raise SkipTest(msg)
    return replace(answer, body=_told(answer.body, odd, change).encode())


def _told(data: bytes | str, odd: set[str], change: Change) -> str:
    try:
        return orjson.dumps(_walked(orjson.loads(data), odd, change)).decode()
    except orjson.JSONDecodeError as error:
        msg = "this rule is about answers in JSON"
        raise SkipTest(msg) from error


def _walked(value: Json, odd: set[str], change: Change) -> Json:
    if isinstance(value, list):
        return [_walked(each, odd, change) for each in value]
    if not isinstance(value, dict):
        return value
    marks = set(_MARK.findall(orjson.dumps(value).decode()))
    if len(marks) == 1 and marks <= odd:
        return _inside("", value, change)
    return {name: _walked(each, odd, change) for name, each in value.items()}


def _inside(name: str, value: Json, change: Change) -> Json:
    changed = change(name, value)
    if changed is not value:
        return changed
    if isinstance(value, list):
        return [_inside(name, each, change) for each in value]
    if isinstance(value, dict):
        return {key: _inside(key, each, change) for key, each in value.items()}
    return value


def _of_tomorrow(name: str, value: Json) -> Json:
    return "ZZ_OF_TOMORROW" if isinstance(value, str) and _WORDS.fullmatch(name) else value


def _moved(year: str, seconds: int, name: str, value: Json) -> Json:
    """The same field at another time, in the unit that it had."""
    if isinstance(value, bool) or not _WHEN.search(name):
        return value
    if isinstance(value, str):
        moved = _INSTANT.sub(year, value)
        return str(seconds) if value.isdigit() and len(value) == 10 else moved
    if isinstance(value, int | float) and value > 1e9:
        return type(value)(seconds * (1000 if value > 1e11 else 1) * (1000 if value > 1e14 else 1))
    return value


def _reworded(words: str, _name: str, value: Json) -> Json:
    """The words of an entry replaced; marks elsewhere than in words do not occur."""
    if not isinstance(value, str) or not _MARK.search(value):
        return value
    return f"<p>{words}</p>" if value.startswith("<") else words
