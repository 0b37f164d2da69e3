"""The one pre-clean that every reader of a text feeds on: links, names, tags and emoji set apart from the prose."""

from __future__ import annotations

import re
from dataclasses import dataclass

from understanding.clean import printable
from understanding.links import links, without_links
from understanding.weighted import EMOJI

_NAME = re.compile(r"(?<![\w@#./])@(\w[\w.-]*(?:@[\w.-]+)?)")
_TAG = re.compile(r"(?<![\w@#&/])#(\w+)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text taken apart. Made by `prepare`.

    Attributes:
        text: the whole, printable and in NFC; places that readers give are code points of this one.
        prose: what is left without the others, on one line with single spaces; case and punctuation stand.
        links: http(s) addresses in order.
        names: mentioned accounts in order, without `@`.
        tags: hashtags in order, without `#`.
        emoji: each emoji in order, a joined sequence as one.
    """

    text: str
    prose: str
    links: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    emoji: tuple[str, ...] = ()


def prepare(text: str) -> Prepared:
    """Take a plain text apart; linear in its length, whatever it holds."""
    text = printable(text)
    rest = text
    found: tuple[str, ...] = ()
    if "://" in rest:
        found, rest = tuple(links(rest)), without_links(rest)
    names: tuple[str, ...] = ()
    if "@" in rest:
        names, rest = tuple(_NAME.findall(rest)), without_names(rest)
    tags: tuple[str, ...] = ()
    if "#" in rest:
        tags, rest = tuple(_TAG.findall(rest)), _TAG.sub(" ", rest)
    emoji: tuple[str, ...] = ()
    if not rest.isascii():
        emoji = tuple(EMOJI.findall(rest))
        rest = EMOJI.sub(" ", rest) if emoji else rest
    return Prepared(text, " ".join(rest.split()), found, names, tags, emoji)


def without_names(text: str) -> str:
    """The text with every `@name` replaced by a space, for steps that read words only."""
    return _NAME.sub(" ", text)
