"""Cells of CSV files that spreadsheets open: never run as a formula, and read back as they were."""

from __future__ import annotations

import re

# A cell that starts so is run as a formula by spreadsheets (OWASP, CSV injection); full-width forms too in some.
_FORMULA = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_RISKY = re.compile(f"'*[{_FORMULA}]")
# What a spreadsheet reads as a number, a date, a time or a truth and shows as another text: `007`, `1-2-2026`, `1,5`,
# `3E5`, `12:30`, `mei 2026`, `waar`. Whole numbers that it shows as they are stay as they are.
_MONTHS = "jan|feb|mrt|maart|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
_CONVERTED = re.compile(
    r"'*(?!0\Z|[1-9][0-9]{0,14}\Z)"
    r"(?:[ .,:/()%€$£e+-]*[0-9][0-9 .,:/()%€$£e+-]*(?:[ap]m?)?"
    rf"|(?=[^0-9]{{0,20}}[0-9])[0-9 .,/-]{{0,20}}(?:{_MONTHS})[a-z]{{0,9}}[0-9 .,/-]{{0,20}}"
    r"|true|false|waar|onwaar)",
    re.ASCII | re.IGNORECASE,
)
SUSPECTS = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
DIGITS = frozenset("0123456789")
"""First characters of what may have to be guarded, for whoever has millions of cells."""
LONGEST_NAMED = 60
"""Characters of the longest cell that begins otherwise and may have to be."""


def guarded(value: str, *, digits: bool = False) -> str:
    """A cell with an apostrophe before what would be run.

    What looks like a cell that was guarded gets another one, so that `unguarded` gives back every text.

    Args:
        value: any text.
        digits: also before what would be taken for a number, a date, a time or a truth, and shown as another text.
    """
    if value[:1] in SUSPECTS and _RISKY.match(value):
        return f"'{value}"
    return f"'{value}" if digits and _CONVERTED.fullmatch(value) else value


def unguarded(cell: str, *, digits: bool = False) -> str:
    """What `guarded` was given."""
    if cell.startswith("'") and (_RISKY.match(cell, 1) or (digits and _CONVERTED.fullmatch(cell, 1))):
        return cell[1:]
    return cell
