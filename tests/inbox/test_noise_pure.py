"""Noise without a store: the index against trying each rule, sites, what marks speak for, and bad input."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import BadInput, BadSearch
from inbox.noise.index import Entry, Kind, NoiseIndex, Seen, account_value, folded_handle, node_of
from inbox.noise.keeping import value_of
from inbox.noise.learning import Sample, learn, lower_bound
from inbox.noise.reading import keys_of
from inbox.spreadsheets import guarded, unguarded
from understanding.duplicates import ENOUGH, Words, likeness
from understanding.match import Document, matches
from understanding.sites import site_of, sites_in

AT = datetime(2026, 3, 10, tzinfo=UTC)
TEXTS = (
    "win nu een gratis reis naar de zon",
    "RT win nu een gratis reis naar de zon!",
    "mijn pakket is kwijt en niemand helpt mij",
    "gratis pakket op https://www.casino.example/x",
    "kijk op http://blog.anna.blogspot.com en win",
    "",
    "🎉🎉🎉",
)
VALUES = {
    Kind.AUTHOR: ("id:1", "id:2", "piet", "gokker"),
    Kind.SITE: ("casino.example", "anna.blogspot.com", "forum.example"),
    Kind.WORD: ("gratis", "gratis reis", "pakket is"),
    Kind.PATTERN: ("win* AND gratis", '"naar de" OR kwijt', "gratis -pakket", "(onleesbaar"),
    Kind.LIKE: ("1",),
}
narrow = st.sampled_from((None, None, "a", "b"))


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(list(Kind)))
        example = Words(draw(st.sampled_from(TEXTS))) if kind is Kind.LIKE else None
        found.append(
            Entry(
                number,
                kind,
                draw(st.sampled_from(VALUES[kind])),
                platform=draw(narrow) if kind is Kind.AUTHOR else None,
                brand_id=draw(narrow),
                source_id=draw(narrow),
                direct=draw(st.booleans()) and kind is Kind.AUTHOR,
                keys=keys_of(example) if example else (),
                ends_at=draw(st.sampled_from((None, AT, AT + timedelta(1)))),
                example=example,
            )
        )
    return found


@st.composite
def messages(draw: st.DrawFn) -> Seen:
    text = draw(st.sampled_from(TEXTS))
    said = Words(text)
    return Seen(
        mention_id=1,
        at=AT,
        platform=draw(st.sampled_from("ab")),
        source_id=draw(st.sampled_from("ab")),
        brands=draw(st.frozensets(st.sampled_from("ab"))),
        handle=draw(st.sampled_from(("", "@Piet", "gokker"))),
        account=draw(st.sampled_from(("", "1", "2"))),
        url=draw(st.sampled_from((None, "https://forum.example/1", "https://m.casino.example"))),
        text=text,
        direct=draw(st.booleans()),
        said=said,
        keys=keys_of(said),
    )


def meets(one: Entry, seen: Seen) -> bool:
    """What a rule means, said without any index."""
    if one.brand_id not in {None, *seen.brands} or one.source_id not in {None, seen.source_id}:
        return False
    if (seen.direct and not one.direct) or (one.ends_at is not None and seen.at >= one.ends_at):
        return False
    match one.kind:
        case Kind.AUTHOR:
            by_id = bool(seen.account) and one.value == account_value(seen.account) and one.platform == seen.platform
            by_name = bool(seen.handle) and one.value == folded_handle(seen.handle)
            return by_id or (by_name and one.platform in {None, seen.platform})
        case Kind.SITE:
            return one.value in sites_in(seen.url, seen.text)
        case Kind.LIKE:
            near = bool(set(one.keys) & set(seen.keys))
            return near and one.example is not None and likeness(one.example, Words(seen.text)) >= ENOUGH
        case _:
            node = node_of(one.kind, one.value)
            return node is not None and matches(node, Document(seen.title, seen.text))


@given(entries(), messages())
def test_the_index_meets_what_trying_each_rule_meets(rules: list[Entry], seen: Seen) -> None:
    found = NoiseIndex(rules).meets(seen)
    assert {one.id for one in found} == {one.id for one in rules if meets(one, seen)}
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://www.news.bbc.co.uk/1?x=2", "bbc.co.uk"),
        ("Casino.Example", "casino.example"),
        ("http://anna.blogspot.com/", "anna.blogspot.com"),
        ("https://user:pw@shop.example:8080/x", "shop.example"),
        ("https://münchen.de/x", "xn--mnchen-3ya.de"),
        ("http://192.168.1.1/a", "192.168.1.1"),
        ("http://[::1]:80/a", "::1"),
        ("http://localhost:8501", None),
        ("co.uk", None),
        ("", None),
        ("geen adres", None),
        ("http://[kapot", None),
        ("https://" + "a" * 300 + ".nl", None),
        ("https://\u202egro.elpmaxe/", None),
        ("a..b", None),
        ("\0.nl", None),
    ],
)
def test_an_address_belongs_to_the_domain_that_somebody_registered(address: str, site: str | None) -> None:
    assert site_of(address) == site


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_site(text: str) -> None:
    found = site_of(text)
    assert found is None or (found and found == site_of(found))


BAD = (
    "",
    "   ",
    "x" * 100_000,
    "😀" * 40,
    "Z̸͍̈a̷̟͐l̵̰̇g̸̱̀o̶͙͌",
    "\u202eحروف\u2066abc",
    "\0\0",
    "abc\0def",
    "a b c d e f g h i j k l m",
)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("text", BAD)
def test_bad_input_is_refused_in_words_or_becomes_something_that_can_be_looked_up(kind: Kind, text: str) -> None:
    with suppress(BadInput, BadSearch):
        value = value_of(kind, text)
        assert value
        NoiseIndex([Entry(1, kind, value)]).meets(Seen(mention_id=1, at=AT, text=text, handle=text[:200]))


@pytest.mark.parametrize("text", ["-gratis", "lang:de", "NOT (a OR b)", "(" * 300, "-(a+)+$", '"open'])
def test_a_pattern_that_says_nothing_or_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises((BadInput, BadSearch)):
        value_of(Kind.PATTERN, text)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_lower_bound_is_below_the_share_and_grows_with_what_is_known(hits: int, misses: int) -> None:
    n = hits + misses
    bound = lower_bound(hits, n)
    assert 0 <= bound <= (hits / n if n else 0) + 1e-9
    assert lower_bound(hits + 1, n + 1) >= bound - 1e-9
    assert lower_bound(2, 2) < 0.8 <= lower_bound(3, 3)


def sample(number: int, text: str, author: int | None = None, sites: tuple[str, ...] = ()) -> Sample:
    return Sample(number, author, sites, text)


def test_authors_and_sites_that_are_always_noise_are_told_and_those_with_one_good_message_are_not() -> None:
    noise = [sample(n, f"reclame {n}", 7, ("winst.example",)) for n in range(3)]
    noise += [sample(n, "anders", 8, ("half.example",)) for n in range(10, 14)]
    good = [sample(n, "mijn pakket is kwijt", 8, ("half.example",)) for n in range(20, 22)]
    found = learn(noise, good)
    assert [(one.kind, one.value, one.n_noise, one.n_good) for one in found if one.kind is not Kind.WORD] == [
        (Kind.AUTHOR, "7", 3, 0),
        (Kind.SITE, "winst.example", 3, 0),
    ]


def test_words_that_only_noise_holds_are_told_in_their_longest_form() -> None:
    noise = [sample(n, f"Klik hier voor gratis krediet nummer {n}") for n in range(12)]
    good = [sample(n, f"Mijn pakket nummer {n} is kwijt, klik hier niet") for n in range(100, 160)]
    words = [one for one in learn(noise, good) if one.kind is Kind.WORD]
    assert words
    assert all(one.n_noise == 12 and one.n_good == 0 and (one.z or 0) > 1.96 for one in words)
    assert any("gratis krediet" in one.value for one in words)
    assert not any(one.value in {"klik", "hier", "nummer", "klik hier"} for one in words)


def test_nothing_is_learned_from_nothing() -> None:
    assert learn([], []) == ()
    assert learn([sample(1, "")], []) == ()


@given(st.text(max_size=20))
def test_a_guarded_cell_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text or text.startswith("'")
