"""The guard before an answer goes out: what stops it, and what somebody has to confirm. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from inbox.writing.fill import VARIABLES, variables_in
from inbox.writing.views import Finding, Findings, Severity
from understanding.lengths import Unit, length
from understanding.pii import find_pii, number_form

LONGEST_TEXT = 100_000
_UNITS = frozenset({"code_points", "graphemes", "utf16", "bytes", "weighted", "emoji_bytes"})
_PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform allows: `max_length` in `unit`, and what a link counts for (None: as it is)."""

    max_length: int | None = None
    unit: str = "code_points"
    link_length: int | None = None


@cache
def forms_of(order_numbers: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """How the company's own numbers look, ready to be looked for."""
    return tuple(map(number_form, order_numbers))


def inspect(
    text: str,
    *,
    visibility: str | None,
    limits: Limits,
    last_answer: str | None,
    forms: Sequence[re.Pattern[str]] = (),
) -> Findings:
    """Look at an answer before it goes out.

    Args:
        text: what would be sent, initials and all.
        visibility: where it would stand; everything but `private` can be read by others.
        limits: of the platform.
        last_answer: what this customer was answered last, to notice the same words twice.
        forms: how the company's own order numbers look (`forms_of`).
    """
    unit = cast("Unit", limits.unit if limits.unit in _UNITS else "code_points")
    measured = length(text, unit, link_length=limits.link_length)
    found: list[Finding] = []
    if not text.strip():
        found.append(Finding("empty", Severity.STOP))
    most = LONGEST_TEXT if limits.max_length is None else limits.max_length
    if measured > most:
        params = {"n": measured, "most": most, "unit": unit}
        found.append(Finding("too_long", Severity.STOP, params=params))
    for name, start, end in variables_in(text):
        known = name in VARIABLES
        code, severity = ("gap", Severity.STOP) if known else ("unknown_variable", Severity.CONFIRM)
        found.append(Finding(code, severity, start, end, {"name": name}))
    if last_answer is not None and _same(text, last_answer):
        found.append(Finding("same_text", Severity.CONFIRM))
    if visibility != _PRIVATE:
        found.extend(
            Finding(one.kind.value, Severity.CONFIRM, one.start, one.end) for one in find_pii(text, forms=forms)
        )
    return Findings(tuple(found), measured, limits.max_length, unit)


def _same(text: str, other: str) -> bool:
    bare = " ".join(text.split()).casefold()
    return bool(bare) and bare == " ".join(other.split()).casefold()
