"""Filling in a template and the guard before sending: pure decisions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.writing.fill import VARIABLES, clean_initials, fill, first_name, signed, unknown_in, variables_in
from inbox.writing.guard import Limits, inspect

VALUES = {"first_name": "Eva", "agent_name": "Sanne de Wit", "initials": "^SW", "brand": "Northwind", "ticket": "12"}
FREE = Limits()


def test_variables_are_filled_and_what_is_not_known_stays_a_visible_gap() -> None:
    got = fill("Hoi {first_name}, dank! Zie {link}. {initials} {oops}", VALUES)
    assert got.text == "Hoi Eva, dank! Zie {link}. ^SW {oops}"
    assert (got.gaps, got.unknown) == (("link",), ("oops",))


def test_a_value_that_looks_like_a_variable_is_not_filled_again() -> None:
    assert fill("Hoi {name}", {"name": "{initials}", "initials": "^SW"}).text == "Hoi {initials}"


@settings(deadline=None)
@given(st.text(max_size=200), st.dictionaries(st.sampled_from(VARIABLES), st.text(min_size=1, max_size=20)))
def test_what_is_left_standing_is_exactly_what_is_told(text: str, values: dict[str, str]) -> None:
    plain = {name: value.replace("{", "").replace("}", "") for name, value in values.items()}
    got = fill(text, plain)
    assert {name for name, _start, _end in variables_in(got.text)} >= {*got.gaps, *got.unknown}
    assert not {name for name in got.gaps if (plain.get(name) or "").strip()}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Eva de Boer", "Eva"), ("Anne-Marie Vos", "Anne-Marie"), ("Jo", "Jo"), ("مريم علي", "مريم"),
        ("Éva Kiss", "Éva"),
        ("J. Bakker", None), ("klant_083", None), ("de Boer", None), ("PIET", None), ("piet84", None), ("", None),
        ("Dhr. de Wit", None), ("<script>", None), ("🔥🔥", None), ("X", None),
    ],
)  # fmt: skip
def test_a_first_name_is_never_guessed(name: str, found: str | None) -> None:
    assert first_name(name) == found


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Dank je!", "Dank je! ^SW"), ("Dank je! ^SW", "Dank je! ^SW"), ("Dank je! ^sw.", "Dank je! ^sw."),
        ("Dank je!\n^SW", "Dank je!\n^SW"), ("Zie ^SWX", "Zie ^SWX ^SW"), ("", ""), ("  ", "  "),
    ],
)  # fmt: skip
def test_initials_are_put_under_an_answer_once(text: str, after: str) -> None:
    assert signed(text, "SW") == after
    assert signed(after, "SW") == after
    assert signed(text, None) == text


def test_initials_are_a_few_letters() -> None:
    assert clean_initials(" ^sw ") == "SW"
    assert clean_initials(" ") is None
    for wrong in ("S W", "S1", "<b>", "ABCDEF"):
        with pytest.raises(ValueError, match="1 to 5 letters"):
            clean_initials(wrong)


def test_a_variable_that_does_not_exist_is_told() -> None:
    assert unknown_in("Hoi {first_name} {frist_name} {frist_name}") == ("frist_name",)


def codes(text: str, *, visibility: str | None = "public", limits: Limits = FREE, last: str | None = None) -> list[str]:
    return [one.code for one in inspect(text, visibility=visibility, limits=limits, last_answer=last).found]


def test_a_gap_stops_and_an_unknown_variable_asks() -> None:
    found = inspect("Hoi {first_name}, {foo}", visibility="public", limits=FREE, last_answer=None)
    assert [(one.code, one.start, one.end) for one in found.stops] == [("gap", 4, 16)]
    assert found.to_confirm == {"unknown_variable"}


def test_nothing_and_too_much_are_stopped() -> None:
    assert codes("  \n") == ["empty"]
    assert codes("x" * 501, limits=Limits(500)) == ["too_long"]
    assert codes("x" * 500, limits=Limits(500)) == []


def test_length_is_counted_as_the_platform_counts() -> None:
    emoji = "👩‍👩‍👧‍👦"
    assert codes(emoji * 3, limits=Limits(3, "graphemes")) == []
    assert codes(emoji * 3, limits=Limits(3, "code_points")) == ["too_long"]
    assert codes("https://northwind.example/" + "x" * 100, limits=Limits(23, "code_points", 23)) == []
    assert codes("é" * 3, limits=Limits(5, "bytes")) == ["too_long"]


def test_the_same_words_twice_ask_for_a_second_look() -> None:
    assert codes("Dank  je wel!", last="dank je\nWEL!") == ["same_text"]
    assert codes("Dank je", last="Dank je wel!") == []


def test_personal_data_asks_in_public_and_not_in_a_private_message() -> None:
    text = "Je klantnummer is 20031187, bel 06-12345678"
    assert codes(text) == ["order", "phone"]
    assert codes(text, visibility="unlisted") == ["order", "phone"]
    assert codes(text, visibility=None) == ["order", "phone"]
    assert codes(text, visibility="private") == []


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["public", "private", None]))
def test_every_finding_says_where_it_stands(text: str, visibility: str | None) -> None:
    for one in inspect(text, visibility=visibility, limits=FREE, last_answer=None).found:
        assert 0 <= one.start <= one.end <= len(text)
