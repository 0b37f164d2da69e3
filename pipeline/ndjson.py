"""Read JSON that is pushed line by line (X's streams), as bytes come in."""

from __future__ import annotations

from connectors.errors import FormatChanged
from connectors.requests import StreamEvent


class LineParser:
    """Turns bytes into one event a line, however they are cut up on the way. Empty lines are no events.

    A line that was cut off by the end of the connection is none either: it was not all there.

    Args:
        max_line_bytes: longest line; a longer one is refused, since it would be held in memory whole.
    """

    def __init__(self, *, max_line_bytes: int = 1_000_000) -> None:
        self._most = max_line_bytes
        self._rest = b""

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take in bytes and give out the lines they complete.

        Raises:
            FormatChanged: one line is longer than allowed.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if any(len(line) > self._most for line in (*lines, self._rest)):
            msg = f"the stream sent a line of more than {self._most} bytes; it was not read"
            raise FormatChanged(msg)
        return [StreamEvent(line.decode("utf-8", "replace")) for each in lines if (line := each.strip())]
