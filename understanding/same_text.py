"""Whether a post on a platform is the text we sent: platforms render, shorten links, and put names in front. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_QUOTE = re.compile(r"\[quote\b.*?\[/quote\]", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]+[^)\n]*\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_NAMES = re.compile(r"^(?:\s*@[\w.-]+(?:@[\w.-]+)?[\s,:]*)+")
_ENOUGH = 20
_ALIKE = 0.92
_COMPARED = 2_000


def same_text(sent: str, found: str) -> bool:
    """Whether `found` (plain text of a post) is `sent` (as the author wrote it).

    Names in front, markup, links, punctuation and white space do not count. Long texts may differ in a few letters
    (a platform that replaces an abbreviation or a smiley); short ones must be the same.
    """
    ours, theirs = _core(sent), _core(found)
    if not ours or not theirs:
        return "".join(_URL.sub("", sent).split()) == "".join(_URL.sub("", found).split())
    if ours == theirs:
        return True
    if min(len(ours), len(theirs)) < _ENOUGH:
        return False
    matcher = SequenceMatcher(None, ours[:_COMPARED], theirs[:_COMPARED], autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _core(text: str) -> str:
    """The letters and figures that count."""
    bare = _LINK.sub(r"\1", _QUOTE.sub(" ", text))
    bare = _NAMES.sub("", _URL.sub(" ", bare))
    return "".join(letter for letter in bare.casefold() if letter.isalnum())
