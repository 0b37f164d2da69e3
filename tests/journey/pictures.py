"""Takes the pictures of the documentation again, from the example brand as `make run` shows it: `make pictures`.

It fills the example (two minutes) in a folder of its own, or uses the one named by KLANKBORD_PICTURES, serves the
dashboard, and photographs each screen in `SHOTS` with a real browser. Whoever changes a screen runs it and looks. The
screens speak English as the documentation does, and Dutch where a shot says so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from klankbord import compose
from klankbord.config_file import load_config
from screens.gate import COOKIE, HALF_WAY
from store.schema import user_account
from tests.journey.arranged import Arranged
from tests.journey.house import ROOT, Workspace
from tests.screens.conftest import BROWSER, FLAGS

TARGET = ROOT / "docs" / "screenshots"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
DARK = {"color_scheme": "dark"}
DUTCH = {"locale": "nl-NL"}
WIDE = {"viewport": {"width": 1280, "height": 1400}}
Step = Callable[[Any], None]


def nothing(_page: Any) -> None:
    """Take it as it opens."""


def press(*keys: str) -> Step:
    """Press keys, one after the other, each time until the page is quiet."""

    def step(page: Any) -> None:
        for key in keys:
            page.keyboard.press(key)
            quiet(page)

    return step


@dataclass(frozen=True)
class Shot:
    """A picture: its name, which page, who looks, how, and what is done first.

    `path` may hold names of `Arranged`. `login` is empty for who is not signed in, and `?` for who is half way.
    """

    name: str
    path: str = "/?view=new"
    login: str = "sanne"
    look: dict[str, Any] = field(default_factory=dict)
    step: Step = nothing


def answer(page: Any) -> None:
    """Open a forum topic and begin an answer."""
    page.locator(".card", has=page.locator(".src", has_text="fo")).first.click()
    quiet(page)
    page.keyboard.press("w")
    page.keyboard.type("Hoi! Dit is inmiddels hersteld. We laten je morgen voor 12:00 weten waar het aan lag.")
    page.wait_for_timeout(1_500)


def first_card(page: Any) -> None:
    """Open the first conversation on a phone."""
    page.locator(".card").first.click()
    quiet(page)


def try_a_word(page: Any) -> None:
    """Draw a sample, and see what leaving a word out would do."""
    page.locator(".st-key-tone_draw button").click()
    quiet(page)
    page.locator(".st-key-tone_word input").fill("storing")
    page.locator(".st-key-tone_try button").click()
    page.locator("#kb-recount").wait_for()


def label_some(page: Any) -> None:
    """Label three messages."""
    for key in ("1", "2", "1"):
        page.keyboard.press(key)
        quiet(page)


def export(page: Any) -> None:
    """Ask for an export, and wait until it can be downloaded."""
    page.locator(".st-key-export_start button").click()
    page.locator(".kb-get").first.wait_for(timeout=120_000)


def try_an_alert(page: Any) -> None:
    """Make a rule for alerts and look at what it would have found."""
    page.get_by_role("tab").nth(1).click()
    quiet(page)
    page.locator(".st-key-alert_new button").click()
    quiet(page)
    page.locator(".st-key-alert_form input").first.fill("Storing in een uur")
    page.locator(".st-key-alert_form input").first.press("Tab")
    quiet(page)
    page.locator(".st-key-alert_try button").click()
    page.locator("#kb-alert-trial").wait_for()
    quiet(page)
    page.locator("#kb-alert-trial").scroll_into_view_if_needed()


def search(page: Any) -> None:
    """Search, and open the card that says how."""
    page.locator(".st-key-searchbox input").fill('"geen stroom" OR storing* -compliment')
    page.locator(".st-key-searchbox input").press("Enter")
    quiet(page)
    page.locator(".st-key-queryhelp button").first.click()


def try_a_query(page: Any) -> None:
    """Change a brand's query and test it on what came in."""
    field = page.locator(".st-key-labpage [role=textbox], .st-key-labpage textarea").first
    field.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" -tarieven", delay=30)
    quiet(page)
    page.locator(".st-key-lab_test button").click()
    page.wait_for_timeout(6_000)


def open_report(page: Any) -> None:
    """Download the newest report and open it."""
    with page.expect_download() as taken:
        page.locator('[class*="st-key-report_html_"] button').first.click()
    page.goto("about:blank")
    page.set_content(taken.value.path().read_text("utf-8"))


def set_up_factor(page: Any) -> None:
    """Begin to set up a second factor."""
    page.locator(".st-key-factor_begin button").click()


SHOTS: tuple[Shot, ...] = (
    Shot("inbox-light"),
    Shot("inbox-dark", look=DARK),
    Shot("inbox-undo", step=press("e")),
    Shot("inbox-bulk", step=press("x", "j", "x", "j", "x")),
    Shot("inbox-answer", step=answer),
    Shot("palette", step=press("Control+k")),
    Shot("keys", step=press("?")),
    Shot("focus", step=press("f")),
    Shot("resolved", "/?view=resolved"),
    Shot("empty", "/?view=snoozed"),
    Shot("inbox-dutch", "/?view=new", look=DUTCH),
    Shot("search", "/?view=all", step=search),
    Shot("phone-list", look=PHONE),
    Shot("phone-detail", look=PHONE, step=first_card),
    Shot("templates", "/templates"),
    Shot("approvals", "/approvals", "femke"),
    Shot("entry", "/entry"),
    Shot("team", "/team", "femke"),
    Shot("sources", "/sources", "admin"),
    Shot("teams", "/teams", "admin"),
    Shot("rules", "/rules", "femke"),
    Shot("noise", "/noise", "femke"),
    Shot("tags", "/tags", "femke"),
    Shot("inbox-tone", step=press("t")),
    Shot("tone", "/tone", "femke", step=try_a_word),
    Shot("label", "/label", "femke", step=label_some),
    Shot("themes", "/themes", "femke"),
    Shot("levels", "/levels", "femke"),
    Shot("levels-answers", "/levels?section=answers", "femke"),
    Shot("levels-promised", "/levels?section=promised&by=hour", "femke", look=DARK),
    Shot("trends", "/trends", "femke", look=WIDE),
    Shot("trends-dark", "/trends?period=90d&by=source&step=week", "femke", look={**WIDE, **DARK}),
    Shot("trends-phone", "/trends?period=7d", "femke", look=PHONE),
    Shot("levels-dutch", "/levels", "femke", look=DUTCH),
    Shot("trends-dutch", "/trends", "femke", look={**WIDE, **DUTCH}),
    Shot("reports", "/reports", "femke"),
    Shot("report", "/reports", "femke", look=WIDE, step=open_report),
    Shot("export", "/export", "femke", step=export),
    Shot("alerts", "/alerts", "femke", look=WIDE),
    Shot("alerts-rule", "/alerts", "femke", look=WIDE, step=try_an_alert),
    Shot("query-lab", "/queries", "femke", look=WIDE, step=try_a_query),
    Shot("people", "/people", "admin"),
    Shot("tokens", "/tokens{tokens}", "admin"),
    Shot("privacy", "/privacy?author={customer}", "admin"),
    Shot("record", "/record", "admin"),
    Shot("account", "/account"),
    Shot("account-factor", "/account", step=set_up_factor),
    Shot("sign-in", "/login", ""),
    Shot("welcome", "/welcome/{link}", ""),
    Shot("second-factor", "/second-factor", "?"),
    Shot("ask", "/ask/{question}", "", look=WIDE),
)


def quiet(page: Any) -> None:
    """Wait until nothing runs, nothing is still to be drawn, and the fonts are there."""
    if page.locator('[data-testid="stApp"]').count():
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)
        page.locator('[data-testid="stSkeleton"]').first.wait_for(state="detached", timeout=60_000)
    page.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(done, 700)))")


def take(base: str, config: Path, wanted: tuple[str, ...]) -> None:
    """Take the pictures that are wanted (all when none is named) of a dashboard at `base`."""
    from playwright.sync_api import sync_playwright

    loaded = load_config(config)
    with compose.opened(loaded) as store, sync_playwright() as play:
        desk = compose.desk(store, loaded)
        arranged = Arranged(desk)
        with store.write() as conn:  # the tour greets new people, and these are none
            conn.execute(user_account.update().values(toured_at=desk.clock()))
        browser = play.chromium.launch(executable_path=str(BROWSER), args=FLAGS)
        for shot in SHOTS:
            if wanted and shot.name not in wanted:
                continue
            look = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "timezone_id": "Europe/Amsterdam"}
            context = browser.new_context(**{**look, **shot.look})
            if shot.login == "?":
                context.add_cookies([{"name": HALF_WAY, "value": arranged.ticket(), "url": f"{base}/second-factor"}])
            elif shot.login:
                context.add_cookies([{"name": COOKIE, "value": arranged.session(shot.login), "url": base}])
            page = context.new_page()
            page.goto(base + shot.path.format_map(arranged))
            quiet(page)
            shot.step(page)
            quiet(page)
            page.screenshot(path=str(TARGET / f"{shot.name}.png"))
            context.close()
            sys.stderr.write(f"{shot.name}\n")
        browser.close()


def wait(base: str) -> None:
    """Wait, for a minute at most, until the dashboard answers.

    Raises:
        TimeoutError: it does not.
    """
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"{base}/_stcore/health", timeout=2):  # noqa: S310 - loopback
            return
        time.sleep(0.2)
    msg = f"the dashboard does not answer at {base}"
    raise TimeoutError(msg)


def main(wanted: tuple[str, ...]) -> None:
    """Fill, serve, take, stop."""
    named = os.environ.get("KLANKBORD_PICTURES")
    folder = Path(named) if named else Path(tempfile.mkdtemp(prefix="klankbord-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(folder)
    if not workspace.config.exists():
        workspace.config.write_bytes((ROOT / "config.yaml").read_bytes())
    command = [sys.executable, "-m", "klankbord", "up", "--config", str(workspace.config)]
    up = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert up.stdout is not None
        told = (re.search(r"Klankbord runs at (\S+)\. ", line) for line in up.stdout)
        base = next(found[1] for found in told if found)
        wait(base)
        take(base, workspace.config, wanted)
    finally:
        up.terminate()
        up.wait(60)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
