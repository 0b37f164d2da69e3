"""What each role sees and may do: the table of permissions, tried at the doors of the inbox and in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox.errors import NotAllowed
from inbox.kpis.views import Asked
from inbox.permissions import PERMISSIONS, Permission, Role
from inbox.views import View
from inbox.writing.views import Scope
from screens.navigation import PLACES
from tests.screens.composing import Visit, at
from tests.screens.conftest import BROWSER, House, Served, make_house, serve

P, R = Permission, Role
EVERYBODY = frozenset(Role)
# The table as product.md and docs tell it: who may do what. A change of it is a decision, so it stands here once more.
MAY: Mapping[Permission, frozenset[Role]] = {
    P.READ: EVERYBODY,
    P.NOTE: EVERYBODY - {R.READ_ONLY, R.ANALYST},
    P.REPLY: EVERYBODY - {R.READ_ONLY, R.ANALYST},
    P.WORK: frozenset({R.AGENT, R.LEAD, R.ADMINISTRATOR}),
    P.SEND: frozenset({R.AGENT, R.LEAD, R.ADMINISTRATOR}),
    P.FIGURES: EVERYBODY - {R.READ_ONLY, R.SPECIALIST},
    P.EXPORT: frozenset({R.ANALYST, R.LEAD, R.ADMINISTRATOR}),
    P.APPROVE: frozenset({R.LEAD, R.ADMINISTRATOR}),
    P.TAKE_OVER: frozenset({R.LEAD, R.ADMINISTRATOR}),
    P.MANAGE_WORK: frozenset({R.LEAD, R.ADMINISTRATOR}),
    P.MANAGE_QUERIES: frozenset({R.ANALYST, R.LEAD, R.ADMINISTRATOR}),
    P.MANAGE_SETTINGS: frozenset({R.ADMINISTRATOR}),
    P.MANAGE_USERS: frozenset({R.ADMINISTRATOR}),
    P.PRIVACY: frozenset({R.ADMINISTRATOR}),
    P.AUDIT: frozenset({R.ADMINISTRATOR}),
}


def week() -> dict[str, datetime]:
    return {"since": datetime.now(UTC) - timedelta(days=7), "until": datetime.now(UTC)}


def first(house: House) -> Any:
    return house.inbox.listing(house.token("sanne"), View.NEW, limit=30).cards


def answerable(house: House) -> Any:
    return next(card for card in first(house) if card.platform == "mastodon")


def waiting_answer(house: House) -> int:
    """An answer of the specialist that waits for a colleague."""
    card = answerable(house)
    done = house.inbox.replies.send(house.token("iris"), card.id, text="Wij kijken het na", version=card.version)
    return int(done.params["outbox_id"])


def taken_by_another(house: House) -> int:
    number = int(first(house)[0].id)
    house.inbox.claim(house.token("daan"), number)
    return number


def an_author(house: House) -> int:
    found = house.inbox.detail(house.token("sanne"), answerable(house).id)
    assert found.author is not None
    return found.author.id


STEPS: Mapping[Permission, Callable[[House, str], Any]] = {
    P.READ: lambda house, who: house.inbox.listing(who, View.ALL),
    P.NOTE: lambda house, who: house.inbox.add_note(who, first(house)[0].id, "Gebeld."),
    P.WORK: lambda house, who: house.inbox.resolve(who, first(house)[0].id),
    P.REPLY: lambda house, who: house.inbox.replies.send(
        who, answerable(house).id, text="Wij kijken het na", version=answerable(house).version
    ),
    P.FIGURES: lambda house, who: house.inbox.figures.values(who, Asked(**week())),
    P.EXPORT: lambda house, who: house.inbox.exports.all(who),
    P.APPROVE: lambda house, who: house.inbox.replies.approve(who, waiting_answer(house)),
    P.MANAGE_WORK: lambda house, who: house.inbox.writing.save_template(
        who, None, name="Voor allen", text="Hoi", scope=Scope.SHARED
    ),
    P.MANAGE_QUERIES: lambda house, who: house.inbox.lab.dismiss(
        who, house.inbox.lab.brands(house.token("sanne"))[0].id, "voetbal"
    ),
    P.MANAGE_SETTINGS: lambda house, who: house.inbox.listening.pause(who, "forum"),
    P.MANAGE_USERS: lambda house, who: house.inbox.people.users(who),
    P.PRIVACY: lambda house, who: house.inbox.privacy.subject_access(who, an_author(house)),
    P.AUDIT: lambda house, who: house.inbox.access.record(who),
}


def as_role(house: House, role: Role) -> str:
    house.person(f"x{role.value}", "Xandra Vos", role)
    return house.token(f"x{role.value}")


def test_the_table_of_permissions_is_the_one_that_was_decided() -> None:
    assert set(MAY) == set(Permission)
    assert {one: {role for role in Role if one in PERMISSIONS[role]} for one in Permission} == MAY


@pytest.mark.parametrize("permission", STEPS, ids=str)
@pytest.mark.parametrize("role", Role, ids=str)
def test_a_role_may_do_exactly_what_the_table_says(house: House, role: Role, permission: Permission) -> None:
    who = as_role(house, role)
    if role in MAY[permission]:
        STEPS[permission](house, who)
    else:
        with pytest.raises(NotAllowed):
            STEPS[permission](house, who)


@pytest.mark.parametrize("role", Role, ids=str)
def test_what_a_colleague_has_is_taken_over_by_who_leads_only(house: House, role: Role) -> None:
    number, who = taken_by_another(house), as_role(house, role)
    if role in MAY[P.TAKE_OVER]:
        house.inbox.claim(who, number, take_over=True)
    else:
        with pytest.raises(NotAllowed):
            house.inbox.claim(who, number, take_over=True)


@pytest.mark.parametrize("role", sorted(MAY[P.REPLY]), ids=str)
def test_an_answer_of_who_may_not_send_waits_for_a_colleague(house: House, role: Role) -> None:
    done = STEPS[P.REPLY](house, as_role(house, role))
    (sent,) = house.inbox.replies.of(house.token("sanne"), done.conversation_id)
    assert sent.state == ("queued" if role in MAY[P.SEND] else "approval")


# --- in the browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("roles")
    house = make_house(folder)
    for role in Role:
        as_role(house, role)
    yield from serve(folder, house)
    house.store.close()


@pytest.mark.slow
@pytest.mark.parametrize("role", Role, ids=str)
def test_a_role_sees_its_pages_and_buttons_and_no_others(served: Served, visit: Visit, role: Role) -> None:
    writes = role in MAY[P.NOTE]
    if writes:
        page, number = at(served, visit, "bereik", login=f"x{role.value}")
    else:
        page = visit(f"x{role.value}", "/?view=all")
        page.wait_for_selector(".kb-head")
        number = int(page.locator(".kb-head").get_attribute("data-conversation"))
        page.locator(".card.on").wait_for()
        page.get_by_text("Timeline").first.wait_for()
    seen = {place.path for place in PLACES if role in MAY[place.needs] and place.listed}
    assert paths_in_menu(page) == seen
    works = role in MAY[P.WORK]
    assert (page.get_by_role("button", name="No answer needed").count() > 0) is works
    assert (page.get_by_role("button", name="Next for me").count() > 0) is works
    assert (page.get_by_role("link", name="New entry").count() > 0) is works
    assert (page.locator(".st-key-composer").count() > 0) is writes
    assert (page.get_by_role("tab", name="Answer", exact=True).count() > 0) is (role in MAY[P.REPLY])
    assert (page.get_by_role("tab", name="Answered by hand").count() > 0) is works
    if not works:
        page.locator(".scroll").focus()
        page.keyboard.press("e")
        page.get_by_text("does not allow this").wait_for()
        assert served.house.inbox.detail(served.house.token("sanne"), number).card.status == "new"
    for place in PLACES:
        if role not in MAY[place.needs]:
            page.goto(f"{served.base}/{place.path}")
            page.get_by_text("Page not found").first.wait_for()


def paths_in_menu(page: Any) -> set[str]:
    """Where the menu leads, with what stands in its drop-downs."""
    found: set[str] = set()
    sections = page.get_by_test_id("stTopNavSection")
    for at_section in range(sections.count()):
        sections.nth(at_section).click()
        page.get_by_test_id("stTopNavDropdownLink").first.wait_for()
        found |= _paths(page.get_by_test_id("stTopNavDropdownLink"))
        page.keyboard.press("Escape")
    return found | _paths(page.get_by_test_id("stTopNavLink"))


def _paths(links: Any) -> set[str]:
    hrefs = links.evaluate_all("nodes => nodes.map(node => new URL(node.href).pathname)")
    return {href.strip("/") or "inbox" for href in hrefs}
