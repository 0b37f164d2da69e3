"""Two people at one customer, in two browsers: each sees the other, one answer goes out, and no text is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inbox.permissions import Role
from tests.screens.composing import Visit, at, draft, field, saved, write
from tests.screens.conftest import BROWSER, PASSWORD, Served, make_house, serve

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("two")
    house = make_house(folder)
    for login, name in (("lotte", "Lotte Jansen"), ("tom", "Tom Vis")):
        house.inbox.use_link(house.person(login, name, Role.AGENT), PASSWORD, address="127.0.0.1")
    yield from serve(folder, house)
    house.store.close()


def test_who_writes_is_seen_in_list_and_detail_and_the_second_answer_is_stopped_with_its_text_kept(
    served: Served, visit: Visit
) -> None:
    one, number = at(served, visit, "verhuizen", login="lotte")
    other, _number = at(served, visit, "verhuizen", login="tom")
    write(one, "Twee weken van tevoren is genoeg.")
    other.locator(f"#c{number}").get_by_title("Lotte Jansen is writing").wait_for()
    write(other, "Een maand van tevoren.")
    other.locator("#kb-around", has_text="Lotte Jansen is writing").wait_for()
    one.locator(f"#c{number}").get_by_title("Tom Vis is writing").wait_for()
    saved(other)
    one.keyboard.press("Control+Enter")
    one.get_by_text("Your answer goes out in ten seconds.").wait_for()
    other.keyboard.press("Control+Enter")
    other.locator(".strip", has_text="An answer of Lotte Jansen is on its way.").wait_for()
    assert field(other).input_value() == "Een maand van tevoren."
    other.locator(".bubble", has_text="Twee weken van tevoren is genoeg.").wait_for()
    (only,) = served.house.inbox.replies.of(served.house.token("sanne"), number)
    assert only.text == "Twee weken van tevoren is genoeg."
    assert draft(served.house, number, login="tom") == "Een maand van tevoren."


def test_a_conversation_resolved_while_one_types_is_told_at_the_send_and_the_draft_is_kept(
    served: Served, visit: Visit
) -> None:
    page, number = at(served, visit, "storingskaart", login="tom")
    write(page, "Goed idee, ik geef het door.")
    saved(page)
    served.house.inbox.resolve(served.house.token("lotte"), number)
    page.keyboard.press("Control+Enter")
    page.locator(".strip", has_text="This conversation changed since you opened it.").wait_for()
    page.locator(".kb-badges", has_text="Resolved").wait_for()
    assert field(page).input_value() == "Goed idee, ik geef het door."
    page.keyboard.press("Control+Enter")
    page.locator(".strip", has_text="Reopen this conversation before you answer.").wait_for()
    assert served.house.inbox.replies.of(served.house.token("sanne"), number) == ()
    assert draft(served.house, number, login="tom") == "Goed idee, ik geef het door."
    page.get_by_role("button", name="Reopen").click()
    page.get_by_role("button", name="No answer needed").wait_for()
    assert field(page).input_value() == "Goed idee, ik geef het door."
    page.keyboard.press("w")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()


def test_signing_out_in_another_tab_stops_the_send_and_the_text_is_there_after_signing_in_again(
    served: Served, visit: Visit
) -> None:
    page, number = at(served, visit, "bereik", login="tom")
    write(page, "Wij kijken het na voor uw traject.")
    saved(page)
    second = page.context.new_page()
    second.goto(f"{served.base}/logout")
    second.get_by_role("button", name="Sign out").click()
    second.get_by_label("Password").wait_for()
    write(page, " Tot zo.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("You are signed out. Sign in again; what you typed is still here.").first.wait_for()
    assert served.house.inbox.replies.of(served.house.token("sanne"), number) == ()
    page.goto(f"{served.base}/login?next=%2F%3Fview%3Dall%26c%3D{number}")
    page.get_by_label("Name").fill("tom")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    field(page).wait_for()
    assert field(page).input_value() == "Wij kijken het na voor uw traject. Tot zo."
