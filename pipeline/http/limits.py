"""When a host may be asked again, as the host itself tells us.

Every platform spells it differently; the functions here read each spelling into one instant, and `LimitBook`
remembers it. Spellings covered: `Retry-After` (seconds and HTTP-date, RFC 9110), `X-RateLimit-*` with ISO 8601
(Mastodon), epoch seconds (X, Bluesky) or seconds left (Reddit), `X-Rate-Limit-*`, the IETF drafts' `RateLimit-*`
and `RateLimit:` fields, and `Discourse-Rate-Limit-Error-Code`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
# A 429 that names no time: long enough to matter, short enough not to starve the source.
UNTOLD = timedelta(seconds=60)

_PREFIXES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-")
_EPOCH_FROM = 1_000_000_000  # seconds; smaller numbers are a time left (31 years would be no rate limit)
_MILLIS_FROM = 1_000_000_000_000
_DRAFT_FIELD = re.compile(r"(?:^|[;,\s])(?P<name>limit|remaining|reset|r|t|q)\s*=\s*(?P<value>[0-9.]+)", re.IGNORECASE)
_RETRYABLE_MOST = 10**9


def read_http_date(value: str) -> datetime | None:
    """Read an HTTP-date as an aware UTC instant; None when it is none."""
    try:
        instant = parsedate_to_datetime(value.strip())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def _number(value: str) -> float | None:
    """A finite number of at least zero; None for anything else."""
    try:
        number = float(value.strip())
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def clock_skew(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How far our clock is ahead of the host's, by its `Date` header; zero when under 30 s or over 2 h.

    A reset written as an instant means the host's clock, not ours.
    """
    date = read_http_date(headers.get("date", ""))
    if date is None:
        return timedelta()
    skew = now - date
    return skew if timedelta(seconds=30) < abs(skew) < timedelta(hours=2) else timedelta()


def _bounded(until: datetime, now: datetime) -> datetime:
    """Believe a host up to 24 hours ahead, and never in the past."""
    return min(max(until, now), now + LONGEST)


def read_retry_after(value: str, now: datetime, skew: timedelta = timedelta()) -> datetime | None:
    """Read `Retry-After` in both forms; None when it is neither. At most 24 h ahead, never in the past."""
    seconds = _number(value)
    if seconds is not None:
        return _bounded(now + timedelta(seconds=min(seconds, _RETRYABLE_MOST)), now)
    date = read_http_date(value)
    return None if date is None else _bounded(date + skew, now)


def read_reset(value: str, now: datetime, skew: timedelta = timedelta()) -> datetime | None:
    """Read a reset as ISO 8601, epoch seconds or milliseconds, HTTP-date, or seconds from now; None otherwise."""
    text = value.split(",", maxsplit=1)[0].strip() if "," in value and "GMT" not in value else value.strip()
    number = _number(text)
    if number is not None:
        if number < _EPOCH_FROM:
            return _bounded(now + timedelta(seconds=number), now)
        seconds = number / 1000 if number >= _MILLIS_FROM else number
        try:
            return _bounded(datetime.fromtimestamp(seconds, UTC) + skew, now)
        except (OverflowError, OSError, ValueError):
            return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        date = read_http_date(value)
        return None if date is None else _bounded(date + skew, now)
    try:
        aware = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
        return _bounded(aware + skew, now)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a host says is left: calls in this window, and when the window ends (aware UTC)."""

    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None


def _count(value: str | None) -> int | None:
    """A count at the head of a header value (`598.0`, `100, 100;w=60`); None when there is none."""
    number = _number(value.split(",")[0].split(";")[0]) if value else None
    return None if number is None else int(min(number, _RETRYABLE_MOST))


def read_budget(headers: Mapping[str, str], now: datetime) -> Budget:
    """Read what is left of a rate limit from any known spelling; header names in lower case."""
    skew = clock_skew(headers, now)
    for prefix in _PREFIXES:
        remaining = _count(headers.get(prefix + "remaining"))
        reset = headers.get(prefix + "reset")
        if remaining is not None or reset is not None:
            return Budget(
                _count(headers.get(prefix + "limit")), remaining, read_reset(reset, now, skew) if reset else None
            )
    # draft-ietf-httpapi-ratelimit-headers: `limit=100, remaining=50, reset=5`, later `"default";r=50;t=30`.
    # With several policies in one field the tightest counts.
    tightest = Budget()
    for member in _members(headers.get("ratelimit", "")):
        left, wait = member.get("remaining", member.get("r")), member.get("reset", member.get("t"))
        if left is not None and (tightest.remaining is None or left < tightest.remaining):
            until = None if wait is None else read_reset(str(wait), now)
            limit = member.get("limit", member.get("q"))
            tightest = Budget(None if limit is None else int(limit), int(left), until)
    return tightest


def _members(field: str) -> list[dict[str, float]]:
    """The name=number pairs of a draft `RateLimit` field, one mapping for each policy."""
    policies = field.split(",") if '"' in field else [field]
    found = []
    for policy in policies:
        pairs = {match["name"].lower(): _number(match["value"]) for match in _DRAFT_FIELD.finditer(policy)}
        found.append({name: value for name, value in pairs.items() if value is not None and value < _RETRYABLE_MOST})
    return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose limit a call counts against.

    Attributes:
        host: `host:port`.
        credential: fingerprint of the credentials sent, "" without; never the credentials.
        writes: writing calls have limits of their own on every platform that has both.
    """

    host: str
    credential: str = ""
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """An answer's wish that we wait: until when (aware UTC), and for whom besides this caller."""

    until: datetime
    all_credentials: bool = False
    all_methods: bool = False


def read_pause(status: int, headers: Mapping[str, str], now: datetime) -> Pause | None:
    """Read from an answer how long not to ask again; None when it asks for nothing.

    A 429 without a time pauses a minute. Discourse's error code says that the limit is not of one action:
    `ip_*` and `admin_api*` hold for everyone here, `user_api*` for one key (forum source code).
    """
    skew = clock_skew(headers, now)
    told = read_retry_after(headers["retry-after"], now, skew) if "retry-after" in headers else None
    budget = read_budget(headers, now)
    if status in {429, 420}:
        code = headers.get("discourse-rate-limit-error-code", "").lower()
        until = told or (budget.reset if budget.remaining in {0, None} else None) or now + UNTOLD
        return Pause(until, all_credentials=bool(code) and not code.startswith("user_api"), all_methods=bool(code))
    if status == 503 and told is not None:
        return Pause(told, all_credentials=True, all_methods=True)
    if budget.remaining == 0 and budget.reset is not None and budget.reset > now:
        return Pause(budget.reset)
    return None


class LimitBook:
    """Remembers until when each caller has to wait. Does not sleep and does not read the clock."""

    _MOST = 20_000

    def __init__(self) -> None:
        self._pauses: dict[tuple[str, str | None, bool | None], datetime] = {}
        self._budgets: dict[Caller, Budget] = {}

    def wait_until(self, caller: Caller, now: datetime) -> datetime | None:
        """The instant before which this caller must not ask; None when it may ask now."""
        scopes = (
            (caller.host, None, None),
            (caller.host, None, caller.writes),
            (caller.host, caller.credential, None),
            (caller.host, caller.credential, caller.writes),
        )
        waits = [until for scope in scopes if (until := self._pauses.get(scope)) is not None and until > now]
        budget = self._budgets.get(caller)
        if budget is not None and budget.remaining == 0 and budget.reset is not None and budget.reset > now:
            waits.append(budget.reset)
        return max(waits, default=None)

    def spend(self, caller: Caller) -> None:
        """Count a call that is being sent, so that calls under way together do not overdraw what is left."""
        budget = self._budgets.get(caller)
        if budget is not None and budget.remaining:
            self._budgets[caller] = Budget(budget.limit, budget.remaining - 1, budget.reset)

    def note(self, caller: Caller, status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
        """Take in an answer; returns until when the host asked us to wait, if it did."""
        self._tidy(now)
        budget = read_budget(headers, now)
        if budget.remaining is not None and budget.reset is not None:
            self._budgets[caller] = budget
        pause = read_pause(status, headers, now)
        if pause is None:
            return None
        credential = None if pause.all_credentials else caller.credential
        scope = (caller.host, credential, None if pause.all_methods else caller.writes)
        self._pauses[scope] = max(pause.until, self._pauses.get(scope, pause.until))
        return pause.until

    def _tidy(self, now: datetime) -> None:
        """Forget what has passed once there is much of it."""
        if len(self._pauses) + len(self._budgets) > self._MOST:
            self._pauses = {scope: until for scope, until in self._pauses.items() if until > now}
            self._budgets = {who: left for who, left in self._budgets.items() if left.reset and left.reset > now}
