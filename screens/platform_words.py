"""What connectors and the worker wrote into the store about platforms, in the reader's language.

They write English, because whoever connects or runs a source reads it in logs and commands too. A catalog of its own
(`locale/platforms/<language>.po`) knows these sentences again: word for word, or as a template whose `{holes}` may hold
anything, such as a name or what the platform said itself. What it does not know stays English. A hole is kept as it
is, unless it holds a sentence that the catalog knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from babel.messages.pofile import read_po

from screens.i18n import LOCALE_DIR, current

_HOLE = re.compile(r"\{(\w+)\}")
# Longer ones were put together from what a platform sent; they are not worth the work of every pattern.
_LONGEST = 600
_DEEPEST = 3
# These may hold a whole sentence; the others are names and numbers, which no colon follows.
_FREE = frozenset({"text", "words", "problem", "why"})


@dataclass(frozen=True, slots=True)
class Known:
    """A sentence of the catalog: how it is known again, and its translation."""

    text: str
    pattern: re.Pattern[str]
    translation: str


def said(sentence: str) -> str:
    """A sentence about a platform in the reader's language; the sentence itself where that is not known."""
    return _said(sentence, current().code, _DEEPEST)


@cache
def known(code: str) -> tuple[Known, ...]:
    """What the catalog of a language knows, the most telling first; empty for English."""
    path = LOCALE_DIR / "platforms" / f"{code}.po"
    if not path.exists():
        return ()
    with path.open("rb") as file:
        found = [(str(one.id), str(one.string)) for one in read_po(file, locale=code) if one.id and one.string]
    found.sort(key=lambda pair: -len(_HOLE.sub("", pair[0])))
    return tuple(Known(text, _pattern(text), translation) for text, translation in found)


def _pattern(text: str) -> re.Pattern[str]:
    parts = _HOLE.split(text)
    return re.compile(
        "".join(_hole(part) if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL
    )


def _hole(name: str) -> str:
    return f"(?P<{name}>.*?)" if name in _FREE else f"(?P<{name}>(?:(?!: ).)*?)"


@lru_cache(maxsize=2_000)
def _said(sentence: str, code: str, depth: int) -> str:
    bare = sentence.removesuffix(".")
    if not bare or len(sentence) > _LONGEST or depth == 0:
        return sentence
    for one in known(code):
        match = one.pattern.fullmatch(sentence) or one.pattern.fullmatch(bare)
        if match is not None:
            held = {name: _said(value, code, depth - 1) for name, value in match.groupdict().items()}
            told = one.translation.format(**held)
            return told if match.end() == len(sentence) else f"{told}."
    return sentence
