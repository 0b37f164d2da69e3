"""Cleaning: people's words survive, what breaks stores and screens does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.clean import cut, html_to_text, looks_like_html, one_line, printable, safe_html, tidy, too_deep


def test_paragraphs_breaks_and_lists_become_lines() -> None:
    html = "<p>Hallo <b>wereld</b></p><ul><li>een<li>twee</ul>drie<br>vier"
    assert html_to_text(html) == "Hallo wereld\n\n- een\n- twee\ndrie\nvier"


def test_entities_are_decoded_once() -> None:
    assert html_to_text("Q&amp;A &lt;b&gt; &#x27;s &euro;5") == "Q&A <b> 's €5"
    assert html_to_text("&amp;lt;") == "&lt;"


def test_scripts_and_styles_go_with_their_content() -> None:
    assert html_to_text("voor<script>alert(1)</script><style>p{}</style>na") == "voorna"


def test_the_link_a_platform_hides_from_view_stays_whole_in_the_text() -> None:
    html = '<a href="https://ex.nl/lang"><span class="invisible">https://</span>ex.nl<span>/lang</span></a>'
    assert html_to_text(html) == "https://ex.nl/lang"


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=https://evil.example/pixel.png>",
        '<a href="javascript:alert(1)">x</a>',
        "<svg onload=alert(1)>",
        "<p onclick=alert(1) style='background:url(https://evil.example)'>x</p>",
        "<iframe src=https://evil.example></iframe>",
        "<form action=https://evil.example><input></form>",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    ],
)
def test_safe_html_keeps_nothing_remote_and_nothing_that_runs(hostile: str) -> None:
    cleaned = safe_html(hostile)
    for danger in ("evil.example", "javascript:", "onload", "onclick", "style", "<script", "<form", "data:"):
        assert danger not in cleaned


def test_markup_nested_to_break_parsers_is_read_at_once() -> None:
    nested = "<div>" * 200_000 + "toch leesbaar"
    assert too_deep(nested)
    begun = time.process_time()
    assert html_to_text(nested) == "toch leesbaar"
    assert safe_html(nested) == "toch leesbaar"
    assert time.process_time() - begun < 10, "building a tree of this takes minutes"


def test_nul_control_characters_and_lone_surrogates_are_made_harmless() -> None:
    assert printable("a\x00b\x07c\ud800d\r\ne") == "abc\ufffdd\ne"


def test_emoji_families_flags_and_right_to_left_text_are_left_alone() -> None:
    text = "👨‍👩‍👧‍👦 🇳🇱 مرحبا \u200f\u05e9\u05dc Z̴͓͝a̷l̶g̸o"
    assert "👨‍👩‍👧‍👦" in tidy(text)
    assert "مرحبا" in tidy(text)
    assert "\u200f" in tidy(text)


def test_titles_stand_on_one_line() -> None:
    assert one_line("  Storing\n\tin   de app ") == "Storing in de app"


def test_a_plain_sentence_with_a_smaller_than_sign_is_not_taken_for_html() -> None:
    assert not looks_like_html("5 < 6 en R&D")
    assert looks_like_html("Q&amp;A")
    assert looks_like_html("<b>vet</b>")


def test_a_cut_says_that_it_cut() -> None:
    assert cut("abc", 3) == ("abc", False)
    assert cut("abcd", 3) == ("ab…", True)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_cleaning_twice_changes_nothing_more_and_always_encodes(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\x00" not in once
    once.encode("utf-8")


@given(st.text(alphabet="<>/abpscript ='\"&;#x0 \n", max_size=120))
def test_any_markup_gives_text_that_encodes_and_html_without_script(markup: str) -> None:
    html_to_text(markup).encode("utf-8")
    assert "<script" not in safe_html(markup)
