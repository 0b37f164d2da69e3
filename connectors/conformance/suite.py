"""The tests themselves. Each begins with a fresh platform; its name says the rule it holds."""

# ruff: noqa: D102, RUF001 -- the names are sentences, and the letters of other scripts are the point

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from datetime import timedelta
from functools import partial
from unittest import SkipTest

from connectors.conformance.bad_input import BadInput
from connectors.conformance.collector import Crash, LoopFound, MemoryCollector
from connectors.conformance.deep_threads import DeepThreads
from connectors.conformance.ground import answered, expect, http_only, plain
from connectors.conformance.platform import FakePlatform
from connectors.conformance.purity import pure
from connectors.conformance.rechecking import Rechecks
from connectors.contract import Action, ActionKind, Interval
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
from connectors.items import Item
from connectors.requests import HttpResponse, Request, Response

LONG = "lang verhaal " * 8000
TEXTS = (
    "Super blij 😀 met 👩‍👩‍👧 en 🇳🇱 vlag",
    "شكرا جزيلا على الخدمة",
    "𝔊𝔬𝔱𝔥𝔦𝔠 𠮷野家",
    "Cafe\u0301 en Café",
    "5 < 6 & 7 > 3, R&D",
    LONG.strip(),
)


class ConnectorSuite(BadInput, DeepThreads, Rechecks):
    """Subclass it, name your fake platform, and every rule of the contract is tested."""

    def test_items_say_what_when_who_and_where(self) -> None:
        collector = self._read(3)
        expect(len(collector.items) >= 3, f"three things were said, {len(collector.items)} were read")
        for item in collector.items.values():
            _hold_item(item)

    def test_queries_have_stable_and_short_ids(self) -> None:
        platform = self._platform()
        first = [query.id for query in platform.connector().queries(tuple(platform.terms))]
        again = [query.id for query in platform.connector().queries(tuple(platform.terms))]
        expect(bool(first), "the connector has no line of work")
        expect(first == again, f"the ids of queries changed: {first} / {again}")
        expect(len(set(first)) == len(first), f"two queries share an id: {first}")
        expect(all(0 < len(each) <= 200 for each in first), "a query id is empty or longer than 200 characters")

    def test_three_pages_are_read_to_the_end(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        self._hold_complete(platform, collector)
        expect(len(platform.asked) >= 3, f"{len(platform.asked)} requests: fewer than three pages")

    def test_a_second_run_finds_nothing_new_and_the_same_ids(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        before = set(collector.items)
        platform.now += timedelta(minutes=5)
        collector.run()
        expect(collector.new == 0, f"{collector.new} things were new though nothing was said")
        expect(set(collector.items) == before, "ids changed between two runs")
        other = MemoryCollector(platform)
        other.run()
        expect(set(other.items) == before, "a collector that starts anew gives other ids")

    def test_what_is_said_later_is_read_once(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        for _ in range(4):
            platform.now += timedelta(minutes=40)
            for minute in (30, 20, 1):
                platform.say(platform.now - timedelta(minutes=minute))
            collector.run()
            expect(collector.new == 3, f"three things were said, {collector.new} were new")
        self._hold_complete(platform, collector)

    def test_a_burst_of_many_pages_between_two_runs_is_read_whole(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        platform.now += timedelta(minutes=30)
        for back in range(4 * platform.page_size, 0, -1):
            platform.say(platform.now - timedelta(seconds=20 + 2 * back))
        collector.run()
        self._finish(platform, collector)
        self._hold_complete(platform, collector)

    def test_an_empty_stretch_in_the_middle_is_not_the_end(self) -> None:
        platform = self._filled()
        size = platform.page_size
        for said in platform.utterances[size // 2 : size // 2 + 2 * size + 1]:
            said.hidden = True
        collector = MemoryCollector(platform)
        collector.run()
        self._hold_complete(platform, collector)

    def test_a_platform_that_repeats_itself_neither_hangs_nor_is_believed(self) -> None:
        platform = self._filled()
        first: list[HttpResponse] = []

        def repeat(request: Request, _number: int) -> Response:
            if not first:
                first.append(http_only(platform.answer(request)))
            said = first[0]
            return platform.raw(request, said.body, said.status, said.headers)

        platform.fault = repeat
        collector = MemoryCollector(platform)
        with suppress(ConnectorError, LoopFound):
            collector.run()
        expect(len(platform.asked) < 200, f"{len(platform.asked)} requests for the same answer")
        platform.fault = None
        self._finish(platform, collector)
        self._hold_complete(platform, collector)

    def test_a_request_to_wait_is_understood_with_and_without_an_end(self) -> None:
        for wait_s in (90, None):
            platform = self._filled()
            with self._fault(platform, partial(_limited, platform, wait_s), RateLimited) as caught:
                limited = caught[0]
                expect(isinstance(limited, RateLimited), "429 must become RateLimited")
                until = limited.until if isinstance(limited, RateLimited) else None
                if wait_s is not None:
                    expect(until is not None, "the platform said until when, the error does not")
                if until is not None:
                    expect(until.tzinfo is not None and until >= platform.now, f"until {until} is naive or past")
                if until is not None and wait_s is not None:
                    off = abs((until - platform.now).total_seconds() - wait_s)
                    expect(off < 5, f"the platform asked for {wait_s} s, the error says until {until}")

    def test_a_login_that_ran_out_is_named_and_renewed_where_possible(self) -> None:
        platform = self._filled()
        renewal = platform.connector().refresh()
        wanted = (AuthExpired,) if renewal is not None else (AuthDead, Forbidden)
        with self._fault(platform, platform.unauthorized, *wanted):
            if renewal is not None:
                platform.connector().refreshed(platform.answer(renewal))

    def test_trouble_of_the_platform_passes(self) -> None:
        page = b"<!doctype html><html><title>502 Bad Gateway</title></html>"
        for status, headers in ((500, {}), (502, {}), (503, {"retry-after": "120"}), (504, {})):
            kind = {"content-type": "text/html", **headers}
            platform = self._filled()
            with self._fault(platform, partial(answered, platform, page, status, kind), Transient):
                pass

    def test_a_web_page_in_place_of_data_is_noticed(self) -> None:
        page = b"<!doctype html><html><title>Log in</title><form></form></html>"
        platform = self._filled()
        kind = {"content-type": "text/html; charset=utf-8"}
        with self._fault(platform, partial(answered, platform, page, 200, kind), FormatChanged, Transient):
            pass

    def test_an_answer_that_is_cut_off_is_noticed(self) -> None:
        platform = self._filled()

        def cut(request: Request) -> Response:
            whole = http_only(platform.answer(request))
            return platform.raw(request, whole.body[: len(whole.body) // 2], 200, whole.headers)

        with self._fault(platform, cut, FormatChanged, Transient):
            pass

    def test_data_of_another_shape_is_noticed(self) -> None:
        for body in ({"hello": "world"}, [1, 2, 3], "text", 5, None):
            platform = self._filled()
            with self._fault(
                platform, partial(answered, platform, json.dumps(body).encode(), 200, {}), FormatChanged, Transient
            ):
                pass

    def test_an_unreadable_item_is_set_aside_and_the_rest_is_read(self) -> None:
        platform = self._filled()
        broken = platform.utterances[1 :: platform.page_size // 2 or 1][:5]
        for said in broken:
            said.broken = True
        collector = MemoryCollector(platform)
        collector.run()
        self._hold_complete(platform, collector)
        expect(bool(collector.rejected), "unreadable items vanished: they belong into Page.rejected")
        for each in collector.rejected:
            expect(bool(each.error.strip()), "a rejected item does not say what is wrong")
            json.dumps(each.payload)

    def test_unknown_fields_change_nothing(self) -> None:
        plain, extended = self._filled(), self._filled()
        extended.unknown_fields = True
        collectors = [MemoryCollector(plain), MemoryCollector(extended)]
        for collector in collectors:
            collector.run()
        expect(set(collectors[0].items) == set(collectors[1].items), "unknown fields changed what was read")
        self._hold_complete(extended, collectors[1])

    def test_an_edit_keeps_its_identity_and_brings_the_new_text(self) -> None:
        platform = self._filled()
        if not platform.shows_edits:
            msg = "this platform never shows an edited text again"
            raise SkipTest(msg)
        collector = MemoryCollector(platform)
        collector.run()
        said = platform.utterances[-1]
        keys = collector.marks()[said.mark]
        platform.now += timedelta(minutes=4)
        said.text, said.edited_at = f"klankbord {said.mark} nu opgelost", platform.now - timedelta(minutes=1)
        collector.run()
        expect(collector.marks()[said.mark] == keys, "an edit changed the identity")
        item = collector.items[keys[0]]
        expect("nu opgelost" in plain(item), f"the new text was not read: {plain(item)[:80]!r}")
        expect(item.edited_at is None or item.edited_at.tzinfo is not None, "edited_at is naive")

    def test_a_removal_is_told(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        said = platform.utterances[-1]
        key = collector.marks()[said.mark][0]
        platform.now += timedelta(minutes=4)
        said.removed = True
        if platform.says_removed:
            collector.run()
            expect(key in collector.deleted, f"{said.mark} was removed and nobody told")
            return
        item = collector.items[key]
        connector = platform.connector()
        wish = Action(
            ActionKind.RECHECK,
            item.external_id,
            "conformance-recheck",
            item.namespace,
            item.thread_external_id,
            visibility=item.visibility,
            extra=item.extra,
        )
        try:
            request = connector.act(wish)
        except Forbidden as error:
            msg = f"neither answers nor a recheck show a removal: {error}"
            raise SkipTest(msg) from error
        gone = set()
        following: Request | None = request
        while following is not None:
            result = connector.acted(wish, platform.ask(following))
            gone |= {(each.external_id, each.namespace) for each in result.deleted}
            following = result.next
        expect(gone == {key}, f"the recheck of a removed item said {gone or 'nothing'}")

    def test_texts_of_all_scripts_and_lengths_come_through(self) -> None:
        platform = self._platform()
        said = [platform.say(platform.now - timedelta(minutes=60 - at), text) for at, text in enumerate(TEXTS)]
        collector = MemoryCollector(platform)
        collector.run()
        marks = collector.marks()
        for each in said:
            expect(each.mark in marks, f"{each.text[:60]!r} was not read")
            read = _squeeze(plain(collector.items[marks[each.mark][0]]))
            expect(_squeeze(each.text) in read, f"{each.text[:60]!r} became {read[:60]!r}")

    def test_a_crash_before_any_commit_loses_and_doubles_nothing(self) -> None:
        commits = MemoryCollector(self._filled())
        commits.run()
        for at in range(commits.commits):
            platform = self._filled()
            collector = MemoryCollector(platform)
            try:
                collector.run(crash_at=at)
            except Crash:
                platform.now += timedelta(minutes=10)
                platform.say(platform.now - timedelta(minutes=2))
            self._finish(platform, collector)
            self._hold_complete(platform, collector)

    def test_a_small_page_budget_only_takes_longer(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform, page_budget=2)
        self._finish(platform, collector)
        self._hold_complete(platform, collector)
        expect(not collector.open_gaps, f"stretches stay open for ever: {collector.open_gaps}")

    def test_plan_and_parse_are_pure_and_travel_between_processes(self) -> None:
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        connector = platform.connector()
        for heard in collector.heard:
            task, response = pickle.loads(pickle.dumps((heard.task, heard.response)))  # noqa: S301 -- just made here
            with pure():
                connector.plan(task)
                first, second = connector.parse(task, response), connector.parse(task, response)
            expect(first == second == heard.page, "parsing the same answer twice gave two different pages")
            expect(pickle.loads(pickle.dumps(first)) == first, "a page does not survive a process boundary")  # noqa: S301
            json.dumps(dict(first.state or {}))

    def test_covered_stretches_lie_inside_their_window(self) -> None:
        collector = MemoryCollector(self._filled())
        collector.run()
        for heard in collector.heard:
            claimed, window = heard.page.covered, heard.task.window.interval
            if isinstance(claimed, Interval):
                inside = window.start <= claimed.start and claimed.end <= window.end
                expect(inside, f"claimed {claimed}, asked {window}")

    def test_a_kept_item_can_be_read_again(self) -> None:
        collector = self._read(3)
        platform = collector.platform
        connector = platform.connector()
        for heard in collector.heard:
            for item in heard.page.items:
                raw = json.loads(json.dumps(item.raw))
                try:
                    again = connector.reparse(raw, item.namespace, heard.task.query)
                except BadRequest as error:
                    msg = f"{connector.name}: {error}"
                    raise SkipTest(msg) from error
                same = (again.external_id, again.namespace, again.text, again.html, again.url, again.published_at)
                first = (item.external_id, item.namespace, item.text, item.html, item.url, item.published_at)
                expect(same == first, f"read again, {first} became {same}")


def _hold_item(item: Item) -> None:
    who = f"item {item.external_id!r}"
    expect(bool(item.external_id.strip()) and len(item.external_id) <= 2000, f"{who}: no usable id")
    expect(bool(plain(item).strip()), f"{who}: no text, HTML or title")
    expect(item.author is not None and bool(item.author.external_id), f"{who}: no author")
    expect(item.url is not None and item.url.startswith(("http://", "https://")), f"{who}: no permalink")
    expect(item.published_at is not None, f"{who}: no time")
    for at in (item.published_at, item.edited_at):
        expect(at is None or at.tzinfo is not None, f"{who}: a time without zone")
    expect((item.rating is None) == (item.rating_scale is None), f"{who}: a rating needs its scale")
    can = item.capabilities
    expect(can.can_reply or bool(can.why_not_reply), f"{who}: cannot be answered and does not say why")
    json.dumps(dict(item.extra))
    json.dumps(item.raw)


def _limited(platform: FakePlatform, wait_s: int | None, request: Request) -> Response:
    return platform.rate_limited(request, wait_s)


def _squeeze(text: str) -> str:
    return " ".join(text.split())
