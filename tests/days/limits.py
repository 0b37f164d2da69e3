"""How platforms limit callers, as the platforms keep count of it: by windows, by days, by percentages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass
class Limit(ABC):
    """The platform's own books.

    Attributes:
        refused: calls that were refused although the platform had said so, or its price list does.
        calls: all calls that were let in.
    """

    refused: int = 0
    calls: int = 0

    def let_in(self, now: datetime, path: str) -> bool:
        """Count a call; whether it is answered."""
        if self.take(now, path):
            self.calls += 1
            return True
        self.refused += 1
        return False

    @abstractmethod
    def take(self, now: datetime, path: str) -> bool:
        """Whether there is room for a call, which is then used."""

    def told(self, now: datetime) -> dict[str, str]:  # noqa: ARG002
        """What the headers say after a call."""
        return {}

    def wait_s(self, now: datetime) -> int | None:  # noqa: ARG002
        """What a refusal says of the time to wait."""
        return None


Spelling = Callable[[int, int, datetime, datetime], dict[str, str]]


@dataclass
class Window(Limit):
    """So many calls in so long, told in headers."""

    most: int = 300
    length: timedelta = timedelta(minutes=5)
    spelling: Spelling = lambda *_: {}
    _left: int = 0
    _ends: datetime = LONG_AGO

    def take(self, now: datetime, path: str) -> bool:  # noqa: ARG002
        if now >= self._ends:
            self._left, self._ends = self.most, now.replace(microsecond=0) + self.length
        self._left -= 1
        return self._left >= 0

    def told(self, now: datetime) -> dict[str, str]:
        return self.spelling(self.most, max(self._left, 0), self._ends, now)

    def wait_s(self, now: datetime) -> int:
        return int((self._ends - now).total_seconds()) + 1


def iso(most: int, left: int, ends: datetime, now: datetime) -> dict[str, str]:  # noqa: ARG001
    """As Mastodon spells it."""
    return {
        "x-ratelimit-limit": str(most),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": ends.isoformat().replace("+00:00", "Z"),
    }


def epoch(most: int, left: int, ends: datetime, now: datetime) -> dict[str, str]:  # noqa: ARG001
    """As Bluesky spells it."""
    return {
        "ratelimit-limit": str(most),
        "ratelimit-remaining": str(left),
        "ratelimit-reset": str(int(ends.timestamp())),
        "ratelimit-policy": f"{most};w=300",
    }


def seconds_left(most: int, left: int, ends: datetime, now: datetime) -> dict[str, str]:
    """As Reddit spells it."""
    return {
        "x-ratelimit-used": str(most - left),
        "x-ratelimit-remaining": f"{left:.1f}",
        "x-ratelimit-reset": str(int((ends - now).total_seconds())),
    }


@dataclass
class Percentages(Limit):
    """Meta's use of an hour, told as percentages and minutes; what is used falls off as the hour passes."""

    most: int = 4800
    _used: list[datetime] = field(default_factory=list)

    def take(self, now: datetime, path: str) -> bool:  # noqa: ARG002
        self._used = [at for at in self._used if at > now - timedelta(hours=1)]
        if len(self._used) >= self.most:
            return False
        self._used.append(now)
        return True

    def told(self, now: datetime) -> dict[str, str]:
        percent = 100 * len(self._used) // self.most
        wait = 0 if percent < 100 else int((self._used[0] + timedelta(hours=1) - now).total_seconds() // 60) + 1
        usage = {"type": "pages", "call_count": percent, "total_time": 1, "total_cputime": 1}
        return {
            "x-business-use-case-usage": orjson.dumps(
                {"1": [{**usage, "estimated_time_to_regain_access": wait}]}
            ).decode()
        }


@dataclass
class Daily(Limit):
    """So much a day of a place on earth, told nowhere: only our own account can keep to it.

    Attributes:
        most: by kind of call; `price` names the kind of a path.
        used: by local day and kind.
    """

    most: dict[str, int] = field(default_factory=dict)
    zone: str = "UTC"
    kind_of: Callable[[str], str] = lambda _: "calls"
    used: Counter[tuple[date, str]] = field(default_factory=Counter)

    def take(self, now: datetime, path: str) -> bool:
        kind = self.kind_of(path)
        if kind not in self.most:
            return True
        key = (now.astimezone(ZoneInfo(self.zone)).date(), kind)
        if self.used[key] >= self.most[kind]:
            return False
        self.used[key] += 1
        return True
