"""The suite itself: each mistake a connector's author makes must be found by the test that is named for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.conformance import ConnectorSuite, FakePlatform, Impure, pure
from connectors.contract import Connector, Page, Task
from connectors.errors import ConnectorError, FormatChanged
from connectors.hackernews import HackerNews, HackerNewsOptions
from connectors.requests import Response
from connectors.webhooks import Delivery, Greeting, Signing, Told
from tests.connectors.test_conformance_hackernews import FakeHackerNews

Change = Callable[[Task, Response, Page], Page]


def suite_with(change: Change) -> ConnectorSuite:
    """The suite over a connector whose pages were changed."""

    class Mistaken(HackerNews):
        def parse(self, task: Task, response: Response) -> Page:
            return change(task, response, super().parse(task, response))

    @dataclass
    class Platform(FakeHackerNews):
        def connector(self) -> Connector[Any]:
            return Mistaken(HackerNewsOptions())

    class Suite(ConnectorSuite):
        platform = Platform

    return Suite()


def claims_its_whole_window(task: Task, _response: Response, page: Page) -> Page:
    return replace(page, covered=task.window.interval)


def stops_after_the_first_page(task: Task, _response: Response, page: Page) -> Page:
    return replace(page, next=None, cursor=None, covered=task.window.interval)


def proves_nothing_and_stops(_task: Task, _response: Response, page: Page) -> Page:
    return replace(page, next=None, cursor=None, covered=None)


def drops_what_it_cannot_read(_task: Task, _response: Response, page: Page) -> Page:
    return replace(page, rejected=())


def numbers_by_place_on_the_page(_task: Task, _response: Response, page: Page) -> Page:
    return replace(page, items=tuple(replace(item, external_id=str(at)) for at, item in enumerate(page.items)))


def numbers_by_the_minute(_task: Task, response: Response, page: Page) -> Page:
    minute = f"{response.received_at:%H%M}"
    return replace(page, items=tuple(replace(item, external_id=item.external_id + minute) for item in page.items))


def asks_the_clock(_task: Task, _response: Response, page: Page) -> Page:
    datetime.now(UTC)
    return page


def forgets_the_author(_task: Task, _response: Response, page: Page) -> Page:
    return replace(page, items=tuple(replace(item, author=None) for item in page.items))


def claims_more_than_was_asked(task: Task, _response: Response, page: Page) -> Page:
    span = page.covered
    return (
        page if span is None else replace(page, covered=replace(span, end=task.window.interval.end.replace(year=2027)))
    )


def trips_over_a_missing_author(_task: Task, response: Response, page: Page) -> Page:
    if b'"author":null' in response.body:  # type: ignore[union-attr]
        msg = "an author was expected"
        raise FormatChanged(msg)
    return page


def believes_every_date(task: Task, _response: Response, page: Page) -> Page:
    times = [item.published_at for item in page.items if item.published_at is not None]
    early = times and min(times) < task.window.interval.start
    return replace(page, next=None, cursor=None, covered=task.window.interval) if early else page


@pytest.mark.parametrize(
    ("mistake", "rule"),
    [
        (claims_its_whole_window, "test_three_pages_are_read_to_the_end"),
        (claims_its_whole_window, "test_a_crash_before_any_commit_loses_and_doubles_nothing"),
        (stops_after_the_first_page, "test_three_pages_are_read_to_the_end"),
        (proves_nothing_and_stops, "test_three_pages_are_read_to_the_end"),
        (drops_what_it_cannot_read, "test_an_unreadable_item_is_set_aside_and_the_rest_is_read"),
        (numbers_by_place_on_the_page, "test_three_pages_are_read_to_the_end"),
        (numbers_by_the_minute, "test_a_second_run_finds_nothing_new_and_the_same_ids"),
        (asks_the_clock, "test_plan_and_parse_are_pure_and_travel_between_processes"),
        (forgets_the_author, "test_items_say_what_when_who_and_where"),
        (trips_over_a_missing_author, "test_an_author_that_is_gone_costs_no_page"),
        (believes_every_date, "test_dates_of_1970_and_of_the_next_century_cost_no_page_and_prove_nothing_wrong"),
        (claims_more_than_was_asked, "test_covered_stretches_lie_inside_their_window"),
    ],
)
def test_a_mistake_is_found(mistake: Change, rule: str) -> None:
    with pytest.raises(AssertionError):
        getattr(suite_with(mistake), rule)()


class Believing(Signing):
    """Takes anything for signed."""

    def greet(self, params: Mapping[str, str]) -> Greeting | None:
        return Greeting(params.get("challenge", "").encode(), "text/plain") if params else None

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG002
        return True


class Careful(Believing):
    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG002
        return "x-signature" in headers


class Answering(Careful):
    def greet(self, params: Mapping[str, str]) -> Greeting | None:  # noqa: ARG002
        return Greeting(b"yes", "text/plain")


@pytest.mark.parametrize(
    ("kind", "told", "sound"),
    [(Believing, None, False), (Answering, None, False), (Careful, Told(due=True), False), (Careful, Told(), True)],
)
def test_pushes_that_are_believed_too_easily_are_found(kind: type[Signing], told: Told | None, *, sound: bool) -> None:
    class Pushed(HackerNews):
        signing = kind

        def told(self, delivery: Delivery) -> Told | None:  # noqa: ARG002
            return told

    @dataclass
    class Platform(FakeHackerNews):
        def connector(self) -> Connector[Any]:
            return Pushed(HackerNewsOptions())

    class Suite(ConnectorSuite):
        platform = Platform

    with nullcontext() if sound else pytest.raises(AssertionError):
        Suite().test_nonsense_that_is_pushed_is_refused_and_leads_to_nothing()


def accepts_every_status(_task: Task, _response: Response, page: Page) -> Page:
    return page


@pytest.mark.parametrize(
    "rule",
    [
        "test_trouble_of_the_platform_passes",
        "test_a_web_page_in_place_of_data_is_noticed",
        "test_an_answer_that_is_cut_off_is_noticed",
        "test_a_request_to_wait_is_understood_with_and_without_an_end",
        "test_a_login_that_ran_out_is_named_and_renewed_where_possible",
        "test_data_of_another_shape_is_noticed",
        "test_a_web_page_in_place_of_a_refusal_is_understood",
        "test_a_login_that_was_taken_back_asks_for_a_person",
        "test_a_login_without_the_right_says_so",
    ],
)
def test_a_connector_that_takes_errors_for_silence_is_found(rule: str) -> None:
    class Deaf(HackerNews):
        def parse(self, task: Task, response: Response) -> Page:
            try:
                return super().parse(task, response)
            except ConnectorError:
                return Page(covered=task.window.interval)

    @dataclass
    class Platform(FakeHackerNews):
        def connector(self) -> Connector[Any]:
            return Deaf(HackerNewsOptions())

    class Suite(ConnectorSuite):
        platform = Platform

    with pytest.raises(AssertionError):
        getattr(Suite(), rule)()


def test_the_unchanged_connector_passes_the_rules_the_mistakes_break() -> None:
    suite = suite_with(accepts_every_status)
    suite.test_three_pages_are_read_to_the_end()
    suite.test_plan_and_parse_are_pure_and_travel_between_processes()


@pytest.mark.parametrize("look", [time.time, time.monotonic, datetime.today, datetime.utcnow])
def test_every_clock_is_noticed(look: Callable[[], object]) -> None:
    with pytest.raises(Impure, match="asked for the time"), pure():
        look()


def test_a_connection_and_a_written_file_are_noticed(tmp_path: Any) -> None:
    import socket

    with pytest.raises(Impure, match=r"socket\.connect"), pure(), socket.socket() as made:
        made.connect(("127.0.0.1", 9))
    with pytest.raises(Impure, match="open"), pure():
        (tmp_path / "note").write_text("x")


def test_what_a_suite_needs_is_small() -> None:
    assert set(FakePlatform.__abstractmethods__) == {"connector", "entry", "answer"}
