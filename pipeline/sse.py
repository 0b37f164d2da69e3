"""Read server-sent events, as the WHATWG HTML standard (section 9.2.6) says."""

from __future__ import annotations

import codecs

from connectors.errors import FormatChanged
from connectors.requests import StreamEvent


class SseParser:
    """Turns bytes of a `text/event-stream` into events, however they are cut up on the way.

    Does not reconnect and keeps no retry time: the collector decides when to come back.

    Args:
        max_event_bytes: largest event; a longer one is refused, since it would be held in memory whole.
    """

    def __init__(self, *, max_event_bytes: int = 1_000_000) -> None:
        self._most = max_event_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._after_cr = False
        self._first = True
        self._data: list[str] = []
        self._name = ""
        self._size = 0
        self.last_id: str | None = None

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take in bytes and give out the events they complete.

        Raises:
            FormatChanged: one event is larger than allowed.
        """
        text = self._decoder.decode(data)
        if self._first and text:
            text, self._first = text.removeprefix("\ufeff"), False
        if self._after_cr and text:
            text, self._after_cr = text.removeprefix("\n"), False
        if text.endswith("\r"):
            self._after_cr = True
        # Only these three end a line here; str.splitlines knows many more.
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        events = []
        for line in lines:
            whole, self._line = self._line + line, ""
            event = self._take(whole)
            if event is not None:
                events.append(event)
        self._line += rest
        self._check(len(self._line))
        return events

    def _check(self, more: int) -> None:
        """Refuse an event that grows too large.

        Raises:
            FormatChanged: it did.
        """
        if self._size + more > self._most:
            msg = f"the stream sent an event of more than {self._most} characters; it was not read"
            raise FormatChanged(msg)

    def _take(self, line: str) -> StreamEvent | None:
        """Read one line; an empty one completes an event."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._check(len(value))
            self._size += len(value) + 1
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        return None

    def _dispatch(self) -> StreamEvent | None:
        """Give out the collected event; one without data is none."""
        data, name = self._data, self._name
        self._data, self._name, self._size = [], "", 0
        return StreamEvent("\n".join(data), name, self.last_id) if data else None
