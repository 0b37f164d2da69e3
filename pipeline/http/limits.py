"""When a host may be asked again, as the host itself tells us.

Every platform spells it differently; the functions here read each spelling into one instant, and `LimitBook`
remembers it. Spellings covered: `Retry-After` (seconds and HTTP-date, RFC 9110), `X-RateLimit-*` with ISO 8601
(Mastodon), epoch seconds (X, Bluesky) or seconds left (Reddit), `X-Rate-Limit-*`, X's limits per 24 hours, the IETF
drafts' `RateLimit-*` and `RateLimit:` fields, `Discourse-Rate-Limit-Error-Code`, and Meta's percentages
(`X-App-Usage`, `X-Business-Use-Case-Usage`). LinkedIn, TikTok, YouTube and Telegram announce nothing in headers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

LONGEST = timedelta(hours=24)
# A 429 that names no time: long enough to matter, short enough not to starve the source.
UNTOLD = timedelta(seconds=60)

_PREFIXES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-", "x-app-limit-24hour-", "x-user-limit-24hour-")
_USAGES = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")
_PERCENTAGES = ("call_count", "total_time", "total_cputime")
# Meta's windows slide over an hour; a used-up one that names no time has surely passed then.
USED_UP = timedelta(hours=1)
# Hosts write a reset in whole seconds: the fraction they cut off is waited out.
MARGIN = timedelta(seconds=1)
_SAME_RESET = timedelta(seconds=5)
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
    """How far our clock is ahead of the host's, by its `Date` header; zero when under 2 s or over 2 h.

    A reset written as an instant means the host's clock, not ours.
    """
    date = read_http_date(headers.get("date", ""))
    if date is None:
        return timedelta()
    skew = now - date
    return skew if timedelta(seconds=2) < abs(skew) < timedelta(hours=2) else timedelta()


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
    found = []
    for prefix in _PREFIXES:
        remaining = _count(headers.get(prefix + "remaining"))
        reset = headers.get(prefix + "reset")
        if remaining is not None or reset is not None:
            until = read_reset(reset, now, skew) if reset else None
            found.append(Budget(_count(headers.get(prefix + "limit")), remaining, until))
    if found:
        return min(found, key=_tightness)
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


def _tightness(budget: Budget) -> tuple[float, float]:
    """The least that is left comes first, and of what is used up the one that lasts longest."""
    until = 0.0 if budget.reset is None else budget.reset.timestamp()
    return (math.inf if budget.remaining is None else budget.remaining, -until)


def read_usage(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when Meta's percentages ask us to wait: one has reached 100, or a time to regain access is named (minutes).

    Limits of advertising, which is not called here, do not count. At most 24 h ahead; None when there is room.
    """
    waits = [
        wait for name in _USAGES for usage in _usages(headers.get(name, "")) if (wait := _usage_wait(usage)) is not None
    ]
    return _bounded(now + max(waits), now) if waits else None


def _usages(value: str) -> list[Mapping[str, Any]]:
    """The usages of one header: one for the app, or lists of them by business."""
    try:
        told = orjson.loads(value) if value else {}
    except orjson.JSONDecodeError:
        return []
    if not isinstance(told, dict):
        return []
    lists = [usage for usages in told.values() if isinstance(usages, list) for usage in usages]
    return [
        each for each in (told, *lists) if isinstance(each, dict) and not str(each.get("type", "")).startswith("ads")
    ]


def _usage_wait(usage: Mapping[str, Any]) -> timedelta | None:
    minutes = _number(str(usage.get("estimated_time_to_regain_access", "")))
    if minutes:
        return timedelta(minutes=min(minutes, LONGEST / timedelta(minutes=1)))
    used = [_number(str(usage.get(name, ""))) for name in _PERCENTAGES]
    return USED_UP if any(percent is not None and percent >= 100 for percent in used) else None


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
        endpoint: the path without its ids; some platforms count each by itself.
    """

    host: str
    credential: str = ""
    writes: bool = False
    endpoint: str = ""

    @property
    def anywhere(self) -> Caller:
        """The same caller, whatever is called."""
        return replace(self, endpoint="")


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
    usage = read_usage(headers, now)
    if usage is not None:
        return Pause(usage, all_methods=True)
    if budget.remaining == 0 and budget.reset is not None and budget.reset > now:
        return Pause(budget.reset)
    return None


class LimitBook:
    """Remembers until when each caller has to wait. Does not sleep and does not read the clock.

    What is left is remembered by endpoint, because some platforms (X) count each by itself, and others (Mastodon,
    Bluesky) all together: counts of one caller with the same limit and the same end are one count.
    """

    _MOST = 20_000

    def __init__(self) -> None:
        self._pauses: dict[tuple[str, str | None, bool | None], datetime] = {}
        self._budgets: dict[Caller, dict[str, Budget]] = {}
        self._latest: dict[Caller, str] = {}
        self._under_way: dict[Caller, int] = {}

    def wait_until(self, caller: Caller, now: datetime) -> datetime | None:
        """The instant before which this caller must not ask; None when it may ask now."""
        scopes = (
            (caller.host, None, None),
            (caller.host, None, caller.writes),
            (caller.host, caller.credential, None),
            (caller.host, caller.credential, caller.writes),
        )
        waits = [until for scope in scopes if (until := self._pauses.get(scope)) is not None and until > now]
        budget = self._budget(caller, now)
        if budget is not None and budget.remaining == 0 and budget.reset is not None:
            waits.append(budget.reset)
        return max(waits, default=None)

    def spend(self, caller: Caller, now: datetime) -> None:
        """Count a call that is being sent, so that calls under way together do not overdraw what is left.

        Ends with `done`.
        """
        self._under_way[caller.anywhere] = self._under_way.get(caller.anywhere, 0) + 1
        budget = self._budget(caller, now)
        if budget is not None and budget.remaining:
            self._set(caller, budget, budget.remaining - 1)

    def done(self, caller: Caller) -> None:
        """A call has been answered, or has failed."""
        left = self._under_way.pop(caller.anywhere, 1) - 1
        if left > 0:
            self._under_way[caller.anywhere] = left

    def note(self, caller: Caller, status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
        """Take in an answer; returns until when the host asked us to wait, if it did."""
        self._tidy(now)
        self._take_in(caller, read_budget(headers, now), now)
        pause = read_pause(status, headers, now)
        if pause is None:
            return None
        until = pause.until + MARGIN if "retry-after" not in headers else pause.until
        credential = None if pause.all_credentials else caller.credential
        scope = (caller.host, credential, None if pause.all_methods else caller.writes)
        self._pauses[scope] = max(until, self._pauses.get(scope, until))
        return until

    def _take_in(self, caller: Caller, told: Budget, now: datetime) -> None:
        if told.remaining is None or told.reset is None:
            return
        who = caller.anywhere
        budget = replace(told, reset=told.reset + MARGIN)
        standing = {end: left for end, left in self._budgets.get(who, {}).items() if left.reset and left.reset > now}
        others = max(0, self._under_way.get(who, 0) - 1)  # they may not be counted in this answer yet
        # answers overtake each other: within one window what is left only becomes less
        known = [left.remaining for left in standing.values() if left.remaining is not None and _is_one(left, budget)]
        self._budgets[who] = standing | {caller.endpoint: budget}
        self._latest[who] = caller.endpoint
        self._set(caller, budget, min([max(0, told.remaining - others), *known]))

    def _budget(self, caller: Caller, now: datetime) -> Budget | None:
        """What is left for a call: of its endpoint, or, while nothing is known of that now, of the one called last."""
        known = self._budgets.get(caller.anywhere, {})
        for endpoint in (caller.endpoint, self._latest.get(caller.anywhere, "")):
            budget = known.get(endpoint)
            if budget is not None and budget.reset is not None and budget.reset > now:
                return budget
        return None

    def _set(self, caller: Caller, budget: Budget, remaining: int) -> None:
        """Set what is left of a count, at all endpoints that it is the count of."""
        known = self._budgets[caller.anywhere]
        for endpoint, left in known.items():
            if _is_one(left, budget):
                known[endpoint] = replace(left, remaining=remaining)

    def _tidy(self, now: datetime) -> None:
        """Forget what has passed once there is much of it."""
        if len(self._pauses) + len(self._budgets) > self._MOST:
            self._pauses = {scope: until for scope, until in self._pauses.items() if until > now}
            self._budgets = {
                who: known
                for who, known in self._budgets.items()
                if any(left.reset is not None and left.reset > now for left in known.values())
            }
            self._latest = {who: endpoint for who, endpoint in self._latest.items() if who in self._budgets}


def _is_one(one: Budget, other: Budget) -> bool:
    """Whether two counts are one: the same limit, ending at the same time."""
    if one.reset is None or other.reset is None:
        return False
    return one.limit == other.limit and abs(one.reset - other.reset) <= _SAME_RESET
