"""What the pseudonymised variant hides, keeps and never chokes on."""

from __future__ import annotations

import orjson
import pytest

from inbox.export.veiling import Pseudonyms, Veiled
from store.export_shape import Batch, Column, Kind, Veil

SECRET = Pseudonyms(b"secret of a workspace")
BAD = (
    "", "@" * 100_000, "@" + "a" * 100_000, "@a." * 30_000, "u/" * 50_000, "https://" + "x" * 100_000, "www." * 25_000,
    "😀" * 20_000, "\u202e@piet\u202c", "z̸̡̛͎@a̶l̵g̷o̴" * 500, "\x00@piet\x00", "@Пётр @पीट @皮特",
)  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: ascii(text[:12]))
def test_no_text_is_too_odd(text: str) -> None:
    told = SECRET.prose(text)
    assert SECRET.prose(text) == told
    assert "piet" not in told
    assert "https://" not in told


def test_a_handle_in_a_text_is_the_account_of_that_handle() -> None:
    (said,) = {SECRET.prose(text) for text in ("vraag @Piet", "vraag @piet", "vraag u/PIET")}
    assert said == f"vraag @{SECRET.handle('piet')}"
    assert SECRET.handle("@Piet") == SECRET.handle("piet") != Pseudonyms(b"another").handle("piet")
    assert SECRET.prose("mail naar info@example.nl, om 12:30, 3 a/u") == "mail naar info@example.nl, om 12:30, 3 a/u"


def test_of_a_step_stays_what_names_and_quotes_nobody() -> None:
    before = {
        "status": "open",
        "assignee_id": 7,
        "sla_due_at": "2026-03-10T10:00:00+00:00",
        "facts": {"text": "Beste Piet", "tags": ["late"], "n": 2, "who": ["Piet"]},
    }
    veiled = Veiled((Column("after", Kind.DOCUMENT, "x", veil=Veil.STEP),), (), SECRET)
    ((told, none),) = veiled(Batch([[orjson.dumps(before).decode(), None]], 2)).columns
    assert none is None
    assert orjson.loads(told) == {
        "status": "open",
        "assignee_id": SECRET.of("user", 7),
        "sla_due_at": "2026-03-10T10:00:00+00:00",
        "facts": {"text": "[removed]", "tags": ["late"], "n": 2, "who": ["[removed]"]},
    }
