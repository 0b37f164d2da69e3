"""Near-duplicates: how many copies are recognised, by what was done to them, and how many others are taken for one.

The set is made here, from sentences written for this project: customers who complain, each put together from a seed,
so that two of them share turns of phrase, topics and places as people do. `COPIES` says what happens to a text on its
way round the world; `OTHERS` what looks alike and is not the same. `examples` gives both as labelled groups.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from benchmarks.report import Figures
from understanding.duplicates import ENOUGH, Fingerprint, Words, fingerprint, likeness

TEXTS = 2_000
_OPENINGS = (
    "Al {n} dagen", "Sinds {day}", "Ik snap niet waarom", "Beste mensen,", "Kan iemand mij uitleggen waarom",
    "Voor de {n}e keer deze maand:", "Serieus?", "Gisteravond weer", "Hallo, even een vraag.", "Wat een service zeg,",
    "Since {day}", "Can somebody explain why", "I have been waiting {n} weeks and", "Hi team,", "Once again",
    "Honestly,", "Never had this before:",
)  # fmt: skip
_TROUBLES = (
    "ligt het internet eruit in {place}", "doet de app het niet meer na de laatste update",
    "is mijn pakket volgens de bezorger afgeleverd maar hier is niets", "klopt de rekening van {month} niet",
    "krijg ik steeds dezelfde foutmelding bij het inloggen", "staat mijn bestelling nog op in behandeling",
    "rijdt er geen enkele trein tussen {place} en {place}", "is de monteur zonder bericht niet komen opdagen",
    "wordt er twee keer geld van mijn rekening gehaald", "hangt de klantenservice op na een half uur wachten",
    "the internet is down in {place}", "my parcel never arrived although it says delivered",
    "the app keeps crashing when I open my basket", "you charged me twice for {month}",
    "nobody picks up the phone at your help desk", "the refund that you promised has not come",
    "my order is still being processed according to your website",
)  # fmt: skip
_CONSEQUENCES = (
    "en niemand die mij kan vertellen hoe lang het nog duurt", "terwijl ik hier gewoon voor betaal",
    "dus ik kan niet thuis werken", "en morgen is mijn dochter jarig", "waardoor ik een boete kreeg",
    "en de chat verwijst mij terug naar de website", "so I cannot work from home", "and nobody answers my mails",
    "which cost me a day off", "and the chat sends me round in circles", "while I still pay the full price",
    "and my mother of {n}0 depends on it",
)  # fmt: skip
_CLOSINGS = (
    "Graag een reactie.", "Wie kan mij helpen?", "Ik overweeg over te stappen.", "Kan dit vandaag nog worden opgelost?",
    "Hier word ik zo moe van.", "Laat het even weten, alvast bedankt.", "Please sort this out today.",
    "I am thinking of leaving.", "Any idea when this is fixed?", "Thanks in advance for your answer.",
    "Not what I expect from you.", "Is this normal?",
)  # fmt: skip
_PLACES = ("Utrecht", "Almere", "Zwolle", "Breda", "Leiden", "Venlo", "Hengelo", "Assen", "Delft", "Tilburg")
_DAYS = ("maandag", "dinsdag", "gisteren", "vanochtend", "Friday", "this morning", "zaterdag", "zondag")
_MONTHS = ("januari", "maart", "juli", "oktober", "March", "August", "november")
_TAGS = ("fail", "storing", "klantenservice", "help", "boos", "service", "down")

_SAID_DIFFERENTLY: tuple[tuple[str, ...], ...] = (
    (
        "Ik heb weer storing sinds vanochtend en niemand helpt mij",
        "Sinds vanochtend ligt hier alles plat en ik krijg niemand te pakken",
        "Weer storing, al de hele ochtend, en aan de telefoon helpt niemand mij verder",
        "Vanochtend begon de storing weer en hulp krijg ik niet",
        "Al sinds vanochtend storing. Is er iemand die mij kan helpen?",
    ),
    (
        "Mijn pakket zou vandaag komen maar er is niemand aan de deur geweest",
        "Vandaag zou mijn pakket bezorgd worden, maar ik heb de hele dag niemand gezien",
        "De bezorger zegt dat ik niet thuis was terwijl ik de hele dag op mijn pakket heb gewacht",
        "Hele dag thuis gebleven voor een pakket dat nooit kwam",
        "Volgens de app is mijn pakket bezorgd, maar er is hier niemand aan de deur geweest",
    ),
    (
        "De app loopt vast zodra ik wil betalen met mijn telefoon",
        "Zodra ik op betalen druk loopt de app vast",
        "Kan niet betalen, de app sluit zichzelf steeds af",
        "Elke keer als ik wil betalen met mijn telefoon valt de app uit",
        "Betalen in de app lukt niet meer sinds de update van gisteren",
    ),
    (
        "I have been on hold for two hours and nobody answers the phone",
        "Two hours on hold now. Does anybody ever answer the phone?",
        "Still on hold after two hours, this is ridiculous",
        "Been listening to your music for two hours, will somebody pick up?",
        "Your help line does not answer, I waited two hours this morning",
    ),
    (
        "My flight was cancelled and you offer me a seat three days later",
        "You cancelled my flight and the next seat is in three days, seriously?",
        "Three days stuck here because my flight was cancelled without a word",
        "Cancelled flight, no help, next seat in three days",
        "They cancelled our flight this morning and nobody tells us how we get home",
    ),
    (
        "De rekening is weer hoger dan vorige maand en ik heb niets veranderd",
        "Waarom betaal ik meer dan vorige maand terwijl er niets is veranderd?",
        "Ik heb niets veranderd aan mijn abonnement maar de rekening is weer omhoog gegaan",
        "Weer een hogere rekening. Vorige maand was het nog de helft",
        "Kunnen jullie uitleggen waarom ik deze maand meer moet betalen dan anders",
    ),
)  # fmt: skip
"""The same trouble, each time in somebody's own words."""

Change = Callable[[str, random.Random], str]


def _other_word(text: str, rng: random.Random, how: str) -> str:
    said = text.split()
    place = rng.randrange(len(said))
    said[place : place + 1] = {"changed": ["echter"], "left out": [], "put in": [said[place], "echter"]}[how]
    return " ".join(said)


def _tagged(text: str, rng: random.Random) -> str:
    said = text.split()
    places = [number for number, word in enumerate(said) if word.isalpha()] or [0]
    place = rng.choice(places)
    said[place] = f"#{said[place]}"
    return f"{' '.join(said)} #{rng.choice(_TAGS)}"


def _cut(text: str, rng: random.Random) -> str:
    return f"{text[: int(len(text) * rng.uniform(0.6, 0.9))].rstrip()}…"


COPIES: Mapping[str, Change] = {
    "the same": lambda text, _: text,
    "RT @name: before it": lambda text, rng: f"RT @user{rng.randrange(999)}: {text}",
    "via @name after it": lambda text, rng: f"{text} via @nieuws{rng.randrange(99)}",
    "another link": lambda text, rng: f"{text} https://t.example/{rng.randrange(10**6):x}",
    "hashtags": _tagged,
    "case and punctuation": lambda text, _: text.upper().replace(",", "").replace(".", " !!"),
    "cut to 60-90 %": _cut,
    "quoted with a comment": lambda text, rng: f"{rng.choice(_CLOSINGS)} “{text}”",
    "one word changed": lambda text, rng: _other_word(text, rng, "changed"),
    "one word left out": lambda text, rng: _other_word(text, rng, "left out"),
    "one word put in": lambda text, rng: _other_word(text, rng, "put in"),
}
"""What is done to a text that still is the same text."""


def _own_words(rng: random.Random) -> tuple[str, str]:
    one, other = rng.sample(rng.choice(_SAID_DIFFERENTLY), 2)
    return one, other


def _other_number(rng: random.Random) -> tuple[str, str]:
    frame = rng.choice((
        "Bestelling {number} is nog steeds niet bezorgd, kunnen jullie kijken waar die blijft?",
        "Er is een bedrag van {number} euro afgeschreven waar ik niets van weet, graag uitleg.",
        "Your parcel {number} could not be delivered and is waiting for you at the shop around the corner.",
        "Mijn klantnummer is {number} en ik kan sinds gisteren niet meer inloggen op de website.",
    ))  # fmt: skip
    one, other = rng.sample(range(1_000, 10_000), 2)
    return frame.format(number=one), frame.format(number=other)


def _short(rng: random.Random) -> tuple[str, str]:
    said = rng.choice(("Bedankt!", "Dank jullie wel hoor!", "Thanks a lot", "Storing in Utrecht?", "Top service 👍"))
    return said, said


def _phrase(rng: random.Random) -> tuple[str, str]:
    phrase = rng.choice((
        "wanneer wordt dit eindelijk een keer opgelost", "what is the reason for the delay",
        "thanks and keep up the good work", "ik wacht nog steeds op een antwoord",
    ))  # fmt: skip
    return phrase, f"{complaint(rng)} {phrase}"


OTHERS: Mapping[str, Callable[[random.Random], tuple[str, str]]] = {
    "the same trouble in their own words": _own_words,
    "the same words with another number": _other_number,
    "under six words": _short,
    "a turn of phrase inside another text": _phrase,
    "two customers": lambda rng: (complaint(rng), complaint(rng)),
}
"""Pairs that look alike and come from two people with something of their own to say."""


def complaint(rng: random.Random) -> str:
    """One customer's text of ten to forty words."""
    return _around(_filled(rng.choice(_TROUBLES), rng), rng)


def examples(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(text, group): originals with each of their copies, and pairs of others, each a group of its own."""
    rng = random.Random(seed)
    for number in range(count):
        text = complaint(rng)
        for change in COPIES.values():
            yield change(text, rng), f"copy {number}"
        for name, others in OTHERS.items():
            for letter, other in zip("ab", others(rng), strict=True):
                yield other, f"{name} {number}{letter}"


def run(texts: int = TEXTS) -> list[Figures]:
    """Recall and false merges on so many originals, and texts a second."""
    return [_recall(texts), _merges(texts), _speed(texts)]


def _recall(count: int) -> Figures:
    found = Figures(f"Copies recognised, {count:,} of each", ("what was done", "recognised %", "n"))
    for name, change in COPIES.items():
        rng = random.Random(11)
        pairs = [(text, change(text, rng)) for text in (complaint(rng) for _ in range(count))]
        found.add(name, 100 * sum(_same(*pair) for pair in pairs) / count, count)
    return found


def _merges(count: int) -> Figures:
    found = Figures("Taken for a copy and is none", ("what looked alike", "merged %", "n"))
    for name, others in OTHERS.items():
        rng = random.Random(12)
        found.add(name, 100 * sum(_same(*others(rng)) for _ in range(count)) / count, count)
    return found


def _speed(count: int) -> Figures:
    rng = random.Random(14)
    made = [Words(complaint(rng)) for _ in range(count)]
    found = Figures("Duplicates on one core", ("step", "texts/s", "CPU us a text"))
    for text in made:
        fingerprint(text)
    for name, work in {
        "keys": lambda: [fingerprint(text) for text in made],
        "likeness of two": lambda: [likeness(one, other) for one, other in pairwise(made)],
    }.items():
        spent = min(_timed(work) for _ in range(5)) / count
        found.add(name, 1 / spent, spent * 1e6)
    return found


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _same(one: str, other: str) -> bool:
    """Whether a store that holds the one would fold the other under it."""
    mine, theirs = fingerprint(Words(one)), fingerprint(Words(other))
    return _meet(mine, theirs) and likeness(Words(one), Words(other)) >= ENOUGH


def _meet(mine: Fingerprint, theirs: Fingerprint) -> bool:
    return bool({*mine.near} & {*theirs.near}) or (mine.exact is not None and mine.exact == theirs.exact)


def _around(trouble: str, rng: random.Random) -> str:
    parts = [_filled(rng.choice(_OPENINGS), rng), trouble]
    parts += [rng.choice(_CONSEQUENCES).format(n=rng.randrange(2, 9))] if rng.random() < 0.8 else []
    text = f"{' '.join(parts)}."
    return f"{text} {rng.choice(_CLOSINGS)}" if rng.random() < 0.7 else text


def _filled(frame: str, rng: random.Random) -> str:
    while "{place}" in frame:
        frame = frame.replace("{place}", rng.choice(_PLACES), 1)
    return frame.format(n=rng.randrange(2, 9), day=rng.choice(_DAYS), month=rng.choice(_MONTHS))
