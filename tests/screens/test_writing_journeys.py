"""Writing in a real browser: nothing typed is lost, nothing private goes out by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox.permissions import Role
from inbox.writing.views import Mode, Scope
from tests.screens import sample
from tests.screens.composing import Visit, at, draft, field, holds, number_of, saved, write
from tests.screens.conftest import BROWSER, Served, make_house, serve

pytestmark = pytest.mark.slow
HOSTILE = sample.HOSTILE


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("writing")
    house = make_house(folder)
    house.person("lotte", "Lotte Lead", Role.LEAD)
    yield from serve(folder, house)
    house.store.close()


def test_a_draft_is_kept_with_a_pause_and_is_there_after_f5_on_another_page_and_in_another_browser(
    served: Served, visit: Visit
) -> None:
    page, number = at(served, visit, "storingskaart")
    write(page, "Hoi Femke,")
    saved(page)
    assert draft(served.house, number) == "Hoi Femke,"
    page.reload()
    field(page).wait_for()
    assert field(page).input_value() == "Hoi Femke,"
    write(page, " goed idee")
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("heading", name="Sources").wait_for()
    page.get_by_role("link", name="Inbox").click()
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    holds(page, "Hoi Femke, goed idee")
    saved(page)
    other, _number = at(served, visit, "storingskaart")
    assert field(other).input_value() == "Hoi Femke, goed idee"


def test_what_is_typed_before_the_composer_listens_is_kept(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "router AND canned")
    page.evaluate(
        """() => { for (const node of document.querySelectorAll('.st-key-composer *')) {
          const box = node.shadowRoot?.querySelector('.box');
          if (box?.kb) { box.kb.stop(); delete box.kb; box.querySelector('textarea').value = 'Te vroeg getypt'; }
        } }"""
    )  # as it stands between the drawing of the field and the coming of its code
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Give back").wait_for()
    holds(page, "Te vroeg getypt")
    saved(page)
    assert draft(served.house, number) == "Te vroeg getypt"


def test_each_conversation_and_each_mode_has_a_draft_of_its_own(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "verhuizen")
    write(page, "Antwoord")
    page.get_by_role("tab", name="Internal note").click()
    assert field(page).input_value() == ""
    write(page, "Notitie")
    saved(page)
    page.get_by_role("tab", name="Answer", exact=True).click()
    assert field(page).input_value() == "Antwoord"
    page.locator(".scroll").focus()
    page.keyboard.press("j")
    page.wait_for_selector(f".kb-head:not([data-conversation='{number}'])")
    page.wait_for_function("() => document.querySelector('.st-key-composer')")
    assert field(page).input_value() == ""
    assert draft(served.house, number) == "Antwoord"
    assert draft(served.house, number, Mode.NOTE) == "Notitie"


def test_what_is_typed_while_the_server_is_away_is_kept_when_it_is_back(tmp_path: Path, chromium: Any) -> None:
    house = make_house(tmp_path)
    running = serve(tmp_path, house)
    first = next(running)
    port = int(first.base.rpartition(":")[2])
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(45_000)
    from screens.gate import COOKIE

    context.add_cookies([{"name": COOKIE, "value": house.token("daan"), "url": first.base}])
    page = context.new_page()
    number = number_of(house, "storingskaart")
    page.goto(f"{first.base}/?view=all&c={number}")
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    write(page, "Voor de storing. ")
    saved(page)
    running.close()
    write(page, "Tijdens de storing. ")
    page.locator(".st-key-composer .state", has_text="Not saved yet, trying again").wait_for()
    running = serve(tmp_path, house, port=port)
    next(running)
    saved(page, within_s=180)  # the browser tries ever less often
    assert field(page).input_value() == "Voor de storing. Tijdens de storing. "
    assert draft(house, number) == "Voor de storing. Tijdens de storing. "
    page.reload()
    field(page).wait_for()
    assert field(page).input_value() == "Voor de storing. Tijdens de storing. "
    context.close()
    running.close()
    house.store.close()


def test_a_template_is_found_by_typing_and_filled_in(served: Served, visit: Visit) -> None:
    admin = served.house.token("sanne")
    keep = served.house.inbox.writing.save_template
    keep(admin, None, name="Storing", text="Hoi {first_name}, we kijken het na.", lang="nl", scope=Scope.SHARED)
    keep(admin, None, name="Terugbellen", text="We bellen je. {initials}", lang="nl", scope=Scope.SHARED)
    page, number = at(served, visit, "wacht", login="lotte")
    field(page).click()
    page.keyboard.press("/")
    page.locator(".picker .row").first.wait_for()
    page.keyboard.type("stor")
    page.locator(".picker .row", has_text="Terugbellen").wait_for(state="detached")
    page.keyboard.press("Enter")
    assert field(page).input_value() == "Hoi Bram, we kijken het na."
    saved(page)
    assert draft(served.house, number, login="lotte") == "Hoi Bram, we kijken het na."
    field(page).fill("")
    page.get_by_role("button", name="Templates").click()
    page.locator(".picker .row", has_text="Terugbellen").click()
    chosen = (
        "() => [...document.querySelectorAll('.st-key-composer *')].map(n => n.shadowRoot?.querySelector('textarea'))"
    )
    got = page.evaluate(f"({chosen})().filter(Boolean).map(a => a.value.slice(a.selectionStart, a.selectionEnd))[0]")
    assert got == "{initials}", "the gap is selected, to be typed over"
    page.keyboard.press("Control+Enter")
    page.locator(".strip", has_text="Something is missing").wait_for()
    assert page.get_by_role("button", name="Send anyway").count() == 0
    assert served.house.inbox.replies.of(admin, number) == ()


def test_personal_data_stops_and_goes_out_only_after_a_second_yes(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "eigen OR gegevens")
    write(page, "Bel ons op 06-12345678")
    page.keyboard.press("Control+Enter")
    strip = page.locator(".strip")
    strip.get_by_text("Phone number").wait_for()
    assert "06-12345678" in strip.inner_text()
    box, admin = served.house.inbox, served.house.token("sanne")
    assert box.replies.of(admin, number) == ()
    page.get_by_role("button", name="Change it").click()
    page.keyboard.type("088 1234567")
    strip.wait_for(state="hidden")
    assert field(page).input_value() == "Bel ons op 088 1234567"
    field(page).fill("Bel ons op 06-12345678")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send anyway").click()
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()
    (view,) = box.replies.of(admin, number)
    assert view.text == "Bel ons op 06-12345678"
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    holds(page, "Bel ons op 06-12345678")


def test_when_the_customer_writes_again_the_send_stops_and_shows_it(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "Eva AND vandaag")
    write(page, "We zoeken het uit.")
    saved(page)
    sample.customer_writes(served.house.store, "Laat maar <b>zitten</b>, het werkt weer.")
    page.keyboard.press("Control+Enter")
    strip = page.locator(".strip", has_text="wrote again")
    strip.wait_for()
    assert "Laat maar <b>zitten</b>, het werkt weer." in strip.inner_text()
    assert field(page).input_value() == "We zoeken het uit."
    assert served.house.inbox.replies.of(served.house.token("sanne"), number) == ()
    page.keyboard.press("Control+Enter")
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()


def test_an_answer_waits_for_a_colleague_who_rejects_it_with_a_reason(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "abonnement", login="iris")
    page.get_by_text("A colleague reads this before it goes out.").wait_for()
    write(page, HOSTILE)
    page.keyboard.press("Control+Enter")
    anyway = page.get_by_role("button", name="Send anyway")
    bubble = page.locator(".bubble[data-state='approval']")
    bubble.or_(anyway).first.wait_for()
    if anyway.count():
        anyway.click()
    bubble.wait_for()
    assert "<script>document.title='taken'</script>" in bubble.inner_text()
    lead = visit("lotte", "/approvals")
    lead.get_by_text("Waits for approval").wait_for()
    assert lead.locator("img[src*='tracker']").count() == 0
    assert lead.title() != "taken"
    assert lead.elsewhere == []
    lead.get_by_role("button", name="Reject").click()
    lead.get_by_label("Why not? The author reads it.").fill("Beloof niets")
    lead.keyboard.press("Enter")
    lead.get_by_text("Beloof niets").wait_for()
    page.reload()
    rejected = page.locator(".bubble[data-state='rejected']")
    rejected.get_by_text("Beloof niets").wait_for()
    rejected.get_by_role("button", name="Write it anew").click()
    rejected.wait_for(state="detached")
    assert draft(served.house, number, login="iris").startswith("<script>")


def test_on_a_phone_the_composer_fits_and_sends(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "bereik", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    field(page).tap()
    page.keyboard.type("Hoi Kees, vervelend!")
    saved(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Other ways to send").tap()
    page.get_by_role("menuitem", name="Send and keep it open").tap()
    page.locator(".bubble").get_by_text("Hoi Kees, vervelend!").wait_for()
    assert field(page).input_value() == ""
    (view,) = served.house.inbox.replies.of(served.house.token("sanne"), number)
    assert view.follow_up == "stay"
