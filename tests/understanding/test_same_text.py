"""Our own text is known again as platforms show it, and nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.same_text import same_text

LONG = "Wij kijken ernaar en komen er vandaag nog bij je op terug, uiterlijk om 17.00 uur."


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (LONG, f"@piet@other.example {LONG}"),
        (LONG, f"@piet, {LONG.upper()}"),
        ("Dank je **wel**!\n\n* stap een\n* stap twee", "Dank je wel! stap een stap twee"),
        ('"Zo" hoort het...', "“Zo” hoort het…"),
        ("Kijk op [onze pagina](https://acme.example/hulp)", "Kijk op onze pagina"),
        ("Kijk op https://acme.example/hulp/heel/lang", ["Kijk op ", ".example/hulp/heel/lang"][0]),
        ('[quote="piet, post:1"]vraag[/quote]\n\nJa, dat kan', "Ja, dat kan"),
        ("👍", "👍"),
        (LONG, LONG.replace("uiterlijk", "uiterlyk")),
    ],
)
def test_what_a_platform_makes_of_it_is_still_ours(sent: str, found: str) -> None:
    assert same_text(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("Dank je wel", "Dank je niet"),
        ("👍", "👎"),
        ("", "iets"),
        (LONG, "Wij hebben het opgelost en sluiten dit onderwerp, fijne dag nog en tot ziens bij Acme."),
        ("Ja", "Ja, maar dat geldt niet voor abonnementen van voor 2020"),
    ],
)
def test_other_words_are_not_ours(sent: str, found: str) -> None:
    assert not same_text(sent, found)


@given(st.text(max_size=300))
def test_every_text_is_the_same_as_itself(text: str) -> None:
    assert same_text(text, text)
