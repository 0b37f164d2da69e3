"""Understanding, step by step: texts a second on one core, and a thousand brand rules against trying each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from benchmarks.inputs import Texts
from benchmarks.report import Figures
from understanding import clean
from understanding.duplicates import Words, fingerprint
from understanding.fold import words
from understanding.language.by_langdetect import LangdetectDetector
from understanding.language.by_langid import LangidDetector
from understanding.lengths import length
from understanding.links import links
from understanding.match import Document, Rules, matches
from understanding.prepared import Prepared, prepare
from understanding.query import Facts, Node, Place, parse_query
from understanding.sentiment import seeds, tier_one
from understanding.sentiment.tokens import TOKEN

TEXTS = 2_000
RULES = 1_000
_ROUNDS = 5


def run(texts: int = TEXTS, *, rules: int = RULES) -> list[Figures]:
    """Measure each step over so many texts of 235 characters, in turns, and so many brand rules."""
    return [steps(texts), sentiment(), brand_rules(texts, rules), brand_rules(texts, 5 * rules)]


def steps(count: int) -> Figures:
    """Processor time of each step, as a ratio to folding the same texts into words."""
    made = Texts(9)
    plain = [made.one(number) for number in range(count)]
    html = [f"<p>{text}</p><p><a href='https://shop.example'>{text[:40]}</a></p>" for text in plain]
    rules = Rules({"brand": parse_query('windhoek OR "wind hoek"'), "rival": parse_query("rival* AND NOT sport")})
    detector = LangdetectDetector(("nl", "en"))
    langid = LangidDetector(("nl", "en"))
    cases: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "words (fold case and accents): the measure": (words, plain),
        "tidy plain text": (clean.tidy, plain),
        "HTML to text": (clean.html_to_text, html),
        "safe HTML": (clean.safe_html, html),
        "match 2 brands": (lambda text: rules.match(Document(None, text)), plain),
        "taking apart (links, names, tags, emoji)": (prepare, plain),
        "language of 2, py3langid": (lambda text: langid.detect(prepare(text)), plain),
        "language of 2, langdetect, words met before": (lambda text: detector.detect(prepare(text)), plain),
        "language of 2, langdetect by itself": (lambda text: _library(detector, text), plain[: max(1, count // 10)]),
        "duplicate keys": (lambda text: fingerprint(Words(text)), plain),
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


def sentiment() -> Figures:
    """Tier 1 over the seed sentences, as a ratio to only finding their words; words that were met before, as in use."""
    scorer = tier_one()
    known = [(prepare(each.text), each.lang) for each in seeds()]
    cases: dict[str, Callable[[tuple[Prepared, str]], object]] = {
        "finding the words: the measure": lambda each: TOKEN.findall(each[0].text),
        "taking apart": lambda each: prepare(each[0].text),
        "score, with the words that did it": lambda each: scorer.score(*each),
    }
    for work in cases.values():
        for each in known:
            work(each)
    found = Figures(
        f"Sentiment, tier 1: {len(known):,} seed sentences on one core",
        ("step", "texts/s", "CPU us a text", "times the measure"),
    )
    spent = _in_turns({name: (work, known) for name, work in cases.items()})
    measure = next(iter(spent.values()))
    for name, seconds in spent.items():
        found.add(name, 1 / seconds, seconds * 1e6, seconds / measure)
    return found


SHAPES = (
    "{0}",
    '{0} OR "{0} shop"',
    "({0} OR {0}x) NOT (sport OR music)",
    "{0}* order",
    "{0} NEAR/5 order",
    '({0} OR "the {0}") lang:nl,en -source:news',
    "{0} rating<3",
)


def brand_rules(count: int, rules: int) -> Figures:
    """Brand rules of all kinds: the anchor index against trying one after the other; the answers must be the same.

    The texts are cut into words anew each time, as they are when they come in.
    """
    rng = random.Random(4)
    named: dict[str, Node] = {
        f"brand{number}": parse_query(rng.choice(SHAPES).format(f"brand{number}"), Place.BRAND)
        for number in range(rules)
    }
    made = Texts(10)
    facts = Facts(source="reviews", platform="reviews", lang="nl", rating=0.4)
    texts = [f"{made.one(number)} brand{rng.randrange(rules * 3)} order" for number in range(count)]
    index = Rules(named)

    def filed(text: str) -> tuple[str, ...]:
        return index.match(Document(None, text, facts=facts))

    def one_by_one(text: str) -> tuple[str, ...]:
        document = Document(None, text, facts=facts)
        return tuple(name for name, node in named.items() if matches(node, document))

    few = texts[: max(1, count // 10)]
    for text in few:
        assert filed(text) == one_by_one(text), "the index must give the same answers"
    spent = _in_turns(
        {
            "words alone": (lambda text: Document(None, text, facts=facts), texts),
            "index": (filed, texts),
            "one by one": (one_by_one, few),
        }
    )
    found = Figures(
        f"Understanding: {rules:,} brand rules on one core",
        ("way", "texts/s", "CPU us a text", "times the index"),
        notes=["With cutting the text into words, which the first line shows on its own."],
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
