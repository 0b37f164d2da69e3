"""Where writers of files write to: what they wrote is taken from here piece by piece."""

from __future__ import annotations


class Pieces:
    """A file that can be written and never read or rewound. `tell` counts all bytes ever written."""

    closed = False

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._taken = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Keep bytes until they are taken; how many there were."""
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what was written can be taken at once."""

    def tell(self) -> int:
        """Bytes written so far."""
        return self._taken + len(self._waiting)

    def writable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """No."""
        return False

    def seekable(self) -> bool:
        """No."""
        return False

    def waiting(self) -> int:
        """Bytes that wait to be taken."""
        return len(self._waiting)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._waiting)
        self._taken += len(taken)
        self._waiting.clear()
        return taken
