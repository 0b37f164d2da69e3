"""The forms a word may be an inflection of: `trage` of `traag`, `dikke` of `dik`, `décevants` of `décevant`."""

from __future__ import annotations

from collections.abc import Iterator

_VOWELS = frozenset("aeiou")
_DUTCH = ("e", "er", "ere", "st", "ste", "s", "en", "tjes", "tje", "jes", "je")
_SOFT = {"z": "s", "v": "f"}


def bases(word: str, lang: str) -> Iterator[str]:
    """Spellings worth looking up for an inflected word, likeliest first. Some are no words at all."""
    if lang in {"nl", "und"}:
        yield from _dutch(word)
    if lang in {"de", "und"}:
        yield from _cut(
            word, ("sten", "ste", "stes", "eren", "ere", "erer", "eres", "en", "er", "es", "em", "e", "st", "n", "s")
        )
        if word.startswith("ge") and word.endswith("t"):
            yield word[2:-1] + "en"
    if lang in {"fr", "und"}:
        yield from _cut(word, ("es", "s", "e", "x"))
        if word.endswith(("euse", "euses")):
            yield word[: word.rindex("euse")] + "eux"
        if word.endswith("ive"):
            yield word[:-3] + "if"
    if lang in {"en", "und"}:
        yield from _cut(word, ("s", "es", "ed", "ing", "d", "ly"))


def _cut(word: str, endings: tuple[str, ...]) -> Iterator[str]:
    if not word.endswith(endings):
        return
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield word[: -len(ending)]


def _dutch(word: str) -> Iterator[str]:
    for ending in _DUTCH if word.endswith(_DUTCH) else ():
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: -len(ending)]
            yield stem
            if ending in {"e", "er", "ere", "en"}:
                yield from _closed(stem)
    if word.endswith("t") and len(word) > 4:
        yield word[:-1] + "en"


def _closed(stem: str) -> Iterator[str]:
    """A stem before a vowel, as it is spelt without: `trag` `traag`, `dikk` `dik`, `boz` `boos`, `liev` `lief`."""
    last = stem[-1]
    hard = stem[:-1] + _SOFT.get(last, last)
    if len(stem) > 2 and last == stem[-2] and last not in _VOWELS:
        yield stem[:-1]
    if hard != stem:
        yield hard
    if len(stem) > 2 and last not in _VOWELS and stem[-2] in _VOWELS and stem[-3] not in _VOWELS:
        yield hard[:-1] + stem[-2] + hard[-1]
