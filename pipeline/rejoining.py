"""When a broken stream may be entered again: a pure decision over what ended it, as the platform asks for."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.errors import ConnectorError, RateLimited, Transient
from connectors.requests import Reconnect

_CLOCKS_DIFFER = timedelta(seconds=1)


class Rejoining:
    """Counts the breaks of one stream in a row.

    Args:
        rule: what the platform asks for; None: it is not entered again.
    """

    def __init__(self, rule: Reconnect | None) -> None:
        self._rule = rule
        self._broken = self._refused = 0

    def heard(self) -> None:
        """Something came: the next break is the first one again."""
        self._broken = self._refused = 0

    def wait(self, error: ConnectorError, now: datetime, *, refused: bool) -> float | None:
        """Seconds to wait after an error; None when coming back does not help.

        Args:
            error: what ended the stream.
            now: aware UTC.
            refused: the platform answered, and it was no stream.
        """
        rule = self._rule
        if rule is None or not isinstance(error, RateLimited | Transient):
            return None
        if isinstance(error, RateLimited):
            self._refused += 1
            if error.until is not None and error.until > now:
                return (error.until - now + _CLOCKS_DIFFER).total_seconds()
            return rule.limited * 2.0 ** (min(self._refused, 20) - 1)
        if refused:
            self._refused += 1
            doubled = rule.trouble * 2.0 ** (min(self._refused, 20) - 1)
            return max(min(doubled, rule.longest_trouble), error.retry_after_s or 0.0)
        self._broken += 1
        return min(rule.step * self._broken, rule.longest_step)
