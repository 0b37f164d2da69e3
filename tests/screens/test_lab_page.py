"""The query lab without a browser: who sees what, what a mistake looks like, and words of others that stay words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from screens.lab_texts import marked
from store.brands import BrandRecord, sync_brands
from store.schema import brand
from tests.screens.conftest import House
from tests.screens.test_rules_page import html, page

App = Callable[..., Any]


def test_a_lead_tests_and_saves_and_an_agent_finds_no_button_to_save(app: App) -> None:
    test = page(app, "daan", "lab_page")
    assert not test.exception
    test.button(key="lab_test").click().run()
    assert "tested" in html(test)
    assert "kb-labsum" in html(test)
    assert "lab_save" not in {one.key for one in test.button}
    test = page(app, "sanne", "lab_page")
    assert test.button(key="lab_save").disabled


def test_each_part_opens(app: App) -> None:
    test = page(app, "sanne", "lab_page")
    for part, said in (
        ("label", "Test this text first"),
        ("proposals", "Learned from"),
        ("sets", "A set goes into the text as words"),
        ("history", "the configuration"),
    ):
        test.button_group(key="lab_section").set_value(part).run()
        assert not test.exception
        assert said in html(test), part


def test_a_set_is_switched_on_in_the_text_and_nothing_is_saved(app: App, house: House) -> None:
    test = page(app, "sanne", "lab_page")
    test.button_group(key="lab_section").set_value("sets").run()
    next(one for one in test.toggle if one.key.startswith("lab_set_jobs-nl")).set_value(True).run()
    assert not test.button(key="lab_save").disabled
    assert house.inbox.lab.open(house.token("sanne"), "northwind").text == "northwind"


def test_brands_with_hostile_names_are_shown_as_they_are_written(app: App, house: House) -> None:
    sync_brands(house.store, [BrandRecord("evil", "<b>**x**</b>", '"<script>alert(1)</script>"')], datetime.now(UTC))
    test = page(app, "sanne", "lab_page")
    test.selectbox(key="lab_brand").set_value("evil").run()
    test.button_group(key="lab_section").set_value("history").run()
    assert not test.exception
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html(test)
    assert "<script>" not in html(test)


def test_without_brands_the_page_says_where_they_come_from(app: App, house: House) -> None:
    with house.store.write() as conn:
        conn.execute(brand.delete())
    assert "No brand is declared yet" in html(page(app, "sanne", "lab_page"))


def test_who_sees_no_figures_is_refused(app: App) -> None:
    assert "does not allow this" in html(page(app, "robin", "lab_page"))


def test_marks_never_let_markup_through() -> None:
    from inbox.views import Mark

    told = marked("<b>acme</b> te koop", [Mark(3, 7)], [Mark(12, 19), Mark(15, 99)])
    assert told == '&lt;b&gt;<mark>acme</mark>&lt;/b&gt; <mark class="against">te koop</mark>'
