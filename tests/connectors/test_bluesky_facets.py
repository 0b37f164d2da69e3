from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bluesky.facets import Sort, facets, handles, pieces

ALPHABET = st.sampled_from([*"ab1 .,@#(/)\n", "é", "😀", "👩‍👩‍👧", "https://", "@jo.example", "#tag", "ش"])
DIDS = {"jo.example": "did:plc:jo"}


def found(text: str) -> list[tuple[str, str]]:
    return [(each.sort.name, each.value) for each in pieces(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("zie https://acme.example/a?b=c#d.", [("LINK", "https://acme.example/a?b=c#d")]),
        ("(https://acme.example/a_(b))", [("LINK", "https://acme.example/a_(b)")]),
        ("hoi @Jo.Example, dank", [("MENTION", "jo.example")]),
        ("mail jo@jo.example", []),
        ("@jo en @jo.", []),
        ("#storing, #2026 #a1!", [("TAG", "storing"), ("TAG", "a1")]),
        ("a#b c", []),
        ("＃wide", [("TAG", "wide")]),  # noqa: RUF001
        ("https://a.example/@jo.example/#tag", [("LINK", "https://a.example/@jo.example/#tag")]),
        ("#" + "x" * 65, []),
        ("https://", []),
        ("", []),
    ],
)
def test_what_can_be_clicked_is_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(text) == wanted


def test_a_facet_is_counted_in_bytes_of_utf_8() -> None:
    text = "👩‍👩‍👧 é @jo.example"
    (facet,) = facets(text, DIDS)
    assert isinstance(facet, dict)
    index = facet["index"]
    assert isinstance(index, dict)
    assert text.encode()[index["byteStart"] : index["byteEnd"]].decode() == "@jo.example"  # type: ignore[misc]
    assert facet["features"] == [{"$type": Sort.MENTION.value, "did": "did:plc:jo"}]


def test_a_handle_of_nobody_stays_plain_text() -> None:
    assert facets("@nobody.example", DIDS) == []


def test_a_handle_named_twice_is_asked_for_once() -> None:
    assert handles("@jo.example en @JO.example") == ["jo.example"]


@given(st.lists(ALPHABET).map("".join))
def test_every_facet_cuts_whole_letters_in_order_and_without_overlap(text: str) -> None:
    last = 0
    for facet in facets(text, DIDS):
        assert isinstance(facet, dict)
        index = facet["index"]
        assert isinstance(index, dict)
        start, end = index["byteStart"], index["byteEnd"]
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert last <= start < end
        assert text.encode()[start:end].decode() in text
        last = end
