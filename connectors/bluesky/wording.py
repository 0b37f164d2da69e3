"""The words of an answer as they go out, held to what the network takes. Pure."""

from __future__ import annotations

import regex

from connectors.contract import Action
from connectors.errors import BadRequest

_GRAPHEME = regex.compile(r"\X")


def words_of(action: Action, *, graphemes: int, most_bytes: int) -> str:
    """The answer as it is sent.

    Args:
        action: the wish.
        graphemes: most characters as people count them.
        most_bytes: most bytes of UTF-8.

    Raises:
        BadRequest: it is empty or too long.
    """
    text = (action.text or "").strip().encode("utf-8", "replace").decode()
    if not text:
        msg = "the reply is empty"
        raise BadRequest(msg)
    length, size = len(_GRAPHEME.findall(text)), len(text.encode())
    if length > graphemes or size > most_bytes:
        msg = f"the reply counts {length} characters and {size} bytes; Bluesky takes {graphemes} and {most_bytes}"
        raise BadRequest(msg)
    return text
