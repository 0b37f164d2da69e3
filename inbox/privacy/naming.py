"""Whether words name somebody, and how others are kept out of words that do. Pure.

Erasing looks for a name anywhere in a text, and so takes too much rather than too little. Telling may not: `anna` is
not `annabel`, and what is told of the one may not be the other's. So here only whole names count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from store.forgetting import SHORTEST_NEEDLE, Subject

VEIL = "[…]"
"""Stands in a told text for a colleague or another customer."""
_OF_OTHERS = re.compile(r"^to$|comment|mention|parent|quot|reblog|recipient|repl|retweet|root|tagged|target|thread")
"""Parts of a platform's answer in which others speak or are addressed."""
_HANDLE = re.compile(r"(?<![\w@/])@\w[\w.-]*\w(?:@\w[\w.-]*\w)?")
_WORD = re.compile(r"\w[\w.@/:-]*\w|\w")


class Naming:
    """The names of somebody.

    Args:
        subject: who, over all accounts.
    """

    def __init__(self, subject: Subject) -> None:
        told = [(one.handle, one.url, one.key[1]) for one in subject.accounts]
        self.sure = _needles(word for words in told for word in words)
        """Handles, profile addresses and ids: nobody else has them."""
        self.all = tuple(dict.fromkeys((*self.sure, *_needles(one.name for one in subject.accounts))))
        """With names as they are shown, which others may bear too."""

    @cached_property
    def _sure(self) -> re.Pattern[str] | None:
        return _pattern(self.sure)

    @cached_property
    def _all(self) -> re.Pattern[str] | None:
        return _pattern(self.all)

    def names(self, value: Any) -> bool:
        """Whether a value, however deep, names somebody so: for words about conversations they are in."""
        return _found(self._all, value)

    def surely(self, value: Any) -> bool:
        """Whether a value, however deep, names them and nobody else: for all other words."""
        return _found(self._sure, value)

    def strings(self, value: Any) -> tuple[str, ...]:
        """The texts in a value that name them for sure, however deep; keys of objects too."""
        return tuple(one for one in leaves(value) if _found(self._sure, one))

    def owns(self, document: Any) -> bool:
        """Whether something of a platform is theirs: a value in it is their id, handle or profile, as a whole.

        Who is only spoken to or of does not own it.
        """
        if isinstance(document, Mapping):
            return any(self.owns(each) for key, each in document.items() if not _OF_OTHERS.search(str(key).lower()))
        if isinstance(document, list):
            return any(self.owns(each) for each in document)
        return any(self._is(one) for one in leaves(document))

    def part_of(self, document: Any) -> Any:
        """What in a platform's answer is theirs; None when that cannot be told from the rest.

        Objects and lists stay as far as they are theirs, with the plain values that stand beside; so a page with what
        several people wrote is cut down to what is theirs. What answers, quotes or mentions stays out whole.
        """
        if isinstance(document, Mapping):
            return {
                key: self.part_of(value) if isinstance(value, Mapping | list) else value
                for key, value in document.items()
                if not isinstance(value, Mapping | list)
                or (self.owns(value) and not _OF_OTHERS.search(str(key).lower()))
            }
        if isinstance(document, list):
            return [one if isinstance(one, str) else self.part_of(one) for one in document if self.owns(one)]
        return None

    def _is(self, leaf: str) -> bool:
        said = leaf.strip().lower().removeprefix("@")
        return any(said == one.removeprefix("@") or said.startswith(f"{one.rstrip('/')}/") for one in self.sure)


class Veil:
    """Keeps others out of what is told to somebody.

    Args:
        naming: of whom it is told; what is part of their own names stays.
        others: names of colleagues and other customers. Of names of several words each counts as it is written, so
            that "Roos belt terug" is veiled and "een roos" is not.
    """

    def __init__(self, naming: Naming, others: Iterable[str | None]) -> None:
        self._own = naming
        self._others = tuple(others)
        own = " ".join(naming.all)
        handles = {one.lstrip("@") for one in naming.sure}
        self._handles = handles | {one.split("@")[0] for one in handles}
        self._whole = _pattern(tuple(one for one in _needles(self._others) if one not in own))
        parts = (part for one in self._others if one for part in one.split() if part[0].isupper())
        single = [one for one in dict.fromkeys(parts) if len(one) >= SHORTEST_NEEDLE and one.lower() not in own]
        self._parts = _pattern(tuple(single), any_case=False)

    def also(self, others: Iterable[str | None]) -> Veil:
        """The same, with more names."""
        more = tuple(others)
        return Veil(self._own, (*self._others, *more)) if more else self

    def over(self, value: Any) -> Any:
        """The value without others, however deep."""
        if isinstance(value, str):
            bare = _HANDLE.sub(self._handle, value)
            for pattern in (self._whole, self._parts):
                bare = bare if pattern is None else pattern.sub(VEIL, bare)
            return bare
        if isinstance(value, Mapping):
            return {key: self.over(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.over(each) for each in value)
        return value

    def _handle(self, match: re.Match[str]) -> str:
        """Nobody is called by a handle but who asks."""
        said = match.group()
        return said if said[1:].lower() in self._handles else VEIL


def candidates(value: Any) -> frozenset[str]:
    """What in a value may be a name: lower-case words, and up to four in a row."""
    found: set[str] = set()
    for text in leaves(value):
        words = _WORD.findall(text.lower())
        found.update(words)
        for length in (2, 3, 4):
            found.update(" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    return frozenset(found)


def leaves(value: Any) -> Iterator[str]:
    """Every text in a value; keys of objects too, and numbers as they are written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)


def _needles(words: Iterable[str | None]) -> tuple[str, ...]:
    said = (word.strip().lower() for word in words if word)
    return tuple(dict.fromkeys(word for word in said if len(word) >= SHORTEST_NEEDLE))


def _pattern(words: tuple[str, ...], *, any_case: bool = True) -> re.Pattern[str] | None:
    """Any of these as a whole: `anna` is in "@Anna." and not in "annabel", "anna.b" or "anna@elsewhere"."""
    if not words:
        return None
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?<!\w[.\-])(?:{either})(?!\w|[.\-@]\w)", re.IGNORECASE if any_case else 0)


def _found(pattern: re.Pattern[str] | None, value: Any) -> bool:
    return pattern is not None and any(pattern.search(one) for one in leaves(value))
