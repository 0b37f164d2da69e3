"""The plain pages of access over real HTTP semantics: second step, forgotten password, single sign-on, a specialist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import streamlit as st
from sqlalchemy import select
from starlette.testclient import TestClient

from inbox import people
from inbox.permissions import Role
from inbox.secrecy import Secrecy
from inbox.service import Inbox
from inbox.settings import OidcSettings, SignInSettings
from inbox.views import View
from screens import browsers, serve, state
from screens.gate import COOKIE, HALF_WAY
from store.schema import outgoing_mail
from tests.screens import sample
from tests.screens.conftest import PASSWORD, House

HTML = {"accept": "text/html", "origin": "http://klankbord.example"}
FOREIGN = [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]


class Turned:
    """A clock that stands a little ahead, so that a code can be used after the one that turned the factor on."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def box(house: House, clock: Turned) -> Inbox:
    settings = sample.SETTINGS.model_copy(
        update={
            "base_url": "http://klankbord.example",
            "can_mail": True,
            "sign_in": SignInSettings(
                second_factor=(Role.ADMINISTRATOR,),
                oidc=OidcSettings(issuer="http://127.0.0.1:1", client_id="x", name="Acme & Co"),
            ),
        }
    )
    return Inbox(house.store, settings, clock=clock, secrecy=Secrecy(lambda: ("k" * 40,)))


@pytest.fixture(scope="module")
def server() -> st.App:
    serve.apply_settings()
    return st.App(serve.PAGE, routes=serve.routes(), middleware=serve.middleware())


@pytest.fixture
def browser(server: st.App, box: Inbox) -> Iterator[TestClient]:
    state.use(lambda: box)
    client = TestClient(server, base_url="http://klankbord.example", headers=HTML, follow_redirects=False)
    yield client
    client.close()


def welcome(browser: TestClient, house: House, login: str, role: Role) -> Any:
    made = people.add(house.desk, login=login, name=login.title(), role=role)
    return browser.post(f"/welcome/{made.token}", data={"password": PASSWORD, "again": PASSWORD})


def secret_of(page: str) -> str:
    found = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def test_a_role_that_demands_a_second_factor_sets_it_up_before_any_page(
    browser: TestClient, house: House, clock: Turned
) -> None:
    answer = welcome(browser, house, "vera", Role.ADMINISTRATOR)
    assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if HALF_WAY in one)
    assert "HttpOnly" in cookie
    assert COOKIE not in browser.cookies
    assert browser.get("/").status_code == 303, "half way opens nothing"
    page = browser.get("/second-factor")
    assert "<svg" in page.text
    assert "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    secret = secret_of(page.text)
    assert browser.post("/second-factor", data={"code": "000000"}).status_code == 422
    done = browser.post("/second-factor", data={"code": pyotp.TOTP(secret).at(clock())})
    codes = re.findall(r"<li><code>([A-Z2-7-]+)</code>", done.text)
    assert len(codes) == 10
    assert COOKIE in browser.cookies
    assert browser.get("/").status_code == 200
    browser.cookies.clear()
    again = browser.post("/login?next=%2F%3Fc%3D5", data={"login": "vera", "password": PASSWORD})
    assert again.headers["location"] == "/second-factor?next=%2F%3Fc%3D5"
    in_with = browser.post("/second-factor?next=%2F%3Fc%3D5", data={"code": codes[0]})
    assert in_with.headers["location"] == "/?c=5"
    assert browser.get("/").status_code == 200


def test_the_second_step_needs_its_ticket_and_our_own_form(browser: TestClient, house: House, clock: Turned) -> None:
    assert browser.get("/second-factor").headers["location"] == "/login"
    browser.cookies.set(HALF_WAY, "made up", path="/second-factor")
    assert browser.get("/second-factor").headers["location"] == "/login"
    browser.cookies.clear()
    welcome(browser, house, "vera", Role.ADMINISTRATOR)
    secret = secret_of(browser.get("/second-factor").text)
    for headers in FOREIGN:
        code = pyotp.TOTP(secret).at(clock())
        assert browser.post("/second-factor", data={"code": code}, headers=headers).status_code == 403
    assert COOKIE not in browser.cookies


def test_guessing_codes_ends_in_waiting(browser: TestClient, house: House) -> None:
    welcome(browser, house, "vera", Role.ADMINISTRATOR)
    browser.get("/second-factor")
    answers = [browser.post("/second-factor", data={"code": f"{n:06d}"}).status_code for n in range(7)]
    assert answers[:5] == [422] * 5
    assert answers[-1] == 429


def test_the_sign_in_page_offers_what_there_is(browser: TestClient) -> None:
    page = browser.get("/login?next=%2F%3Fc%3D5").text
    assert "Sign in with Acme &amp; Co" in page
    assert 'href="/oidc/start?next=%2F%3Fc%3D5"' in page
    assert 'href="/forgotten"' in page


def test_asking_for_a_link_answers_the_same_for_everybody(browser: TestClient, house: House) -> None:
    people.set_email(house.desk, house.ids["daan"], "daan@shop.example")
    known = browser.post("/forgotten", data={"login": "daan"})
    unknown = browser.post("/forgotten", data={"login": "nobody"})
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    for headers in FOREIGN:
        assert browser.post("/forgotten", data={"login": "daan"}, headers=headers).status_code == 403
    with house.store.read() as conn:
        sent = conn.execute(select(outgoing_mail)).all()
    assert [one.to_address for one in sent] == ["daan@shop.example"]
    token = sent[0].text.split("/welcome/")[1].split()[0]
    assert "Daan Mulder" in browser.get(f"/welcome/{token}").text
    answers = [browser.post("/forgotten", data={"login": "daan"}).status_code for _ in range(4)]
    assert answers[-1] == 429


def test_a_provider_that_does_not_answer_is_told_in_words(browser: TestClient) -> None:
    answer = browser.get("/oidc/start", headers={"accept-language": "nl"})
    assert answer.status_code == 403
    assert "antwoordt niet" in answer.text
    back = browser.get("/oidc/callback?state=x&code=y")
    assert back.status_code == 403
    assert "Begin again" in back.text
    assert COOKIE not in browser.cookies


@pytest.fixture
def question(box: Inbox, house: House) -> tuple[str, int]:
    token = house.token("daan")
    card = box.listing(token, View.NEW).cards[0]
    asked = box.specialists.ask(
        token, card.id, name="Bea <b>Bakker", email="bea@factory.example", question="Klopt <script>dit</script>?"
    )
    return asked.token, card.id


def test_a_specialist_answers_once_without_an_account(
    browser: TestClient, box: Inbox, house: House, question: tuple[str, int]
) -> None:
    token, number = question
    page = browser.get(f"/ask/{token}", headers={"accept-language": "nl"})
    assert page.status_code == 200
    assert "Klopt &lt;script&gt;dit&lt;/script&gt;?" in page.text
    assert "<script" not in page.text
    assert "Bea &lt;b&gt;Bakker" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert COOKIE not in browser.cookies
    for headers in FOREIGN:
        assert browser.post(f"/ask/{token}", data={"answer": "x"}, headers=headers).status_code == 403
    assert browser.post(f"/ask/{token}", data={"answer": "  "}).status_code == 422
    done = browser.post(f"/ask/{token}", data={"answer": "Ja, <b>altijd</b>.\r\nGroet"})
    assert (done.status_code, "Daan Mulder" in done.text) == (200, True)
    notes = box.detail(house.token("daan"), number).notes
    assert [(one.author.name, one.text) for one in notes][-1] == (
        "Bea <b>Bakker (specialist)", "Ja, <b>altijd</b>.\nGroet",
    )  # fmt: skip
    used = browser.get(f"/ask/{token}")
    assert (used.status_code, "answered already" in used.text) == (410, True)
    assert browser.post(f"/ask/{token}", data={"answer": "nog een"}).status_code == 410
    assert browser.get("/").status_code == 303, "the link opens nothing else"


def test_a_question_taken_back_or_made_up_is_told_politely(
    browser: TestClient, box: Inbox, house: House, question: tuple[str, int]
) -> None:
    token, number = question
    mine = house.token("daan")
    box.specialists.take_back(mine, box.specialists.questions(mine, number)[0].id)
    taken = browser.get(f"/ask/{token}")
    assert (taken.status_code, "no longer needs" in taken.text) == (410, True)
    made_up = browser.get("/ask/made-up")
    assert (made_up.status_code, "does not lead to a question" in made_up.text) == (410, True)
    answers = [browser.get(f"/ask/guess{n}").status_code for n in range(22)]
    assert answers[-1] == 429


@pytest.mark.parametrize("path", ["/second-factor", "/forgotten", "/oidc/start", "/oidc/callback", "/ask/none"])
def test_every_answer_carries_the_headers(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) Version/17.1 Safari/605.1", ("Safari", "macOS")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) CriOS/131.0 Safari/604.1", ("Chrome", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", ("Firefox", "Linux")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent: str, told: tuple[str, str]) -> None:
    assert (browsers.browser(agent), browsers.system(agent)) == told
