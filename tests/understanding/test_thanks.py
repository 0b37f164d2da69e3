"""A mere thank-you does not reopen; anything that might be more does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.thanks import is_mere_thanks

THANKS = [
    ("Bedankt!", "nl"),
    ("Dank je wel voor de snelle reactie", "nl"),
    ("Top, dankjewel! Fijn weekend nog 🙂", "nl"),
    ("@acme hartelijk dank", "nl"),
    ("Bedankt Sanne!", "nl"),
    ("thx", "und"),
    ("Thanks a lot, have a great day", "en"),
    ("Thank you so much for your help!", "en"),
    ("Thanks Tom.", "en"),
    ("🙏", "und"),
    ("👍👍", "nl"),
    ("Oké, bedankt voor de uitleg.", "af"),
]
MORE = [
    ("Bedankt voor niks", "nl"),
    ("Bedankt, maar het werkt nog niet", "nl"),
    ("Dank, wanneer komt het?", "nl"),
    ("Bedankt Maar", "nl"),
    ("Thanks but it is still broken", "en"),
    ("Thanks for nothing", "en"),
    ("Top", "nl"),
    ("", "nl"),
    ("ok", "en"),
    ("Thanks. Order 12345 is late too", "en"),
    ("😡", "und"),
    ("Thank you for your reply, please cancel", "en"),
]


@pytest.mark.parametrize(("text", "lang"), THANKS)
def test_a_mere_thank_you_is_recognised(text: str, lang: str) -> None:
    assert is_mere_thanks(text, lang)


@pytest.mark.parametrize(("text", "lang"), MORE)
def test_anything_more_is_not_a_mere_thank_you(text: str, lang: str) -> None:
    assert not is_mere_thanks(text, lang)


@given(st.text(max_size=200), st.sampled_from(["nl", "en", "und"]))
def test_a_question_is_never_a_mere_thank_you(text: str, lang: str) -> None:
    assert not is_mere_thanks(f"Bedankt {text}?", lang)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert is_mere_thanks(text) in {True, False}
