"""Asking about kept items again: what went is removed, what changed is renewed, and doubt removes nothing."""

# ruff: noqa: D102 -- the names are sentences

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from unittest import SkipTest

import orjson

from connectors.conformance.collector import MemoryCollector
from connectors.conformance.ground import Ground, expect, plain
from connectors.conformance.platform import FakePlatform, Utterance
from connectors.contract import ActionResult, Connector, Options, Target
from connectors.errors import ConnectorError, Forbidden
from connectors.items import Item
from connectors.requests import Request, Response

_MOST_CALLS = 20
_TOGETHER = 3
_PAGE = b"<!doctype html><html><title>Log in</title><form></form></html>"
_TROUBLES: tuple[tuple[int, bytes], ...] = (
    (500, _PAGE),
    (502, b""),
    (503, b'{"error":"down"}'),
    (200, _PAGE),
    (200, b""),
    (200, b'{"cut": ["o'),
    (401, b'{"error":"The access token is invalid"}'),
    (404, _PAGE),
    (429, b'{"error":"Too many requests"}'),
)
_STRANGE: tuple[object, ...] = ({"hello": "world"}, [1, 2, 3], "text", 5, None, {"error": {"odd": True}}, {"data": 7})


class Rechecks(Ground):
    """Part of the suite; see `ConnectorSuite`. Skipped where no item of the platform can be asked about."""

    def test_a_recheck_of_what_was_removed_says_so_and_of_nothing_else(self) -> None:
        platform, said, kept = self._kept()
        platform.now += timedelta(minutes=4)
        said[0].removed = True
        result = asked(platform, kept)
        expect(
            _gone(result) == {_key(kept[0])}, f"one item of {len(kept)} was removed, the recheck said {_gone(result)}"
        )

    def test_a_recheck_of_what_was_edited_brings_the_new_text(self) -> None:
        platform, said, kept = self._kept()
        if not platform.shows_edits:
            msg = "this platform never shows an edited text again"
            raise SkipTest(msg)
        platform.now += timedelta(minutes=4)
        said[0].text, said[0].edited_at = f"klankbord {said[0].mark} nu opgelost", platform.now - timedelta(minutes=1)
        result = asked(platform, kept)
        expect(not result.deleted, f"nothing was removed, the recheck said {_gone(result)}")
        again = {_key(item): item for item in result.items}
        if not again:
            msg = "this connector asks only whether items stand"
            raise SkipTest(msg)
        expect(_key(kept[0]) in again, "the edited item is not among what was read again")
        expect("nu opgelost" in plain(again[_key(kept[0])]), "the recheck of an edited item brought the old text")

    def test_a_recheck_of_what_stands_changes_nothing(self) -> None:
        platform, _, kept = self._kept()
        platform.now += timedelta(minutes=4)
        result = asked(platform, kept)
        expect(not result.deleted, f"everything stands, the recheck said {_gone(result)}")
        before = {_key(item): item for item in kept}
        for item in result.items:
            if _key(item) in before:
                old = before[_key(item)]
                expect(
                    _said(item) == _said(old), f"an item that stands would look edited: {_said(old)} / {_said(item)}"
                )
                told = {name: value for name, value in old.extra.items() if name in item.extra}
                expect(
                    {name: item.extra[name] for name in told} == told, f"handles changed: {old.extra} / {item.extra}"
                )

    def test_trouble_of_the_platform_at_a_recheck_removes_nothing(self) -> None:
        for status, body in _TROUBLES:
            platform, _, kept = self._kept()
            kind = "text/html" if body == _PAGE else "application/json"
            _hold_silent(platform, kept, status, body, kind)

    def test_an_answer_of_another_shape_at_a_recheck_removes_nothing(self) -> None:
        for strange in _STRANGE:
            platform, _, kept = self._kept()
            _hold_silent(platform, kept, 200, orjson.dumps(strange), "application/json")

    def _kept(self) -> tuple[FakePlatform, list[Utterance], list[Item]]:
        """A platform that was read, and some of what can be asked about, of one namespace."""
        platform = self._filled()
        collector = MemoryCollector(platform)
        collector.run()
        marks = collector.marks()
        found = [
            (said, collector.items[marks[said.mark][0]])
            for said in reversed(platform.utterances)
            if said.mark in marks and collector.items[marks[said.mark][0]].capabilities.can_recheck
        ]
        if not found:
            msg = "no item of this platform can be asked about again"
            raise SkipTest(msg)
        together = [each for each in found if each[1].namespace == found[0][1].namespace]
        together = together[: min(_TOGETHER, platform.connector().recheck_many)]
        return platform, [said for said, _ in together], [item for _, item in together]


def asked(platform: FakePlatform, kept: Sequence[Item]) -> ActionResult:
    """Ask about kept items, in as many calls as the connector wants."""
    connector: Connector[Options] = platform.connector()
    targets = [Target(item.external_id, item.namespace, item.extra) for item in kept]
    try:
        request: Request | None = connector.recheck(targets)
    except Forbidden as error:
        msg = f"the items say that they can be asked about, and then: {error}"
        raise AssertionError(msg) from error
    so_far = ActionResult()
    for _ in range(_MOST_CALLS):
        if request is None:
            return so_far
        result = connector.rechecked(targets, platform.ask(request))
        so_far = ActionResult((*so_far.items, *result.items), (*so_far.deleted, *result.deleted))
        request = result.next
    msg = f"a recheck took more than {_MOST_CALLS} calls"
    raise AssertionError(msg)


def _hold_silent(platform: FakePlatform, kept: Sequence[Item], status: int, body: bytes, kind: str) -> None:
    platform.fault = partial(_answered, platform, status, body, kind)
    try:
        result = asked(platform, kept)
    except ConnectorError:
        return
    expect(not result.deleted, f"the answer {status} {body[:60]!r} was taken for a removal")


def _answered(platform: FakePlatform, status: int, body: bytes, kind: str, request: Request, _number: int) -> Response:
    return platform.raw(request, body, status, {"content-type": kind})


def _key(item: Item) -> tuple[str, str]:
    return item.external_id, item.namespace


def _gone(result: ActionResult) -> set[tuple[str, str]]:
    return {(each.external_id, each.namespace) for each in result.deleted}


def _said(item: Item) -> tuple[object, ...]:
    """What counts as an edit (`pipeline.enrich`)."""
    return item.title, " ".join(plain(item).split()), item.rating, item.visibility, item.url
