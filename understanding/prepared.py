"""The one pre-clean that every reader of a text feeds on: links, names, tags and emoji set apart from the prose."""

from __future__ import annotations

import re
from dataclasses import dataclass

from understanding.clean import printable
from understanding.links import links, without_links
from understanding.weighted import EMOJI

_NAME = re.compile(r"(?<![\w@#./])@(\w[\w.-]*(?:@[\w.-]+)?)")
_TAG = re.compile(r"(?<![\w@#&/])#(\w+)")
_BEYOND_LETTERS = re.compile("[\u203c-\U0010ffff]")
"""One of these is in every emoji: most texts with accents or curly quotes need not be searched for any."""


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
    emoji: list[str] = []
    if not rest.isascii() and _BEYOND_LETTERS.search(rest):
        emoji, rest = _apart(rest)
    return Prepared(text, " ".join(rest.split()), found, names, tags, tuple(emoji))


def _apart(text: str) -> tuple[list[str], str]:
    """The emoji of a text, and the text with each of them replaced by a space."""
    emoji, between, end = [], [], 0
    for match in EMOJI.finditer(text):
        emoji.append(match[0])
        between.append(text[end : match.start()])
        end = match.end()
    between.append(text[end:])
    return emoji, " ".join(between)


def without_names(text: str) -> str:
    """The text with every `@name` replaced by a space, for steps that read words only."""
    return _NAME.sub(" ", text)
