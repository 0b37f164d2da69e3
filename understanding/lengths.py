"""How long a text is in the units platforms count in."""

from __future__ import annotations

from typing import Literal

import regex

from understanding.links import links
from understanding.weighted import EMOJI, weighted

Unit = Literal["code_points", "graphemes", "utf16", "bytes", "weighted", "emoji_bytes"]

_GRAPHEME = regex.compile(r"\X")


def length(text: str, unit: Unit, *, link_length: int | None = None) -> int:
    """Length of a text.

    Args:
        text: what is to be sent.
        unit: code points (Mastodon, Discourse), graphemes (Bluesky), UTF-16 units (Telegram), UTF-8 bytes, X's
            weights, or code points with emoji as their UTF-8 bytes (Threads).
        link_length: what every http(s) link counts for, in that unit (Mastodon: 23); None counts it as it is. X's
            weights count links by themselves.
    """
    if unit == "weighted":
        return weighted(text)
    if link_length is None:
        return _measure(text, unit)
    found = links(text)
    return _measure(text, unit) - sum(_measure(url, unit) for url in found) + link_length * len(found)


def _measure(text: str, unit: Unit) -> int:
    if unit == "code_points":
        return len(text)
    if unit == "graphemes":
        return len(_GRAPHEME.findall(text))
    if unit == "emoji_bytes":
        rest = EMOJI.sub("", text)
        return len(rest) + sum(len(found.encode()) for found in EMOJI.findall(text))
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))
