"""Cells as people fill them: figures with a comma, `4,5/5`, `8 van 10`, stars, ja and nee."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.items import Json

_NOTHING = {
    "",
    "-",
    "--",
    "\u2013",
    "n.v.t.",
    "nvt",
    "n/a",
    "na",
    "null",
    "none",
    "nan",
    "#n/a",
    "#n/b",
    "onbekend",
    "unknown",
}
_YES = {"1", "true", "yes", "y", "ja", "j", "x", "waar"}
_NO = {"0", "false", "no", "n", "nee", "onwaar"}
_FIGURE = r"[+-]?\d[\d.,\u00a0\u202f ]*"
_OUT_OF = re.compile(
    rf"^({_FIGURE})\s*(?:/|van(?:\s+de)?|out\s+of|of|uit|von|sur)\s*({_FIGURE})\s*(?:sterren|stars|punten|points)?$",
    re.IGNORECASE,
)
_STARS = re.compile(r"^([★⭐🌟✭✮]*)([☆✩]*)(?:\ufe0f)?$")
_STAR_WORD = re.compile(rf"^({_FIGURE})\s*(?:sterren|ster|stars?|★|⭐)$", re.IGNORECASE)
_PER_CENT = re.compile(rf"^({_FIGURE})\s*%$")


class CellError(ValueError):
    """One cell cannot be read; the text says what it holds and what was expected."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating with the scale it names; scale is None when the cell names none."""

    value: float
    scale: float | None


def text_of(cell: Json) -> str | None:
    """A cell as text, None when it is empty. Does not treat `-` or `n.v.t.` as empty: that is what was written."""
    if cell is None or isinstance(cell, dict):
        return None
    if isinstance(cell, list):
        return ", ".join(part for part in map(text_of, cell) if part) or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        cell = int(cell)
    return str(cell).strip() or None


def is_nothing(cell: Json) -> bool:
    """Tell whether a cell says "nothing here" in one of the usual ways."""
    text = text_of(cell)
    return text is None or text.lower() in _NOTHING


def figure_of(cell: Json, *, decimal_comma: bool) -> float | None:
    """Read a figure; None for an empty cell.

    A figure with both signs has its decimal sign last. With one kind only, `decimal_comma` decides, except that a
    single sign of the other kind can only be decimal when it does not part off three digits.

    Raises:
        CellError: it is no figure.
    """
    if is_nothing(cell):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = re.sub(r"[\s\u00a0\u202f]", "", text_of(cell) or "")
    if not re.fullmatch(r"[+-]?\d[\d.,]{0,40}", text):
        msg = f"{_shown(cell)} is no figure"
        raise CellError(msg)
    decimal, group = (",", ".") if decimal_comma else (".", ",")
    if decimal in text and group in text:
        if text.rindex(group) > text.rindex(decimal):
            decimal, group = group, decimal
    elif text.count(group) == 1 and decimal not in text and not re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
        decimal, group = group, decimal
    plain = text.replace(group, "").replace(decimal, ".")
    try:
        return float(plain)
    except ValueError:
        msg = f"{_shown(cell)} is no figure"
        raise CellError(msg) from None


def count_of(cell: Json, *, decimal_comma: bool) -> int | None:
    """Read a count of zero or more; None for an empty cell.

    Raises:
        CellError: it is no whole number.
    """
    figure = figure_of(cell, decimal_comma=decimal_comma)
    if figure is None:
        return None
    if figure < 0 or not figure.is_integer() or figure > 10**15:
        msg = f"{_shown(cell)} is no count"
        raise CellError(msg)
    return int(figure)


def rating_of(cell: Json, *, decimal_comma: bool) -> Rating | None:
    """Read a rating in any of the usual spellings; None for an empty cell.

    Raises:
        CellError: it is no rating.
    """
    if is_nothing(cell):
        return None
    text = text_of(cell) or ""
    stars = _STARS.match(text.replace("\ufe0f", "").replace(" ", ""))
    if stars is not None:
        full, empty = len(stars[1]), len(stars[2])
        return Rating(float(full), float(full + empty) if empty else 5.0)
    for shape, scale in ((_STAR_WORD, 5.0), (_PER_CENT, 100.0)):
        match = shape.match(text)
        if match is not None:
            return Rating(_figure(match[1], decimal_comma=decimal_comma), scale)
    match = _OUT_OF.match(text)
    if match is not None:
        value, scale = (_figure(part, decimal_comma=decimal_comma) for part in (match[1], match[2]))
        return Rating(value, scale)
    try:
        return Rating(_figure(cell, decimal_comma=decimal_comma), None)
    except CellError:
        msg = f"{_shown(cell)} is no rating; write 4, 4,5/5, 8 van 10 or ★★★★☆"
        raise CellError(msg) from None


def flag_of(cell: Json) -> bool | None:
    """Read yes or no; None for an empty cell.

    Raises:
        CellError: it is neither.
    """
    text = (text_of(cell) or "").lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if is_nothing(cell):
        return None
    msg = f"{_shown(cell)} is neither yes nor no"
    raise CellError(msg)


def _figure(cell: Json, *, decimal_comma: bool) -> float:
    figure = figure_of(cell, decimal_comma=decimal_comma)
    if figure is None:
        msg = f"{_shown(cell)} is no figure"
        raise CellError(msg)
    return figure


def _shown(cell: Json) -> str:
    text = text_of(cell) or ""
    return repr(text if len(text) <= 60 else text[:57] + "...")
