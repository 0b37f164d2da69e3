"""Parsed data as JSON that every database and file takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from connectors.items import Json

#: NUL and lone surrogates: no database and no UTF-8 file takes them.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object, depth: int = 0) -> Json:
    """Copy a parsed value as JSON that any database takes; unknown types become their text.

    Depth is cut at 12, deeper than any feed format goes.
    """
    if isinstance(value, Mapping):
        return {_clean(str(key)): storable(part, depth + 1) for key, part in value.items()} if depth < 12 else None
    if isinstance(value, list | tuple):
        return [storable(part, depth + 1) for part in value] if depth < 12 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else _clean(str(value))


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
