"""Another program holds the write lock: the agent reads what happened, and nothing typed or decided is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.screens.composing import Visit, at, draft, field, saved, write
from tests.screens.conftest import House, Served, decision

HOLD = """
import sys
from store.dialects.sqlite import driver
conn = driver().connect(sys.argv[1], isolation_level=None)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
TOLD = "The store did not answer in time; nothing was changed. Try again in a moment."


@contextmanager
def locked(house: House) -> Iterator[None]:
    """The write lock in the hands of another process."""
    command = [sys.executable, "-c", HOLD, house.url.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline().strip() == "held"
        try:
            yield
        finally:
            holder.stdin.close()


@pytest.mark.slow
def test_a_step_on_a_locked_store_is_refused_in_words_and_works_afterwards(
    app: Callable[..., Any], house: House
) -> None:
    page = app("daan", view="all")
    with locked(house):
        decision(page, "claim").click().run()
        assert TOLD in " ".join(one.body for one in page.get("html"))
        assert not page.exception
        assert decision(page, "claim").label == "Take it"
    decision(page, "claim").click().run()
    assert TOLD not in " ".join(one.body for one in page.get("html"))
    assert decision(page, "release").label == "Give back"


@pytest.mark.slow
def test_reading_goes_on_while_the_store_is_locked(app: Callable[..., Any], house: House) -> None:
    page = app("daan", view="all")
    with locked(house):
        page.run()
        assert not page.exception
        assert any("kb-head" in one.body for one in page.get("html"))


@pytest.mark.slow
def test_what_was_typed_stands_while_the_agent_reads_that_the_store_is_busy(
    served: Served, visit: Callable[..., Any]
) -> None:
    page = visit("daan", path="/?view=all")
    page.wait_for_selector(".kb-head")
    page.get_by_role("button", name="Take it").wait_for()
    page.get_by_role("tab", name="Internal note").click()
    note = page.get_by_role("textbox", name="Internal note")
    note.click()
    page.keyboard.type("Planner gebeld")
    saved(page)  # a draft on its way would wait for the lock before the step does
    with locked(served.house):
        page.get_by_role("button", name="Take it").click()
        page.get_by_text(TOLD).wait_for()
        assert note.input_value() == "Planner gebeld"
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Give back").wait_for()
    assert note.input_value() == "Planner gebeld"


@pytest.mark.slow
def test_an_answer_sent_while_the_store_is_locked_stands_in_the_field_and_goes_out_once_afterwards(
    served: Served, visit: Visit
) -> None:
    page, number = at(served, visit, "storingskaart")
    write(page, "Goed idee, Femke.")
    saved(page)
    with locked(served.house):
        page.keyboard.press("Control+Enter")
        page.locator(".strip", has_text=TOLD).wait_for()
        assert field(page).input_value() == "Goed idee, Femke."
        write(page, " Dank!")
        page.locator(".st-key-composer .state", has_text="Not saved yet, trying again").wait_for()
    saved(page)
    assert draft(served.house, number) == "Goed idee, Femke. Dank!"
    page.keyboard.press("Control+Enter")
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()
    (sent,) = served.house.inbox.replies.of(served.house.token("sanne"), number)
    assert sent.text == "Goed idee, Femke. Dank!"
