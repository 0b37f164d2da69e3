"""The files of words: `lexicon.tsv`, gathered from open lexicons, and over it our own in `words/`, one per language.

A file of our own has sections. `[valence]` and `[phrases]` give hundredths from -100 to 100; `[prefixes]`, `[heads]`
and `[tails]` say how compounds read; `[nothing]` takes back what an open lexicon says of a word that tells nothing
in its language; `[foreign]` are words that are no English here; the others name what a word does in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

from understanding.fold import fold

LEXICON = Path(__file__).parent / "lexicon.tsv"
LANGUAGES = ("nl", "en", "de", "fr")
SIGNS = "sign"
_OWN = Path(__file__).parent / "words"

VALENCE, NEGATOR, STRONGER, WEAKER, BUT, WISH, WISHED, YOU, STARS, AGAIN, TIME, NUMBER, MARK, PLAIN = range(14)
"""What a token does; the last three are in no list: a number, punctuation, any other word."""

_STRENGTH = {"intensifiers": STRONGER, "diminishers": WEAKER}
_AHEAD = "negators ahead"
_ROLES = {
    "negators": NEGATOR,
    _AHEAD: NEGATOR,
    "but": BUT,
    "wish": WISH,
    "wished": WISHED,
    "you": YOU,
    "stars": STARS,
    "again": AGAIN,
    "time": TIME,
}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TYPED_LEAST = 5
"""Letters below which a word without its accents is too often another one: `sûr`, `sur`."""
_LEAST = 0.2
"""A word with less valence tells nothing: such words made every measured set worse."""


Phrases = dict[str, list[tuple[tuple[str, ...], float]]]
"""Phrases with one first word: by their second word, the words after the first and the valence."""


@dataclass(slots=True)
class WordList:
    """What the files say of one language.

    Attributes:
        valence: -1 to 1 by word.
        phrases: by first word and then by second, the words after the first and the valence of the whole.
        roles: what a word does, and by how much it strengthens.
        nothing, foreign: words that tell nothing; words that are not the English ones they look like.
        prefixes, heads, tails: parts of compounds; before a head a prefix gives its own valence.
    """

    valence: dict[str, float] = field(default_factory=dict)
    phrases: dict[str, Phrases] = field(default_factory=dict)
    roles: dict[str, tuple[int, float]] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    prefixes: dict[str, float] = field(default_factory=dict)
    heads: set[str] = field(default_factory=set)
    tails: dict[str, float] = field(default_factory=dict)

    def say(self, words: str, valence: float) -> None:
        """Note the valence of a word or, with spaces, of a phrase; what stood there before is replaced."""
        first, *rest = words.split(" ")
        if rest:
            phrases = self.phrases.setdefault(first, {}).setdefault(rest[0], [])
            phrases[:] = [each for each in phrases if each[0] != tuple(rest)]
            phrases.append((tuple(rest), valence))
        elif abs(valence) >= _LEAST:
            self.valence[words] = valence

    def settle(self) -> None:
        """Take back what tells nothing, add words as people type them, put the longest phrase of a word first."""
        for word in self.nothing:
            self.valence.pop(word, None)
        for word, valence in list(self.valence.items()):
            typed = _typed(word)
            if len(typed) >= _TYPED_LEAST and typed not in self.nothing:
                self.valence.setdefault(typed, valence)
        for by_second in self.phrases.values():
            for phrases in by_second.values():
                phrases.sort(key=lambda each: (-len(each[0]), each[0]))


@lru_cache(1)
def word_lists() -> dict[str, WordList]:
    """The word list of each language and, under `SIGNS`, of emoji and emoticons. Read once."""
    found = {lang: WordList() for lang in (*LANGUAGES, SIGNS)}
    for line in LEXICON.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            lang, word, valence, _ = line.split("\t")
            found[lang].say(word, int(valence) / 100)
    for lang, words in found.items():
        name = "signs" if lang == SIGNS else lang
        _add_own(words, (_OWN / f"{name}.txt").read_text("utf-8"))
        words.settle()
    return found


@cache
def words_version() -> str:
    """Changes with the words that come with the program."""
    told = blake2b(LEXICON.read_bytes(), digest_size=4)
    for path in sorted(_OWN.glob("*.txt")):
        told.update(path.read_bytes())
    return told.hexdigest()


def _typed(word: str) -> str:
    """A word as it is typed in a hurry: without accents, but umlauts as two letters, for `schon` is not `schön`."""
    return word if word.isascii() else fold(word.translate(_UMLAUTS))


def _add_own(words: WordList, text: str) -> None:
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            _add_line(words, section, line)


def _add_line(words: WordList, section: str, line: str) -> None:
    if section in {"nothing", "foreign", "heads"}:
        getattr(words, section).update(line.split())
    elif section in _ROLES:
        words.roles |= dict.fromkeys(line.split(), (_ROLES[section], 0.0 if section == _AHEAD else 1.0))
    else:
        word, _, figure = line.rpartition(" ")
        if section in _STRENGTH:
            words.roles[word] = (_STRENGTH[section], float(figure))
        elif section in {"prefixes", "tails"}:
            getattr(words, section)[word] = int(figure) / 100
        else:
            words.say(word, int(figure) / 100)
