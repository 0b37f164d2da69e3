"""Connectors whose parse goes wrong in every way a parser can; imported by name in the child as well."""

import ctypes
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from connectors.contract import Connector, Options, Page, Task
from connectors.errors import AuthDead, ConnectorError, FormatChanged, RateLimited, Transient
from connectors.items import Item, Kind
from connectors.requests import HttpRequest, Response


class How(Options):
    how: str


class OddError(FormatChanged):
    """A third party's error with an attribute of its own."""

    def __init__(self, message: str, *, row: int = 0) -> None:
        super().__init__(message)
        self.row = row


class StubbornError(Transient):
    """A third party's error that cannot be pickled back."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def _eat_memory() -> Any:
    return len(bytearray(8_000_000_000))


def _dig() -> Any:
    return _dig()


def _call_the_system() -> Any:
    class Evil:
        def __reduce__(self) -> Any:
            return (os.system, ("echo",))

    return Page(state={"x": Evil()})


WAYS = {
    "well": lambda: Page(
        items=(
            Item(
                "1", Kind.POST, text="é😀\ud800", published_at=datetime(2026, 1, 1, tzinfo=UTC), extra={"a": [1, None]}
            ),
        ),
        next=HttpRequest("https://h.example/2", params=(("p", "2"),)),
        state={"seen": ["1"]},
    ),
    "forever": lambda: [None for _ in iter(int, 1)],
    "sleep": lambda: time.sleep(600),
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "memory": _eat_memory,
    "deep": _dig,
    "lambda": lambda: Page(state={"x": lambda: None}),
    "system": _call_the_system,
    "not a page": lambda: {"items": []},
    "print": lambda: sys.stdout.write("noise") and os.write(1, b"noise") and Page(),
    "exception": lambda: {}["missing"],
    "system exit": lambda: sys.exit("bye"),
}


class Misbehaving(Connector[How]):
    name: ClassVar[str] = "misbehaving"
    platform: ClassVar[str] = "misbehaving"
    options_type = How

    def queries(self, terms: Sequence[str]) -> Any:
        del terms
        return []

    def plan(self, task: Task) -> Any:
        del task
        return HttpRequest("https://h.example/")

    def parse(self, task: Task, response: Response) -> Any:
        del task, response
        way = self.options.how
        errors: dict[str, ConnectorError] = {
            "limited": RateLimited("wait", until=datetime(2026, 1, 2, tzinfo=UTC), whole_host=False),
            "transient": Transient("later", retry_after_s=2.5),
            "dead": AuthDead("log in again"),
            "odd": OddError("odd", row=7),
            "secret": Transient("x"),
        }
        if way == "stubborn":
            raise StubbornError(*("cannot", "travel"))
        if way == "pid":
            return Page(state={"pid": os.getpid(), "environment": sorted(os.environ)})
        if way in errors:
            raise errors[way]
        return WAYS[way]()
