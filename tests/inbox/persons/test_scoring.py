"""Who may be one person: rare traits say yes, what many people share never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.persons.clues import Profile, of_profile, of_text
from inbox.persons.names import is_common_name, is_telling_handle, plain_handle, plain_name
from inbox.persons.scoring import SUGGESTED_AT, Account, compare

_COMMON = (
    ("Jan de Vries", "jandevries"),
    ("Jan de Vries", "jan_devries1980"),
    ("Maria Jansen", "mariajansen"),
    ("Piet Bakker", "piet.bakker"),
    ("Sanne Visser", "sannevisser"),
    ("Johan van den Berg", "johanvandenberg"),
    ("Mohamed Yilmaz", "mohamedyilmaz"),
    ("Peter Smit", "petersmit71"),
    ("Lisa Meijer", "lisameijer"),
    ("Kees Mulder", "keesmulder"),
    ("Anna de Boer", "annadeboer"),
    ("Daan Dekker", "daandekker"),
    ("Emma van Dijk", "emmavandijk2001"),
    ("Tim Peters", "timpeters"),
)


def _account(platform: str, name: str, handle: str, *texts: str, url: str | None = None) -> Account:
    clues = of_profile(Profile(platform, handle, name, url))
    for text in texts:
        clues |= of_text(text)
    return Account(platform, clues)


@pytest.mark.parametrize(("name", "handle"), _COMMON)
def test_two_people_with_a_common_name_stay_two(name: str, handle: str) -> None:
    said = "Mijn pakket in Amsterdam is kwijt, wat nu?"
    one = _account("mastodon", name, handle, said)
    other = _account("discourse", name, handle, said)
    assert not compare(one, other).suggested


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (("m", "Tjeerd", "wokkelfabriek"), ("d", "T. H.", "Wokkel_Fabriek"), ("same_handle",)),
        (
            ("m", "Tjeerd Hoogterp-Wouda", "tjeerd", "Pakket in Zwolle kwijt"),
            ("d", "Tjeerd Hoogterp-Wouda", "thw", "Ik woon in Zwolle"),
            ("same_name", "same_city"),
        ),
        (
            ("m", "Jan de Vries", "jan1", "Bestelling 90017723 is niet geleverd"),
            ("d", "J. de Vries", "jdv", "Bestelnummer: 90017723. Waar blijft het?"),
            ("same_order",),
        ),
        (
            ("m", "Piet", "piet1", "Bel me op 06-12345678"),
            ("d", "P.", "pp", "Mijn nummer is +31 6 1234 5678"),
            ("same_phone",),
        ),
        (("m", "Piet", "p1", "mail tjeerd@wouda.example"), ("d", "P.", "p2", "TJEERD@wouda.example"), ("same_email",)),
        (("m", "Els", "elsje", "Ook geplaatst als @kaasknabbel"), ("d", "E", "kaasknabbel"), ("said_so",)),
    ],
)
def test_what_only_one_person_has_is_suggested(
    one: tuple[str, ...], other: tuple[str, ...], reasons: tuple[str, ...]
) -> None:
    found = compare(_account(*one), _account(*other))
    assert found.suggested
    assert found.reasons == reasons


def test_profiles_that_link_to_each_other_are_one_person_and_one_link_alone_is_not_enough() -> None:
    mine = "https://social.example/@kaas"
    theirs = "https://forum.example/u/kaas"
    one = _account("mastodon", "Kaas", "kk", f"Ik schrijf ook op {theirs}.", url=mine)
    other = _account("discourse", "Knabbel", "knab", url=theirs)
    assert compare(one, other).reasons == ("linked",)
    assert not compare(one, other).suggested
    back = _account("discourse", "Knabbel", "knab", f"zie {mine}", url=theirs)
    assert compare(one, back).reasons == ("linked_both_ways",)


@pytest.mark.parametrize(
    "text",
    [
        "Mail naar klantenservice@northwind.example of info@northwind.example",
        "Bel 0800-1234567 of 088 123 45 67",
        "Bestelling 12",
        "Ordernummer 00000000",
        "https://northwind.example/",
    ],
)
def test_what_belongs_to_a_service_is_no_trait_of_a_customer(text: str) -> None:
    assert not of_text(text)


def test_one_platform_gives_a_handle_once_so_equal_names_there_are_two_people() -> None:
    one = _account("mastodon", "Tjeerd Hoogterp-Wouda", "wokkelfabriek@a.example")
    other = _account("mastodon", "Tjeerd Hoogterp-Wouda", "wokkelfabriek@b.example")
    assert not compare(one, other).suggested


def test_bots_and_staff_are_never_taken_for_a_customer() -> None:
    clues = of_profile(Profile("m", "wokkelfabriek"))
    assert not compare(Account("m", clues, is_bot=True), Account("d", clues)).suggested
    assert not compare(Account("m", clues, is_staff=True), Account("d", clues)).suggested


def test_a_trait_that_many_accounts_share_says_nothing() -> None:
    clues = of_text("mail iemand@ergens.example")
    assert compare(Account("m", clues), Account("d", clues)).suggested
    assert not compare(Account("m", clues), Account("d", clues), common=clues).suggested


def test_names_are_compared_without_accents_capitals_stacked_marks_and_directions() -> None:
    assert plain_name("Zoë  HOOGTERP") == plain_name("zoe\u0301\u0302\u0303 \u202ehoogterp") == "zoe hoogterp"
    assert plain_name("Piet") == ""
    assert plain_name("") == plain_name(None) == plain_name("\u202e\u0301") == ""
    assert plain_handle("@Wokkel_Fabriek@social.example") == "wokkelfabriek"
    assert is_common_name("jan van den berg")
    assert not is_common_name("tjeerd hoogterp wouda")
    assert not is_telling_handle("jandevries1980")
    assert is_telling_handle("wokkelfabriek")


_accounts = st.builds(
    Account,
    st.sampled_from(("mastodon", "discourse", "files")),
    st.frozensets(
        st.builds(
            lambda kind, number: f"{kind}:{number}",
            st.sampled_from(
                (
                    "handle",
                    "plainhandle",
                    "called",
                    "name",
                    "commonname",
                    "url",
                    "linked",
                    "as",
                    "email",
                    "order",
                    "city",
                )
            ),
            st.integers(0, 3),
        ),
        max_size=12,
    ),
    st.booleans(),
    st.booleans(),
)


@given(_accounts, _accounts)
def test_comparing_is_the_same_from_both_sides_and_stays_within_its_bounds(one: Account, other: Account) -> None:
    found = compare(one, other)
    assert found == compare(other, one)
    assert 0 <= found.score < 1
    assert bool(found.score) == bool(found.reasons)


@given(_accounts, _accounts)
def test_common_traits_alone_never_reach_the_bar(one: Account, other: Account) -> None:
    shared = ("plainhandle", "called", "commonname", "city")
    plain = [Account(a.platform, frozenset(c for c in a.clues if c.split(":")[0] in shared)) for a in (one, other)]
    assert compare(*plain).score < SUGGESTED_AT


@given(st.text(max_size=300))
def test_any_text_can_be_read_for_clues(text: str) -> None:
    assert len(of_text(text)) <= 20
    of_profile(Profile("m", text, text, text))
