"""Access in a real browser: a second factor from QR code to sign-in, signing out elsewhere, a specialist on a phone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest

from inbox.access import codes
from inbox.permissions import Role
from screens.gate import COOKIE
from tests.screens.conftest import BROWSER, PASSWORD, Served, make_house, serve

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("access")
    house = make_house(folder)
    yield from serve(folder, house, more="public_url: {base}\n")
    house.store.close()


def with_password(served: Served, login: str, role: Role = Role.AGENT) -> None:
    token = served.house.person(login, login.title(), role)
    served.house.inbox.use_link(token, PASSWORD, address="127.0.0.1")


def sign_in(page: Any, login: str) -> None:
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def next_code(secret: str) -> str:
    """A code of a step that was not used: the one after the current, which the server takes too."""
    return pyotp.TOTP(secret).at(time.time(), counter_offset=1)


def test_a_second_factor_from_the_qr_code_to_signing_in_with_it(served: Served, visit: Visit) -> None:
    with_password(served, "vera")
    page = visit(path="/login?next=%2Faccount")
    sign_in(page, "vera")
    page.get_by_role("button", name="Set up a second factor").click()
    drawn = page.locator(".kb-qr")
    drawn.wait_for()
    assert drawn.evaluate("image => image.naturalWidth") > 0, "the policy lets the drawing through"
    secret = re.sub(r"\s", "", page.locator(".st-key-accountpage code").first.inner_text())
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_text("That code does not fit").wait_for()
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("button", name="I have kept them").wait_for()
    kept = page.locator(".st-key-accountpage code").first.inner_text().split()
    assert len(kept) == codes.RECOVERY_CODES
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_text("On since").wait_for()
    assert kept[0] not in page.content()
    page.context.clear_cookies()
    page.goto(served.base + "/login?next=%2Faccount")
    sign_in(page, "vera")
    page.get_by_label("Code").fill(next_code(secret))
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("10 recovery codes left").wait_for()
    page.context.clear_cookies()
    page.goto(served.base + "/login?next=%2Faccount")
    sign_in(page, "vera")
    page.get_by_label("Code").fill(kept[0])
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("9 recovery codes left").wait_for()
    assert page.elsewhere == []


def test_signing_out_in_one_tab_ends_the_other_at_its_next_click(served: Served, visit: Visit) -> None:
    first = visit("daan")
    first.wait_for_selector(".kb-head")
    second = first.context.new_page()
    second.goto(served.base + "/login")
    second.wait_for_selector(".kb-head")
    second.get_by_role("button", name="Sign out").click()
    second.get_by_label("Password").wait_for()
    first.locator("[class*='st-key-do_claim'] button").click()
    first.get_by_text("You are signed out").first.wait_for()


def test_signing_out_a_browser_from_another_one(served: Served, visit: Visit) -> None:
    with_password(served, "kim")
    there = visit(path="/login", user_agent="Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/131.0 Safari/537.36 Edg/131.0")
    sign_in(there, "kim")
    there.wait_for_selector(".kb-head")
    here = visit(path="/login?next=%2Faccount")
    sign_in(here, "kim")
    row = here.locator("[class*='st-key-session_']", has_text="Edge on Windows")
    row.get_by_role("button", name="Sign out there").click()
    here.get_by_text("Signed out there").wait_for()
    there.locator("[class*='st-key-do_claim'] button").click()
    there.get_by_text("You are signed out").first.wait_for()


def test_a_specialist_is_asked_over_a_conversation_and_answers_on_a_phone(served: Served, visit: Visit) -> None:
    page = visit("daan")
    page.wait_for_selector(".kb-head")
    number = page.locator(".kb-head").get_attribute("data-conversation")
    page.get_by_role("button", name="Specialist").click()
    page.get_by_label("Name of the specialist").fill("Bea Bakker")
    page.get_by_label("Mail address").fill("bea@factory.example")
    page.get_by_label("Question").fill("Klopt <b>dit</b>?")
    page.get_by_role("button", name="Ask", exact=True).click()
    link = page.locator(".st-key-detailpane code", has_text="/ask/").first
    link.wait_for()
    asked = link.inner_text().strip()
    phone = visit(path=asked.removeprefix(served.base), viewport={"width": 390, "height": 844}, locale="nl-NL")
    phone.get_by_text("Klopt <b>dit</b>?").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing to scroll sideways"
    phone.get_by_label("Je antwoord").fill("Ja, dat klopt.")
    phone.get_by_role("button", name="Verstuur het antwoord").click()
    phone.get_by_text("Dank je wel!").first.wait_for()
    assert phone.elsewhere == []
    page.goto(f"{served.base}/?c={number}")
    page.get_by_text("Ja, dat klopt.").first.wait_for()
    page.get_by_text("Bea Bakker (specialist)").first.wait_for()


def test_pages_of_people_have_no_known_barrier(visit: Visit) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path, marker in (("/people", "People"), ("/record", "Record"), ("/account", "My account")):
        page = visit("sanne", path)
        page.get_by_role("heading", name=marker).wait_for()
        page.wait_for_timeout(500)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
        told = [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]
        assert not told, (path, told)
    for path in ("/login", "/forgotten", "/ask/none"):
        page = visit(path=path)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in found], path
    assert COOKIE not in {one["name"] for one in page.context.cookies()}
