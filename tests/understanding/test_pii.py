"""Personal data before a public answer: what is found, and what must be left in peace."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understanding.pii import NumberFormError, Pii, find_pii, mask, number_form


def kinds(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in find_pii(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Je IBAN NL91 ABNA 0417 1643 00 klopt", [("iban", "NL91 ABNA 0417 1643 00")]),
        ("rekening NL91ABNA0417164300.", [("iban", "NL91ABNA0417164300")]),
        ("nl91 abna 0417 1643 00 is goed", [("iban", "nl91 abna 0417 1643 00")]),
        ("Your account GB82 WEST 1234 5698 7654 32, right?", [("iban", "GB82 WEST 1234 5698 7654 32")]),
        ("DE89370400440532013000 en BE68 5390 0754 7034", [
            ("iban", "DE89370400440532013000"), ("iban", "BE68 5390 0754 7034")]),
        ("Mail naar piet.jansen@example.nl graag", [("email", "piet.jansen@example.nl")]),
        ("it is jo+shop@mail.example.co.uk.", [("email", "jo+shop@mail.example.co.uk")]),
        ("Bel 06-12345678 even", [("phone", "06-12345678")]),
        ("we called 020 123 4567 twice", [("phone", "020 123 4567")]),
        ("op +31 6 1234 5678", [("phone", "+31 6 1234 5678")]),
        ("call +44 20 7946 0958 please", [("phone", "+44 20 7946 0958")]),
        ("Je BSN 111222333 staat erin", [("bsn", "111222333")]),
        ("uw burgerservicenummer is 1112.22.333", [("bsn", "1112.22.333")]),
        ("het nummer 1112.22.333", [("bsn", "1112.22.333")]),
        ("your citizen service number: 111222333", [("bsn", "111222333")]),
        ("Je ordernummer 4711-2026 is onderweg", [("order", "4711-2026")]),
        ("klantnummer: 20031187", [("order", "20031187")]),
        ("Bestelling #884412 is onderweg", [("order", "884412")]),
        ("klantnr. 8831", [("order", "8831")]),
        ("your order number is AB-100234", [("order", "AB-100234")]),
        ("invoice no. 2026-00412 was paid", [("order", "2026-00412")]),
        ("op 8011 AB 12 wonen jullie", [("address", "8011 AB 12")]),
        ("Wij sturen het naar 8011AB, huisnummer 12a", [("address", "8011AB, huisnummer 12a")]),
        ("Dorpsstraat 12, 1234 AB Zwolle", [("address", "Dorpsstraat 12, 1234 AB")]),
        ("postcode 8011ab nr 7", [("address", "8011ab nr 7")]),
        ("kaart 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
        ("card 5555-5555-5555-4444 expired", [("card", "5555-5555-5555-4444")]),
        ("mail a@b.nl of bel 0612345678", [("email", "a@b.nl"), ("phone", "0612345678")]),
    ],
)  # fmt: skip
def test_personal_data_is_found_where_it_stands(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "We hebben je bericht van 01-02-2026 om 12:30 gelezen.",
        "Op 2026-11-28 12:03:44 was het voorbij.",
        "Dat kost € 1.234,56 per jaar, of 102,88 per maand.",
        "It costs $1,234,567.00 and nothing more.",
        "Je pakket 3SABCD123456789 is onderweg.",
        "Track JVGL06123456780012345 here.",
        "De code is 123456782.",  # passes the elfproef, and nothing says that it is a BSN
        "Levering 111222333 is klaar",
        "Storing 200012345 is opgelost",
        "Open van 09:00-17:00, maandag t/m vrijdag.",
        "Tussen 2024 en 2026 groeiden we; TUSSEN 2024 EN 2026.",
        "1234 AB is een postcode zonder huisnummer.",
        "In 2026 is er 100 GB, of 1024 MB voor 5 euro",
        "Bel gratis 0800-1234 of 088 1234567.",
        "Mail klantenservice@northwind.example of info@northwind.example.",
        "@piet@mastodon.example dank voor je bericht",
        "Lees https://northwind.example/order/1234567890?tel=0612345678",
        "Versie 10.11.12 en ip 192.168.178.21",
        "order 2026 wordt een goed jaar; bestelling 3x",
        "Je bestelling van 12-11-2026 is klaar",
        "account aanmaken kan in 5 minuten",
        "ISBN 9789045037738 en EAN 8710398500052",
        "2000 SA 12 bestaat niet als postcode",
        "Het duurt 10 tot 15 werkdagen, 100% zeker.",
        "Windows 11, iPhone 17, model RT-AX88U 5400",
        "#1234567 en #AVG",
    ],
)  # fmt: skip
def test_dates_prices_codes_and_what_is_public_anyway_are_no_findings(text: str) -> None:
    assert kinds(text) == []


def test_a_bare_number_of_nine_digits_is_never_taken_for_a_bsn() -> None:
    for number in range(100_000_000, 100_000_400):
        assert Pii.BSN not in {one.kind for one in find_pii(f"Je ordernummer is {number}, dank je wel.")}
        assert kinds(f"Zending {number} is bezorgd.") == []


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_findings_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find_pii(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@settings(deadline=None)
@given(
    st.text(alphabet="abcdefgh ijklm.,\n\U0001f600é", max_size=80),
    st.text(alphabet="abcdefgh ijklm.,\n\U0001f600é", max_size=80),
)
def test_an_account_is_found_whatever_words_stand_around_it(before: str, after: str) -> None:
    text = f"{before} NL91 ABNA 0417 1643 00 {after}"
    assert any(one.kind is Pii.IBAN and text[one.start : one.end] == "NL91 ABNA 0417 1643 00" for one in find_pii(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["1 ", "1-", "a@", "NL91 ", "order ", "1234 AB ", "A.", "06-1", "4111 ", "Aa "])
def test_a_long_text_made_to_be_slow_is_read_in_time(piece: str) -> None:
    find_pii(piece * (50_000 // len(piece)))


def test_a_masked_text_tells_what_stood_there_and_nothing_of_it() -> None:
    assert mask("Bel 06-12345678 of mail a@b.nl!") == "Bel [phone] of mail [email]!"
    assert mask("NL91 ABNA 0417 1643 00, 06-12345678", kinds=[Pii.IBAN]) == "[iban], 06-12345678"
    assert mask("niets te zien") == "niets te zien"


def test_a_company_says_how_its_own_numbers_look() -> None:
    forms = (number_form("AC-####-@@"), number_form("########"))
    assert mask("zie ac-1234-xy en 20031187, niet AC-12345-xy of 200311871", forms=forms) == (
        "zie [order] en [order], niet AC-12345-xy of 200311871"
    )


@pytest.mark.parametrize("form", ["###", "", "abc", "#" * 41])
def test_a_form_that_would_find_too_much_is_refused(form: str) -> None:
    with pytest.raises(NumberFormError, match="at least 4 places"):
        number_form(form)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(("a@b.nl", "NL91ABNA0417164300", "06-12345678", "hoi", "klantnr. 8831", "😀")), max_size=8)
)
def test_masking_again_changes_nothing(pieces: list[str]) -> None:
    once = mask(" ".join(pieces))
    assert mask(once) == once
    assert find_pii(once) == ()
