"""What people read about a source: one plain sentence for its worst trouble, or for what is not read yet. Pure.

Each sentence is a code with parameters, so that the screens can translate it, and an English rendering, which
is what the store keeps and the command line prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.troubles import Consequence
from store.coverage import OpenGap

SEVERITY = ("ok", "waiting", "trouble", "refused", "gone", "login")
"""From harmless to urgent: the worst query speaks for its source."""

TEMPLATES: Mapping[str, str] = {
    "ok": "",
    "RateLimited": "{platform} asks us to wait until {until}",
    "BudgetExhausted": "the {platform} quota is used up ({text}); next at {until}",
    "Transient": "server trouble since {since}, retrying at {until}: {text}",
    "AuthDead": "log in again: {text}",
    "Forbidden": "{platform} does not allow this: {text}",
    "Gone": "it is gone: {text}; not asked any more",
    "GoneUnconfirmed": "it seems gone: {text}; asking again at {until} to be sure",
    "BadRequest": "our query is refused: {text}",
    "FormatChanged": "answers no longer look as expected ({set_aside} set aside): {text}",
    "TimedOut": "a run took longer than {seconds} s without a result and was cut off; trying again at {until}",
    "Internal": "a fault in Klankbord itself: {text}; trying again at {until}",
    "gap_budget": "{hours} not read yet because of the page limit; reading goes on at the next run",
    "gap_quota": "{hours} not read yet because it was not bought; reading goes on at the next run",
    "forecast": "at this rate the budget of {limit} a {period} is used up at {until}",
    "gap_lost": "{hours} can no longer be read from the platform ({text})",
    "gap_error": "{hours} not read yet after an interruption; reading goes on at the next run",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement of source health.

    Attributes:
        state: ok, waiting, trouble, login, refused, gone or off.
        code: key of `TEMPLATES`.
        params: what fills the template, already in words; instants as local `HH:MM` or date and time.
        label: the query it is about; "" when the source has only one.
    """

    state: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    @property
    def error_class(self) -> str:
        """Name of the error this is about, as kept with the source."""
        return self.code.removesuffix("Unconfirmed")

    @property
    def text(self) -> str:
        """The English sentence."""
        sentence = TEMPLATES[self.code].format_map(self.params)
        return f"{self.label}: {sentence}" if self.label and sentence else sentence


OK = Sentence(state="ok", code="ok")
_TOLD = ("error", "quota", "budget")
"""Reasons of gaps that are still to be read, the most telling first."""


def of_trouble(
    trouble: Consequence,
    *,
    platform: str,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
    label: str = "",
    set_aside: int = 0,
) -> Sentence:
    """The sentence for one query's trouble.

    Args:
        trouble: what followed from the error.
        platform: the platform's name, for people.
        since: aware UTC instant of the first failure in a row.
        now: aware UTC; decides whether an instant needs its date.
        zone: of the reader.
        label: of the query, when the source has several.
        set_aside: items and answers in quarantine.
    """
    code = trouble.error_class if trouble.error_class in TEMPLATES else "Transient"
    if code == "Gone" and not trouble.disabled:
        code = "GoneUnconfirmed"
    params = {
        "platform": platform,
        "text": trouble.text.rstrip("."),
        "until": local_time(trouble.not_before, now, zone),
        "since": local_time(since, now, zone),
        "set_aside": f"{set_aside} {'answer' if set_aside == 1 else 'answers'}",
        "seconds": "",
    }
    return Sentence(state=trouble.health, code=code, params=params, label=label)


def of_timeout(seconds: float, *, until: datetime, now: datetime, zone: ZoneInfo) -> Sentence:
    """The sentence for a source whose run hung."""
    params = {"seconds": f"{seconds:.0f}", "until": local_time(until, now, zone)}
    return Sentence(state="trouble", code="TimedOut", params=params)


def of_fault(text: str, *, until: datetime, now: datetime, zone: ZoneInfo) -> Sentence:
    """The sentence for a fault of our own, such as a full disk."""
    return Sentence(
        state="trouble", code="Internal", params={"text": text.rstrip("."), "until": local_time(until, now, zone)}
    )


def of_gaps(gaps: Sequence[OpenGap], *, since: datetime) -> Sentence:
    """The sentence for a query that answers but has not everything; `OK` without gaps.

    Args:
        gaps: what is open. What was lost is said before what is still to come, and once.
        since: start of the run; what was lost earlier stands in the ledger only.
    """
    lost = [gap for gap in gaps if gap.reason == "lost" and gap.found_at is not None and gap.found_at >= since]
    told = lost or next((found for reason in _TOLD if (found := [gap for gap in gaps if gap.reason == reason])), [])
    if not told:
        return OK
    missing = sum((gap.span.end - gap.span.start for gap in told), timedelta())
    params = {"hours": in_words(missing), "text": told[0].text.rstrip(".") or "too long ago"}
    return Sentence(state="ok", code=f"gap_{told[0].reason}", params=params)


def of_forecast(limit: str, period: str, at: datetime, *, now: datetime, zone: ZoneInfo) -> Sentence:
    """The sentence for a query that has everything, of a source whose budget will not last.

    Args:
        limit: the budget, such as `50 USD`.
        period: day or month.
        at: aware UTC; when it will be used up.
        now: aware UTC.
        zone: of the reader.
    """
    params = {"limit": limit, "period": period, "until": local_time(at, now, zone)}
    return Sentence(state="ok", code="forecast", params=params)


def worst(sentences: Sequence[Sentence]) -> Sentence:
    """The sentence that speaks for the source; `OK` without any."""
    return max(sentences, key=lambda sentence: (SEVERITY.index(sentence.state), sentence.text != ""), default=OK)


def local_time(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`14:05`, or `2026-11-23 14:05` when it is on another day than now."""
    local = instant.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def in_words(span: timedelta) -> str:
    """`40 s`, `12 min`, `5 h`, `3 d`: one figure is enough to judge by."""
    seconds = max(0, round(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{round(seconds / size)} {unit}"
    return f"{seconds} s"
