"""lengths and links."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.lengths import length
from understanding.links import canonical, links, web_url


def test_lengths_are_counted_in_the_platforms_own_units() -> None:
    family = "👨‍👩‍👧‍👦"
    assert length(family, "graphemes") == 1
    assert length(family, "code_points") == 7
    assert length(family, "utf16") == 11
    assert length(family, "bytes") == 25
    assert length(f"één {family} 1", "emoji_bytes") == 4 + 25 + 2


def test_every_link_counts_for_what_the_platform_says() -> None:
    assert length("zie https://acme.nl/een/heel/lange/link.", "code_points", link_length=23) == 4 + 23 + 1


@given(st.text(max_size=100))
def test_units_are_ordered_from_coarse_to_fine(text: str) -> None:
    assert length(text, "graphemes") <= length(text, "code_points") <= length(text, "utf16") <= length(text, "bytes")


def test_links_leave_the_sentences_punctuation_behind() -> None:
    assert links("Zie (https://a.nl/x_(y)) en http://b.nl/z?q=1.") == ["https://a.nl/x_(y)", "http://b.nl/z?q=1"]


def test_one_page_has_one_spelling() -> None:
    assert canonical("HTTPS://Acme.NL/x?utm_source=a&b=2&a=1#top") == canonical("https://acme.nl/x?a=1&b=2")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.nl", "https://", "//a.nl", "https://u:p@a.nl/", "http://[x"]
)
def test_only_web_pages_without_credentials_become_links(url: str) -> None:
    assert web_url(url) is None


@given(
    st.from_regex(r"https?://[a-z0-9.@:\[\]-]{0,12}(/[ -~]{0,12})?", fullmatch=True)
    | st.text(alphabet="htps:/.@a[]? \n#", max_size=20)
)
def test_a_plain_address_is_told_as_it_is_when_taken_apart(url: str) -> None:
    def fits() -> bool:
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return False
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc

    assert web_url(url) == (url.strip() if fits() else None)
