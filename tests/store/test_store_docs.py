"""The store's page tells every table and column as they are."""

from __future__ import annotations

from pathlib import Path

from store.describe import reference


def test_the_page_about_the_store_holds_every_table_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    assert page.split("## Tables", 1)[1].split("\n\n", 2)[2] == reference(), (
        "tables changed: replace the section with the output of `python -m store.describe`"
    )
