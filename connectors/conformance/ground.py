"""What every part of the suite stands on: a filled platform, a fault in front of it, and that nothing was lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar
from unittest import SkipTest

from connectors.conformance.collector import MemoryCollector
from connectors.conformance.platform import FakePlatform
from connectors.errors import ConnectorError
from connectors.items import Item
from connectors.requests import HttpResponse, Request, Response

_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(r"\bu\d{5}\b")


class Ground:
    """Knows the fake platform; holds no rules itself."""

    platform: ClassVar[Callable[[], FakePlatform]]

    def _platform(self) -> FakePlatform:
        return type(self).platform()

    def _filled(self) -> FakePlatform:
        platform = self._platform()
        platform.fill(3 * platform.page_size + 2)
        return platform

    def _read(self, count: int) -> MemoryCollector:
        platform = self._platform()
        platform.fill(count)
        collector = MemoryCollector(platform)
        collector.run()
        return collector

    def _finish(self, platform: FakePlatform, collector: MemoryCollector) -> None:
        """Run until nothing stays open, as the schedule would; at most sixty times."""
        for _ in range(60):
            platform.now += timedelta(minutes=5)
            collector.run()
            if not collector.open_gaps:
                return

    @contextmanager
    def _fault(
        self,
        platform: FakePlatform,
        fault: Callable[[Request], Response],
        *wanted: type[ConnectorError],
        always: bool = False,
    ) -> Iterator[list[ConnectorError]]:
        """Put a fault in front of the second request, expect its error, and then everything to be read after all.

        `always`: the fault stands before every request until its error came.
        """
        platform.fault = lambda request, number: fault(request) if always or number == 2 else None
        collector = MemoryCollector(platform)
        names = " or ".join(each.__name__ for each in wanted)
        try:
            collector.run()
        except wanted as error:
            expect(bool(str(error).strip()), f"{type(error).__name__} says nothing to the person who reads it")
            yield [error]
        except ConnectorError as error:
            msg = f"expected {names}, got {type(error).__name__}: {error}"
            raise AssertionError(msg) from error
        else:
            msg = f"expected {names}, but the answer was accepted"
            raise AssertionError(msg)
        platform.fault = None
        self._finish(platform, collector)
        self._hold_complete(platform, collector)

    def _hold_complete(self, platform: FakePlatform, collector: MemoryCollector) -> None:
        marks = collector.marks()
        wanted = [said for said in platform.newest() if said.stands]
        lost = [said.mark for said in wanted if said.mark not in marks]
        doubled = {mark: keys for mark, keys in marks.items() if len(keys) > 1}
        expect(not lost, f"{len(lost)} of {len(wanted)} were never read: {lost[:5]}")
        expect(not doubled, f"kept under two identities: {dict(list(doubled.items())[:3])}")


def expect(held: bool, message: str) -> None:
    """Raise AssertionError with a sentence for people; works under `python -O` too."""
    if not held:
        raise AssertionError(message)


def answered(
    platform: FakePlatform, body: bytes, status: int, headers: Mapping[str, str], request: Request
) -> Response:
    """An answer of bytes, whatever was asked; for `functools.partial`."""
    return platform.raw(request, body, status, headers)


def plain(item: Item) -> str:
    """What people read of an item: its title and its words, without HTML."""
    body = item.text if item.text is not None else html.unescape(_TAG.sub(" ", item.html or ""))
    return f"{item.title or ''} {body}"


def mark_of(item: Item) -> str | None:
    """The mark of the utterance that an item was made of."""
    found = _MARK.search(plain(item))
    return None if found is None else found[0]


def http_only(response: Response) -> HttpResponse:
    """The answer, where it came over http.

    Raises:
        SkipTest: it did not.
    """
    if not isinstance(response, HttpResponse):
        msg = "this rule is about http answers"
        raise SkipTest(msg)
    return response
