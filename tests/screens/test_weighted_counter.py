"""The composer's counter in a browser counts as the server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.connectors.contracts import text_of_contract
from tests.understanding.test_weighted import vectors
from understanding.lengths import length
from understanding.weighted import weighted

pytestmark = pytest.mark.slow

COMPOSER = Path(__file__).parents[2] / "screens/components/composer/composer.js"
COUNT = """async ([source, texts]) => {
  const address = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
  const part = await import(address);
  return texts.map((text) => part.weighted(text));
}"""
ORDINARY = [
    "hallo", "één café", "cafe\u0301", "日本", "Привет", "👍🏽", "👨‍👩‍👧‍👦", "🇳🇱 1️⃣ ©", "https://acme.example/storing?x=1&y=(2)).",
    "kijk op acme.nl.", "mail info@acme.nl", "eerst dit.Daarna dat", "a\r\nb", "http://あいう.com/é", "＠acme ＃nl x.y",  # noqa: RUF001
]  # fmt: skip


def counted(chromium: Any, texts: list[str]) -> list[int]:
    page = chromium.new_page()
    try:
        found: list[int] = page.evaluate(COUNT, [COMPOSER.read_text("utf-8"), texts])
    finally:
        page.close()
    return found


def test_ordinary_texts_count_the_same_in_the_browser(chromium: Any) -> None:
    assert counted(chromium, ORDINARY) == [weighted(text) for text in ORDINARY]


def test_emoji_as_bytes_count_the_same_in_the_browser(chromium: Any) -> None:
    page = chromium.new_page()
    try:
        count = COUNT.replace("part.weighted(text)", 'part.measure(text, "emoji_bytes")')
        found = page.evaluate(count, [COMPOSER.read_text("utf-8"), ORDINARY])
    finally:
        page.close()
    assert found == [length(text, "emoji_bytes") for text in ORDINARY]


def test_the_test_data_of_twitter_text_counts_the_same_in_the_browser(chromium: Any) -> None:
    extract = yaml.safe_load(text_of_contract("twitter-text/conformance/extract.yml"))["tests"]
    known = [(each["text"], each["expected"]["weightedLength"]) for each in vectors()]
    more = [(each["text"], weighted(each["text"])) for suite in extract.values() for each in suite]
    texts = [text for text, _ in (*known, *more)]
    assert counted(chromium, texts) == [number for _, number in (*known, *more)]
