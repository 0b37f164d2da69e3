"""What benches read: made-up answers of two platforms, with Dutch and English texts. The same seed, the same bytes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson

from connectors.contract import Connector, Interval, Options, Task, Window
from connectors.feeds import FeedsConnector
from connectors.feeds.options import FeedsOptions
from connectors.hackernews import HackerNews, HackerNewsOptions
from connectors.requests import HttpRequest, HttpResponse
from pipeline.settings import BrandSettings, CollectSettings, SourceSettings

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
FEED_ITEMS, JSON_ITEMS = 20, 200
"""Items of one answer: what a feed usually shows, and the most a Hacker News search is asked for."""
_WORDS = {
    "nl": [
        "de",
        "het",
        "een",
        "en",
        "van",
        "ik",
        "te",
        "dat",
        "niet",
        "op",
        "aan",
        "met",
        "als",
        "voor",
        "er",
        "maar",
        "om",
        "hem",
        "dan",
        "zou",
        "wat",
        "mijn",
        "wel",
        "ook",
        "nog",
        "geen",
        "naar",
        "bestelling",
        "levering",
        "klantenservice",
        "pakket",
        "bezorger",
        "vandaag",
        "gisteren",
        "wachten",
        "al",
        "weer",
        "twee",
        "dagen",
        "niemand",
        "antwoord",
        "mail",
        "telefoon",
        "winkel",
        "teruggeven",
        "geld",
        "rekening",
        "abonnement",
        "storing",
        "internet",
        "traag",
        "snel",
        "vriendelijk",
        "geholpen",
        "tevreden",
        "jammer",
        "waarom",
        "hoe",
        "lang",
        "duurt",
        "bedankt",
        "goed",
        "slecht",
        "kapot",
        "nieuwe",
        "app",
        "werkt",
        "foutmelding",
    ],
    "en": [
        "the",
        "a",
        "and",
        "of",
        "to",
        "that",
        "not",
        "on",
        "with",
        "as",
        "for",
        "there",
        "but",
        "him",
        "then",
        "would",
        "what",
        "my",
        "also",
        "still",
        "no",
        "after",
        "order",
        "delivery",
        "support",
        "parcel",
        "courier",
        "today",
        "yesterday",
        "waiting",
        "again",
        "two",
        "days",
        "nobody",
        "answer",
        "mail",
        "phone",
        "shop",
        "return",
        "money",
        "invoice",
        "subscription",
        "outage",
        "internet",
        "slow",
        "quick",
        "friendly",
        "helped",
        "happy",
        "pity",
        "why",
        "how",
        "long",
        "takes",
        "thanks",
        "good",
        "bad",
        "broken",
        "new",
        "app",
        "works",
        "error",
        "message",
        "since",
        "this",
        "morning",
        "please",
        "fix",
        "it",
        "have",
        "been",
        "trying",
    ],
}
_BRAND = "windhoek"
SETTINGS = CollectSettings(
    brands=(
        BrandSettings(id="windhoek", name="Windhoek", query='windhoek OR "wind hoek" OR @windhoek_nl'),
        BrandSettings(id="rival", name="Rival", query="(rivaal OR rival*) AND NOT sport", competitor=True),
    )
)


class Texts:
    """Texts of about 235 characters, the mean of what was collected, three of four Dutch."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def one(self, number: int, *, words: int = 40) -> str:
        """A text of so many words that names the brand and its own number."""
        said = self._words(words)
        said[self._rng.randrange(words)] = _BRAND.capitalize()
        said[self._rng.randrange(words)] = f"{number}"
        if _BRAND.capitalize() not in said:
            said.append(_BRAND)
        text = " ".join(said)
        return text[:1].upper() + text[1:] + self._rng.choice((".", "!", " 😀", "?", ". https://t.example/abc?x=1"))

    def text(self, length: int) -> str:
        """So many words, and nothing else."""
        return " ".join(self._words(length))

    def _words(self, count: int) -> list[str]:
        return self._rng.choices(_WORDS["nl" if self._rng.random() < 0.75 else "en"], k=count)


@dataclass(frozen=True, slots=True)
class Source:
    """A connector with the answers it is to read, in order, oldest first."""

    name: str
    connector: Connector[Options]
    settings: SourceSettings
    answers: tuple[tuple[Task, HttpResponse], ...]
    mentions: int


def feeds(count: int, *, seed: int = 5) -> Source:
    """So many articles as RSS documents of 20 entries each, new ones every time."""
    url = "https://news.example/rss"
    connector = FeedsConnector(FeedsOptions(urls=(url,)))
    texts = Texts(seed)
    answers = []
    for start in range(0, count, FEED_ITEMS):
        numbers = range(start, min(start + FEED_ITEMS, count))
        answers.append(_answer(connector, rss(texts, numbers), url, content_type="application/rss+xml", count=count))
    return Source("feeds (RSS, 20 a page)", connector, _settings("feeds"), tuple(answers), count)


def hackernews(count: int, *, seed: int = 6) -> Source:
    """So many comments as answers of a JSON search of 200 hits each."""
    connector = HackerNews(HackerNewsOptions(terms=(_BRAND,)))
    texts = Texts(seed)
    answers = []
    for start in range(0, count, JSON_ITEMS):
        numbers = range(start, min(start + JSON_ITEMS, count))
        url = "https://hn.algolia.com/api/v1/search_by_date"
        answers.append(_answer(connector, hits(texts, numbers), url, content_type="application/json", count=count))
    return Source("hackernews (JSON, 200 a page)", connector, _settings("hackernews"), tuple(answers), count)


def rss(texts: Texts, numbers: range) -> bytes:
    """An RSS document of about 10 kB with these entries."""
    entries = "".join(
        f"<item><title>{texts.one(number, words=8)}</title><link>https://news.example/{number}</link>"
        f"<guid isPermaLink='false'>n{number}</guid><dc:creator>Schrijver {number % 97}</dc:creator>"
        f"<pubDate>{format_datetime(_when(number))}</pubDate>"
        f"<description>&lt;p&gt;{texts.one(number)}&lt;/p&gt;</description></item>"
        for number in numbers
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<channel><title>Nieuws</title><link>https://news.example</link><description>d</description>"
        f"<language>nl</language>{entries}</channel></rss>"
    ).encode()


def hits(texts: Texts, numbers: range) -> bytes:
    """A search answer with these comments; every tenth starts a thread that the next nine answer in."""
    found = []
    for number in numbers:
        root = number - number % 10
        found.append(
            {
                "objectID": f"{number + 1}",
                "created_at_i": int(_when(number).timestamp()),
                "created_at": _when(number).isoformat(),
                "author": f"writer{number % 997}",
                "comment_text": f"<p>{texts.one(number)}<p>{texts.one(number, words=10)}",
                "story_id": root + 1_000_000_000,
                "story_title": texts.one(number, words=8),
                "story_url": f"https://news.example/{root}",
                "parent_id": root + 1_000_000_000,
                "points": None,
                "_tags": ["comment", f"author_writer{number % 997}", f"story_{root}"],
                "_highlightResult": {},
            }
        )
    return orjson.dumps({"hits": found, "nbHits": len(found), "exhaustiveNbHits": True, "page": 0, "nbPages": 1})


def window() -> Window:
    """The stretch in which all made-up items lie."""
    return Window(Interval(NOW - timedelta(days=2), NOW))


def _when(number: int) -> datetime:
    return NOW - timedelta(days=1) + timedelta(milliseconds=400 * (number % 200_000))


def _answer(
    connector: Connector[Options], body: bytes, url: str, *, content_type: str, count: int
) -> tuple[Task, HttpResponse]:
    query = connector.queries(())[0]
    step = str(int(NOW.timestamp())) if content_type.endswith("json") else ""
    request = HttpRequest(url, step=step, conditional=count > 0)
    response = HttpResponse(request, 200, {"content-type": content_type}, body, url, NOW)
    return Task("bench", query, window()), response


def _settings(connector: str) -> SourceSettings:
    return SourceSettings(id="bench", connector=connector)
