"""From key press to changed page in a real Chromium, beside the least that Streamlit can do, turn by turn.

A time is measured inside the page: from the stamp the browser put on the key press to the first change of the page
that shows what was asked (`watch.js`). Round after round the bare app and the dashboard take turns, so that a busy
machine slows both alike; the ratio is what counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.inbox import split
from benchmarks.inbox.serving import served
from benchmarks.inbox.store import House, house
from benchmarks.report import Figures
from screens.gate import COOKIE

BROWSER = Path(os.environ.get("KLANKBORD_CHROMIUM", "/usr/bin/chromium"))
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
_WATCH = Path(__file__).with_name("watch.js").read_text(encoding="utf-8")
ROUNDS = 40
LOADS = 5
LONGEST_S = 420.0
"""The bench stops asking after so many seconds, however few rounds it got to on a busy machine."""

_VIEWS = ("all", "new", "overdue")
GOALS = {"p50": 150.0, "p95": 300.0, "highlight": 16.0, "load": 2000.0}
BARE = "bare Streamlit: 3 fragments, 1 component"


def run(mentions: int) -> list[Figures]:
    """Measure, and say what the server spent on each action."""
    rounds = ROUNDS if mentions >= 20_000 else 3
    with house(mentions, agents=2) as made, served(made.folder, made.config) as ours, served(made.folder, None) as bare:
        with _chromium() as chromium:
            times = _measure(chromium, made, ours.base, bare.base, rounds)
        runs = ours.runs()
    return [_figures(times, made), split.figures(runs)]


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _context(browser: Any, base: str, token: str) -> Any:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/Amsterdam"
    )
    context.set_default_timeout(60_000)
    context.add_init_script(_WATCH)
    context.add_cookies([{"name": COOKIE, "value": token, "url": base}])
    return context


def _measure(browser: Any, made: House, ours: str, bare: str, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    until = time.monotonic() + LONGEST_S
    _loads(browser, ours, made.tokens[1], times, LOADS if rounds > 3 else 1)
    floor = _context(browser, bare, "").new_page()
    floor.goto(bare)
    floor.wait_for_function("() => window.kb.now('other')")
    page = _context(browser, ours, made.tokens[0]).new_page()
    page.goto(f"{ours}/?view=all")
    page.wait_for_function("() => window.kb.loaded !== null && window.kb.now('row')")
    for number in range(rounds + 2):
        if time.monotonic() > until:
            break
        kept = times if number >= 2 else {}  # the first two rounds warm up what is made at first use
        _press(floor, kept, BARE, "g", "other")
        _view(page, kept, "unassigned")
        for key in ("j", "j", "k"):
            _press(page, kept, "highlight (j, k)", key, "row")
        _press(page, kept, "open the next row (j)", "j", "other")
        _press(page, kept, "assign to me (m)", "m", "version")
        _press(floor, kept, BARE, "g", "other")
        _press(page, kept, "next (g)", "g", "other")
        _press(page, kept, "resolve (e)", "e", "other")
        _view(page, kept, _VIEWS[number % len(_VIEWS)])
    return times


def _press(page: Any, times: dict[str, list[float]], name: str, key: str, what: str) -> None:
    _settle(page)
    page.evaluate("what => window.kb.arm(what)", what)
    page.keyboard.press(key)
    _took(page, times, name)


def _view(page: Any, times: dict[str, list[float]], view: str) -> None:
    _settle(page)
    page.evaluate("what => window.kb.arm(what)", "view")
    page.locator(f"button.view[data-key={view}]").click()
    _took(page, times, "view switch")


def _took(page: Any, times: dict[str, list[float]], name: str) -> None:
    try:
        page.wait_for_function("() => window.kb.took !== null", timeout=20_000)
    except Exception as error:  # whatever hindered it, what the page showed is worth telling
        shown = page.evaluate("() => [window.kb.now('version'), window.kb.now('view'), window.kb.now('row')]")
        notice = page.locator("#kb-notice").all_inner_texts()
        msg = f"{name} changed nothing on the page within 20 s: {shown} {notice}"
        raise RuntimeError(msg) from error
    times.setdefault(name, []).append(float(page.evaluate("() => window.kb.took")))


def _settle(page: Any) -> None:
    """Wait until what was done before is over on screen: nothing runs, and the detail shows the highlighted row."""
    page.wait_for_timeout(160)  # a held key is sent 140 ms later
    page.wait_for_function("() => window.kb.settled()")


def _loads(browser: Any, base: str, token: str, times: dict[str, list[float]], count: int) -> None:
    for _ in range(count):
        context = _context(browser, base, token)
        page = context.new_page()
        for name in ("first load, cold browser", "first load, warm browser"):
            page.goto(f"{base}/?view=all")
            page.wait_for_function("() => window.kb.loaded !== null")
            times.setdefault(name, []).append(float(page.evaluate("window.kb.loaded")))
        context.close()


def _figures(times: dict[str, list[float]], made: House) -> Figures:
    found = Figures(
        f"Inbox: key press to changed page (ms), {made.mentions:,} mentions, {made.open_conversations:,} open",
        ("action", "n", "p50", "p95", "times bare (p50)", "goal p50 / p95", "met"),
    )
    floor = quantile(times[BARE], 0.5)
    order = [BARE, "next (g)", "assign to me (m)", "resolve (e)", "view switch", "open the next row (j)",
             "highlight (j, k)", "first load, cold browser", "first load, warm browser"]  # fmt: skip
    for name in order:
        if name not in times:
            continue
        p50, p95 = quantile(times[name], 0.5), quantile(times[name], 0.95)
        goal, met = _goal(name, p50, p95)
        found.add(name, len(times[name]), p50, p95, p50 / floor, goal, met)
        if met is False:
            found.missed.append(f"{name}: {p50:.0f} / {p95:.0f} ms ({goal}); the bare app {floor:.0f} ms")
    found.notes.append(
        "Goals are for an idle machine; on a busy one read the ratio to the bare app, measured turn by turn."
    )
    return found


def _goal(name: str, p50: float, p95: float) -> tuple[str, bool | None]:
    if name == BARE or "cold" in name:
        return "", None
    if name.startswith("highlight"):
        return "<= 16 (p50)", p50 <= GOALS["highlight"]
    if name.startswith("first load"):
        return "<= 2,000 (p50)", p50 <= GOALS["load"]
    return "<= 150 / 300", p50 <= GOALS["p50"] and p95 <= GOALS["p95"]


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
