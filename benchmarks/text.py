"""Understanding, step by step: texts a second on one core, and a thousand brand rules against trying each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from benchmarks.inputs import Texts
from benchmarks.report import Figures
from understanding import clean
from understanding.duplicates import exact_key
from understanding.fold import words
from understanding.language import LangdetectDetector
from understanding.lengths import length
from understanding.links import links
from understanding.match import Document, Rules, matches
from understanding.query import Node, parse_query

TEXTS = 2_000
RULES = 1_000
_ROUNDS = 5


def run(texts: int = TEXTS, *, rules: int = RULES) -> list[Figures]:
    """Measure each step over so many texts of 235 characters, in turns, and so many brand rules."""
    return [steps(texts), brand_rules(texts, rules)]


def steps(count: int) -> Figures:
    """Processor time of each step, as a ratio to folding the same texts into words."""
    made = Texts(9)
    plain = [made.one(number) for number in range(count)]
    html = [f"<p>{text}</p><p><a href='https://shop.example'>{text[:40]}</a></p>" for text in plain]
    rules = Rules({"brand": parse_query('windhoek OR "wind hoek"'), "rival": parse_query("rival* AND NOT sport")})
    detector = LangdetectDetector(("nl", "en"))
    cases: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "words (fold case and accents): the measure": (words, plain),
        "tidy plain text": (clean.tidy, plain),
        "HTML to text": (clean.html_to_text, html),
        "safe HTML": (clean.safe_html, html),
        "match 2 brands": (lambda text: rules.match(Document(None, text)), plain),
        "language of 2, words met before": (detector.detect, plain),
        "language of 2, the library by itself": (lambda text: _library(detector, text), plain[: max(1, count // 10)]),
        "duplicate key": (exact_key, plain),
        "links": (links, plain),
        "length in graphemes": (lambda text: length(text, "graphemes"), plain),
    }
    for work, texts in cases.values():
        for text in texts:
            work(text)
    found = Figures(
        f"Understanding: {count:,} texts of 235 characters on one core",
        ("step", "texts/s", "CPU us a text", "times the measure"),
    )
    spent = _in_turns({name: (work, texts) for name, (work, texts) in cases.items()})
    measure = next(iter(spent.values()))
    for name, seconds in spent.items():
        found.add(name, 1 / seconds, seconds * 1e6, seconds / measure)
    return found


def brand_rules(count: int, rules: int) -> Figures:
    """A thousand rules: the anchor index against trying one after the other; the answers must be the same."""
    rng = random.Random(4)
    named: dict[str, Node] = {}
    for number in range(rules):
        word = f"brand{number}"
        shape = rng.choice(("{0}", '{0} OR "{0} shop"', "({0} OR {0}x) AND NOT (sport OR music)", "{0}* AND order"))
        named[word] = parse_query(shape.format(word))
    made = Texts(10)
    texts = [f"{made.one(number)} brand{rng.randrange(rules * 3)} order" for number in range(count)]
    documents = [Document(None, text) for text in texts]
    index = Rules(named)

    def one_by_one(document: Document) -> tuple[str, ...]:
        return tuple(name for name, node in named.items() if matches(node, document))

    few = documents[: max(1, count // 10)]
    for document in few:
        assert index.match(document) == one_by_one(document), "the index must give the same answers"
    spent = _in_turns({"index": (index.match, documents), "one by one": (one_by_one, few)})
    found = Figures(
        f"Understanding: {rules:,} brand rules on one core",
        ("way", "texts/s", "CPU us a text", "times the index"),
        notes=["The words of the texts are found before; that step is in the table above."],
    )
    for name, seconds in spent.items():
        found.add(name, 1 / seconds, seconds * 1e6, seconds / spent["index"])
    return found


def _library(detector: LangdetectDetector, text: str) -> object:
    asked = detector._factory.create()  # noqa: SLF001 - the same profiles and seed
    asked.append(text)
    return asked.get_probabilities()


def _in_turns(cases: dict[str, tuple[Callable[..., object], Sequence[object]]]) -> dict[str, float]:
    """Processor seconds a text of each case; all take turns in slices, so that a busy machine slows them alike."""
    spent = dict.fromkeys(cases, 0.0)
    for turn in range(_ROUNDS):
        for name, (work, texts) in cases.items():
            start = time.thread_time()
            for text in texts[turn::_ROUNDS]:
                work(text)
            spent[name] += time.thread_time() - start
    return {name: seconds / len(cases[name][1]) for name, seconds in spent.items()}
