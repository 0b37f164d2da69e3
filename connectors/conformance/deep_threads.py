"""Threads in which many people answer each other, one below the other: none of the levels may be lost.

A fake plays them when it says so (`FakePlatform.levels`) and answers what the connector asks to read a thread.
"""

# ruff: noqa: D102 -- the names are sentences

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar
from unittest import SkipTest

from connectors.conformance.collector import MemoryCollector
from connectors.conformance.ground import Ground, expect, mark_of
from connectors.conformance.platform import FakePlatform, Utterance
from connectors.contract import Action, ActionKind
from connectors.items import Item
from connectors.requests import Request

_LEVELS = 20


class DeepThreads(Ground):
    """The rules about threads."""

    deepest: ClassVar[int] = _LEVELS

    def test_a_thread_of_twenty_levels_is_brought_whole_from_wherever_it_is_asked_for(self) -> None:
        platform = self._platform()
        if platform.levels is None:
            reason = "this fake plays no threads"
            raise SkipTest(reason)
        said = [platform.say(platform.now - timedelta(hours=1))]
        for level in range(self.deepest):
            at = platform.now - timedelta(minutes=50 - 2 * level)
            said.append(platform.say(at, answers=said[-1].number))
        collector = MemoryCollector(platform)
        collector.run()
        read = {mark: collector.items[keys[0]] for mark, keys in collector.marks().items()}
        asked = [each for each in (said[0], said[len(said) // 2], said[-1]) if each.mark in read]
        expect(bool(asked), "no level of the thread was read at all")
        for each in asked:
            item = read[each.mark]
            brought = {mark_of(one) or "": one for one in _fetched(platform, item)}
            # Where everything hangs under the first, reading lists the whole; the wish shows what an item answers.
            before = {each.mark: item} if platform.levels == 0 else read
            found = {**before, **brought}
            _hold_links(platform, said, found)
            threads = {one.thread_external_id for mark, one in found.items() if mark != each.mark}
            expect(len(threads) == 1, f"the levels of one thread were read as belonging to {threads}")


def _hold_links(platform: FakePlatform, said: list[Utterance], found: dict[str, Item]) -> None:
    lost = [each.mark for each in said if each.mark not in found]
    expect(not lost, f"{len(lost)} of {len(said)} levels are missing: {lost[:5]}")
    if platform.levels == 1:
        parents = {found[each.mark].parent_external_id for each in said}
        expect(len(parents) == 1, f"all levels hang under one, they were read as answering {parents}")
        return
    for level, each in enumerate(said[1:], 1):
        above = level - 1 if platform.levels == 0 else min(level - 1, (platform.levels or 0) - 2)
        item, wanted = found[each.mark], found[said[above].mark].external_id
        expect(
            item.parent_external_id == wanted,
            f"level {level} answers {wanted!r}, it was read as answering {item.parent_external_id!r}",
        )


def _fetched(platform: FakePlatform, item: Item) -> list[Item]:
    """What a wish for the thread around an item brings, over as many calls as it takes."""
    connector = platform.connector()
    wish = Action(
        ActionKind.FETCH_THREAD,
        item.external_id,
        "conformance-thread",
        item.namespace,
        item.thread_external_id,
        visibility=item.visibility,
        extra=item.extra,
    )
    found: list[Item] = []
    following: Request | None = connector.act(wish)
    while following is not None:
        result = connector.acted(wish, platform.ask(following))
        found += result.items
        following = result.next
        expect(len(platform.asked) < 200, "reading one thread took more than a hundred calls")
    return found
