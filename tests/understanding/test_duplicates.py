"""Who said the same as somebody else, and who merely said something like it."""

from __future__ import annotations

import random
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import duplicates as made
from understanding import fold
from understanding.duplicates import ENOUGH, KEYS, MIN_WORDS, Words, fingerprint, glance, likeness
from understanding.links import without_links
from understanding.prepared import prepare, without_names

LONG = "Vanochtend viel in heel Utrecht het internet weg, en de storing duurt volgens het bedrijf nog tot vanavond"


def same(one: str, other: str) -> bool:
    """Whether the one would be found and folded under the other."""
    mine, theirs = fingerprint(Words(one)), fingerprint(Words(other))
    met = bool({*mine.near} & {*theirs.near})
    return met and likeness(Words(one), Words(other)) >= ENOUGH


def article(title: str, text: str, url: str | None = None) -> Words:
    return Words(text, title, "article", url)


@pytest.mark.parametrize(
    "copy",
    [
        f"RT @piet: {LONG}",
        f"{LONG} via @nieuws",
        f"{LONG} https://nieuws.example/1?utm_source=x",
        LONG.upper().replace(",", "..."),
        LONG.replace("Utrecht", "#Utrecht") + " #storing",
        f"{LONG[:70]}…",
        f"Ongelofelijk dit! “{LONG}”",
        LONG.replace("volgens", "aldus"),
        LONG.replace(" nog", ""),
        f"{LONG} 😡😡",
    ],
)
def test_what_was_done_to_a_copy_on_its_way_does_not_hide_it(copy: str) -> None:
    assert same(LONG, copy)
    assert same(copy, LONG)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ik heb weer storing sinds vanochtend en niemand helpt mij", "Weer storing sinds vanochtend, help"),
        (
            "Bestelling 4711 is nog niet bezorgd, waar blijft die?",
            "Bestelling 4712 is nog niet bezorgd, waar blijft die?",
        ),
        (
            "Er is 25 euro te veel afgeschreven van mijn rekening",
            "Er is 80 euro te veel afgeschreven van mijn rekening",
        ),
        ("what is the reason for the delay", f"{LONG} what is the reason for the delay"),
        ("Bedankt!", "Bedankt!"),
        ("Dank je wel voor alles", "Dank je wel voor alles"),
        ("", ""),
        ("😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀"),
        ("@a @b @c @d @e @f @g", "@a @b @c @d @e @f @g"),
    ],
)
def test_who_has_something_of_their_own_to_say_stays_apart(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_number_that_only_one_of_them_names_makes_no_other_case() -> None:
    assert same(LONG, f"{LONG}, 14:30 uur")
    cut = "Mijn pakket is al drie weken zoek en het nummer daarvan is 12…"
    assert same("Mijn pakket is al drie weken zoek en het nummer daarvan is 123456", cut)


def test_exact_is_the_same_words_in_the_same_order() -> None:
    first = fingerprint(Words("Één twee drie, vier vijf zes!"))
    assert first.exact == fingerprint(Words("een TWEE drie vier vijf zes https://x.example 😀")).exact is not None
    assert first.exact != fingerprint(Words("een twee drie vier zes vijf")).exact
    assert fingerprint(Words("een twee drie vier vijf")).exact is None


def test_news_of_another_site_is_the_same_news() -> None:
    lead = f"{LONG}. Monteurs zijn ter plaatse."
    here = article("Storing in Utrecht duurt voort", f"{lead} Meer volgt.", "https://een.example/a")
    there = article(
        "Storing in Utrecht duurt voort", f"{lead} {'Heel andere woorden volgen hier. ' * 20}", "https://b.example/9"
    )
    assert likeness(here, there) >= ENOUGH
    assert {*fingerprint(here).near} & {*fingerprint(there).near}
    retitled = article("Halve stad zonder internet", lead, "https://c.example/7")
    assert likeness(here, retitled) >= ENOUGH
    counted = article("Storing in Utrecht duurt voort", f"{lead} 900 huizen.", "https://d.example/7")
    assert likeness(article("Storing in Utrecht duurt voort", f"{lead} 400 huizen."), counted) >= ENOUGH


def test_one_page_found_twice_is_one_article_and_a_front_page_is_none() -> None:
    one = article("Storing treft Utrecht en omstreken", "Kort.", "https://nieuws.example/a?utm_source=rss#top")
    two = article("Storing treft Utrecht en omgeving", LONG, "https://nieuws.example/a")
    assert likeness(one, two) == 1.0
    assert {*fingerprint(one).near} & {*fingerprint(two).near}
    front = [
        article(f"Bericht nummer {number} van de redactie vandaag", LONG, "https://nieuws.example/")
        for number in (1, 2)
    ]
    assert likeness(*front) == 0.0


def test_a_boilerplate_makes_no_copies_of_a_sites_own_articles() -> None:
    text = f"{LONG}. Lees het hele bericht op onze site."
    one = article("Het weer van maandag voor het hele land", text, "https://weer.example/1")
    two = article("Het weer van dinsdag voor het hele land", text, "https://www.weer.example/2")
    assert likeness(one, two) == 0.0


def test_a_title_counts_for_articles_and_where_there_is_no_text() -> None:
    assert fingerprint(Words("", "Eerste zin van een lange titel")).exact is not None
    topic = Words("Dank je wel!", "Eerste zin van een lange titel", "comment")
    assert fingerprint(topic).exact is None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "woord " * 20_000,
        "😀" * 50_000,
        "Z̸̧̛a̶l̷g̴o̵ " * 5_000,
        "\u202eאבג דהו " * 8_000,
        "x\x00y " * 20_000,
        "مرحبا hello 你好 " * 5_000,
    ],
    ids=["one word", "one word often", "emoji", "zalgo", "right to left", "NUL", "mixed scripts"],
)
def test_any_text_has_an_answer_and_few_keys(text: str) -> None:
    assert likeness(Words(text), Words(text)) in {0.0, 1.0}
    assert len(fingerprint(Words(text)).near) <= KEYS


SOME = ("aap", "noot", "mies", "wim", "zus", "jet", "teun", "vuur", "gijs", "lam", "12", "34")
words = st.lists(st.sampled_from(SOME), max_size=30).map(" ".join)


@given(words, words)
def test_likeness_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    there, back = likeness(Words(one), Words(other)), likeness(Words(other), Words(one))
    assert there == back
    assert 0.0 <= there <= 1.0
    if len(one.split()) >= MIN_WORDS:
        assert likeness(Words(one), Words(one)) == 1.0


@given(words, words)
def test_equal_keys_mean_equal_words(one: str, other: str) -> None:
    mine, theirs = fingerprint(Words(one)).exact, fingerprint(Words(other)).exact
    if mine is not None:
        assert (mine == theirs) == (one.split() == other.split())


@pytest.mark.parametrize("what", sorted(made.COPIES))
def test_copies_are_recognised_as_often_as_promised(what: str) -> None:
    rng = random.Random(3)
    texts = [made.complaint(rng) for _ in range(200)]
    found = sum(same(text, made.COPIES[what](text, rng)) for text in texts)
    assert found >= 194


@pytest.mark.parametrize("what", sorted(made.OTHERS))
def test_what_only_looks_alike_stays_apart(what: str) -> None:
    rng = random.Random(4)
    assert sum(same(*made.OTHERS[what](rng)) for _ in range(200)) <= 1


def test_keys_fit_a_signed_64_bit_column() -> None:
    found = fingerprint(Words(LONG))
    assert found.exact is not None
    assert all(-(2**63) <= key < 2**63 for key in (found.exact, *found.near))


ODD = st.sampled_from((
    "RT", "via", "@piet:", "@a@b.example", "https://x.example/a?b=c", "http://", "#storing", "Één", "e\u0301",
    "😀", "12,50", "e-mail", "a_b", "\u202eאבג", "z̸a", "\x00", "\ud800", "ﬁets", "İ", "你好", "…", "\n", *SOME,
))  # fmt: skip


@given(st.lists(ODD, max_size=20).map(" ".join))
def test_the_words_that_count_are_those_of_the_text_taken_apart(text: str) -> None:
    taken = prepare(text)
    rest = without_links(taken.text) if taken.links else taken.text
    rest = without_names(rest) if taken.names else rest
    spoken = [word for word in fold.words(rest) if word not in {"rt", "via"}]
    digest = blake2b(" ".join(spoken).encode(), digest_size=8).digest()
    expected = int.from_bytes(digest, "big", signed=True) if len(spoken) >= MIN_WORDS else None
    assert fingerprint(Words(text)).exact == expected


# Told apart by their shapes

_SAID = (
    "de",
    "het",
    "storing",
    "internet",
    "weg",
    "niet",
    "al",
    "dagen",
    "12",
    "34",
    "Ünieke",
    "weer",
    "traag",
    "heel",
)
_SPOKEN = st.lists(st.sampled_from(_SAID), min_size=6, max_size=60)
_EDITS = st.lists(
    st.tuples(
        st.sampled_from(("other", "without", "more", "cut", "longer")), st.integers(0, 59), st.sampled_from(_SAID)
    ),
    max_size=6,
)
_KINDS = st.tuples(*[st.sampled_from(("post", "article", "review"))] * 2)


def edited(spoken: list[str], edits: list[tuple[str, int, str]]) -> list[str]:
    """The words after somebody changed, dropped, added or cut some."""
    words = list(spoken)
    for what, place, word in edits:
        at = place % len(words)
        match what:
            case "other":
                words[at] = word
            case "without":
                words = [*words[:at], *words[at + 1 :]] or [word]
            case "more":
                words.insert(at, word)
            case "cut":
                words = words[: max(6, at)]
            case _:
                words += [word] * (at % 9)
    return words


@given(_SPOKEN, _EDITS, st.sampled_from(("", "…", " @piet https://t.example/1")), _KINDS, st.integers(0, 3))
def test_shapes_never_part_what_says_the_same(
    spoken: list[str], edits: list[tuple[str, int, str]], tail: str, kinds: tuple[str, str], short: int
) -> None:
    one = Words(" ".join(spoken), None, kinds[0])
    copied = " ".join(edited(spoken, edits))
    other = Words(copied[: len(copied) - short] + tail, None, kinds[1])
    mine, theirs = fingerprint(one).shape, fingerprint(other).shape
    may = glance(mine).may_be_alike(theirs)
    assert may == glance(theirs).may_be_alike(mine)
    assert may or likeness(one, other) == 0


def test_what_only_shares_a_turn_of_phrase_is_told_apart_by_its_shape() -> None:
    phrase = "ik wacht al twee weken op antwoord van de klantenservice"
    one = fingerprint(Words(f"{phrase} en mijn pakket is nog altijd niet bezorgd door de koerier die zou komen"))
    other = fingerprint(Words(f"{phrase} over de storing van vorige maand waar wij nooit meer iets van hoorden"))
    assert {*one.near} | {*other.near}
    assert not glance(one.shape).may_be_alike(other.shape)
    assert glance(one.shape).may_be_alike(None), "kept before shapes were: it must be read"
    assert fingerprint(Words(f"{phrase} en dat is niet alles", None, "article")).shape == b"", "known by other things"
