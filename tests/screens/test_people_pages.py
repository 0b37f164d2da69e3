"""My account, People and Record without a browser: what each role sees, what pressing does, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from inbox import people
from inbox.permissions import Role
from inbox.secrecy import Secrecy
from inbox.service import Inbox
from inbox.views import View
from screens import state
from store import mail
from store.schema import outgoing_mail
from tests.screens import sample
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html

Open = Callable[..., Any]


@pytest.fixture
def box(house: House) -> Inbox:
    settings = sample.SETTINGS.model_copy(update={"can_mail": True, "base_url": "https://inbox.acme.example"})
    return Inbox(house.store, settings, secrecy=Secrecy(lambda: ("k" * 40,)))


@pytest.fixture
def page(house: House, box: Inbox) -> Iterator[Open]:
    """A page as somebody: `page("sanne", "people_page")`."""
    from streamlit.testing.v1 import AppTest

    tokens = {"now": ""}
    state.use(lambda: box, token_of=lambda: tokens["now"])

    def go(login: str, name: str) -> Any:
        tokens["now"] = house.token(login)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom screens import {name}\n{name}.draw()\n"
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    yield go
    state.use(lambda: box)


def test_only_administrators_see_the_pages_about_others(app: Open, house: House) -> None:
    for login, sees in (("daan", False), ("sanne", True)):
        app(login)
        user = house.inbox.current_user(house.token(login))
        from screens import navigation

        titles = {place.path for place in navigation.PLACES if user.may(place.needs)}
        assert ({"people", "record"} <= titles) is sees
        assert "account" in titles


def test_pages_about_others_refuse_whoever_opens_them_all_the_same(page: Open) -> None:
    for name in ("people_page", "audit_page"):
        test = page("daan", name)
        assert not test.exception
        assert "Your role (Agent) does not allow this" in html(test)
        assert not test.button


def test_a_second_factor_is_set_up_and_its_recovery_codes_shown_until_they_are_kept(page: Open, house: House) -> None:
    test = page("daan", "account_page")
    test.button(key="factor_begin").click().run()
    secret = test.get("code")[0].value.replace(" ", "")
    test.text_input(key="factor_code").input("123456")
    test.button(key="factor_confirm").click().run()
    assert "That code does not fit" in html(test)
    test.text_input(key="factor_code").input(pyotp.TOTP(secret).now())
    test.button(key="factor_confirm").click().run()
    assert len(test.get("code")[0].value.split()) == 10
    test.button(key="codes_kept").click().run()
    assert not test.get("code")
    assert "On since" in html(test)
    found = people.find(house.desk, "daan")
    assert found.second_factor


def test_somebody_signs_out_everywhere_at_once(page: Open, house: House) -> None:
    elsewhere = house.token("daan")
    page("daan", "account_page").button(key="end_everywhere").click().run()
    from inbox.errors import NotSignedIn

    with pytest.raises(NotSignedIn):
        house.inbox.current_user(elsewhere)


def test_somebody_chooses_of_what_they_are_told_by_mail(page: Open, box: Inbox, house: House) -> None:
    assert "No mail address of yours is known" in html(page("daan", "account_page"))
    box.access.set_email(house.token("sanne"), house.ids["daan"], "daan@shop.example")
    test = page("daan", "account_page")
    assert "They go to daan@shop.example." in html(test)
    assert test.checkbox(key="mail_mentioned").value
    assert not test.checkbox(key="mail_assigned").value
    test.checkbox(key="mail_assigned").check().run()
    test.checkbox(key="mail_mentioned").uncheck().run()
    wanted = [kind.value for kind in box.mail.mine(house.token("daan")).wanted]
    assert wanted == ["approval", "promise_due", "answered", "assigned"]


def test_an_administrator_changes_what_stands_about_somebody(page: Open, house: House) -> None:
    test = page("sanne", "people_page")
    number = house.ids["daan"]
    test.text_input(key=f"email_{number}").input("daan@shop.example").run()
    test.text_input(key=f"initials_{number}").input("DM").run()
    test.toggle(key=f"approval_{number}").set_value(True).run()
    test.selectbox(key=f"role_{number}").set_value(Role.LEAD).run()
    test.selectbox(key=f"team_{number}").set_value("press").run()
    found = people.find(house.desk, "daan")
    assert (found.email, found.initials, found.needs_approval, found.role, found.team_id) == (
        "daan@shop.example", "DM", True, Role.LEAD, "press",
    )  # fmt: skip
    test.text_input(key=f"email_{number}").input("no address").run()
    assert "no mail address" in html(test)
    test.button(key=f"link_{number}").click().run()
    assert "/welcome/" in test.get("code")[0].value
    assert "on its way to Daan Mulder" in html(test)


def test_somebody_is_signed_out_everywhere_by_an_administrator(page: Open, house: House) -> None:
    theirs = house.token("daan")
    test = page("sanne", "people_page")
    test.button(key=f"ends_{house.ids['daan']}").click().run()
    assert "session ended" in html(test) or "sessions ended" in html(test)
    from inbox.errors import NotSignedIn

    with pytest.raises(NotSignedIn):
        house.inbox.current_user(theirs)


def test_the_record_is_filtered_and_read_on(page: Open, house: House) -> None:
    for turn in range(60):
        people.set_email(house.desk, house.ids["daan"], f"d{turn}@shop.example", actor_id=house.ids["sanne"])
    test = page("sanne", "audit_page")
    assert html(test).count("mail address changed") == 50
    test.button(key="record_more").click().run()
    assert html(test).count("mail address changed") == 60
    test.selectbox(key="record_kind").set_value("links").run()
    assert "mail address changed" not in html(test)
    assert "one-time link made" in html(test)
    test.selectbox(key="record_person").set_value(house.ids["robin"]).run()
    assert "Robin Smit" in html(test)
    assert "Iris Prins" not in html(test)


def test_mail_that_did_not_arrive_is_shown_and_sent_again(page: Open, box: Inbox, house: House) -> None:
    box.people.add(house.token("sanne"), login="kim", name="Kim", role=Role.AGENT, email="kim@shop.example")
    now = datetime.now(UTC)
    with house.store.write() as conn:
        number = conn.execute(select(outgoing_mail.c.id)).scalar_one()
        mail.settle(conn, number, mail.UNKNOWN, now=now, error_text="the line broke <b>")
    test = page("sanne", "audit_page")
    assert "may have been sent" in html(test)
    assert "the line broke &lt;b&gt;" in html(test)
    test.button(key=f"again_{number}").click().run()
    assert "tried again within a few seconds" in html(test)
    with house.store.read() as conn:
        assert conn.execute(select(outgoing_mail.c.state)).scalar_one() == "queued"


def test_a_specialist_is_asked_from_the_toolbar_and_taken_back(app: Open, house: House) -> None:
    number = house.inbox.listing(house.token("daan"), View.NEW).cards[0].id
    test = app("daan")
    test.session_state[f"ask_{number}_0"] = True
    test.run()
    test.text_input(key=f"ask_name_{number}").input("Bea")
    test.text_input(key=f"ask_email_{number}").input("bea@factory.example")
    test.text_area(key=f"ask_text_{number}").input("Klopt dit?")
    test.button(key=f"ask_submit_{number}").click().run()
    asked = house.inbox.specialists.questions(house.token("daan"), number)
    assert [(one.name, one.question) for one in asked] == [("Bea", "Klopt dit?")]
    assert any("/ask/" in one.value for one in test.get("code"))
    assert house.inbox.detail(house.token("daan"), number).card.status == "waiting_internal"
