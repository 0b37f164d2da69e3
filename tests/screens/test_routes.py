"""Routes and middleware over real HTTP semantics: sign-in, one-time link, sign-out, gate, headers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from inbox.permissions import Role
from screens import components, serve, state
from screens.components import parts
from screens.gate import COOKIE
from tests.screens.conftest import PASSWORD, House

HTML = {"accept": "text/html", "origin": "http://klankbord.example"}


@pytest.fixture(scope="module")
def server() -> st.App:
    # Streamlit allows one runtime per process.
    serve.apply_settings()
    return st.App(serve.PAGE, routes=serve.routes(), middleware=serve.middleware())


@pytest.fixture
def browser(server: st.App, house: House) -> Iterator[TestClient]:
    state.use(lambda: house.inbox)
    client = TestClient(server, base_url="http://klankbord.example", headers=HTML, follow_redirects=False)
    yield client
    client.close()


def test_without_a_session_every_page_leads_to_sign_in_and_back(browser: TestClient) -> None:
    answer = browser.get("/?c=12")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2F%3Fc%3D12"


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/host-config", "/media/x.csv", "/_stcore/upload_file/a/b"]
)
def test_without_a_session_nothing_else_is_given(browser: TestClient, path: str) -> None:
    assert browser.get(path, headers={"accept": "*/*"}).status_code == 401


def test_without_a_session_the_websocket_is_refused(browser: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream"):
        pass


def test_a_one_time_link_sets_the_password_once_and_signs_in(browser: TestClient, house: House) -> None:
    token = house.person("vera", "Vera Dam", Role.AGENT)
    page = browser.get(f"/welcome/{token}")
    assert page.status_code == 200
    assert "Vera Dam" in page.text
    assert browser.get(f"/welcome/{token}").status_code == 200, "opening a link does not use it up"
    done = browser.post(f"/welcome/{token}", data={"password": PASSWORD, "again": PASSWORD})
    assert done.status_code == 303
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/").status_code == 200
    browser.cookies.clear()
    assert browser.get(f"/welcome/{token}").status_code == 410
    assert browser.post("/login", data={"login": "vera", "password": PASSWORD}).status_code == 303


def test_two_different_passwords_are_not_taken(browser: TestClient, house: House) -> None:
    token = house.person("vera", "Vera Dam", Role.AGENT)
    answer = browser.post(f"/welcome/{token}", data={"password": PASSWORD, "again": PASSWORD + "!"})
    assert answer.status_code == 422
    assert "not the same" in answer.text
    short = browser.post(
        f"/welcome/{token}", data={"password": "kort", "again": "kort"}, headers={"accept-language": "nl"}
    )
    assert "minstens 12 tekens" in short.text
    assert browser.get(f"/welcome/{token}").status_code == 200


def test_a_wrong_password_says_nothing_about_who_exists(browser: TestClient) -> None:
    one = browser.post("/login", data={"login": "sanne", "password": "x" * 20})
    other = browser.post("/login", data={"login": "nobody-here", "password": "x" * 20})
    assert one.status_code == other.status_code == 422
    assert one.text.replace("sanne", "?") == other.text.replace("nobody-here", "?")


@pytest.mark.slow
def test_guessing_is_slowed_down(browser: TestClient) -> None:
    answers = [browser.post("/login", data={"login": "sanne", "password": f"raad {n:020d}"}) for n in range(12)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].text


def test_what_somebody_typed_as_name_comes_back_as_text(browser: TestClient) -> None:
    answer = browser.post("/login", data={"login": '"><script>x</script>', "password": "y" * 12})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ""}, {"sec-fetch-site": "cross-site"}],
)
def test_a_form_from_another_site_is_not_used(browser: TestClient, house: House, headers: dict[str, str]) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    assert browser.post("/logout", headers=headers).status_code == 403
    assert browser.get("/").status_code == 200, "still signed in"


def test_the_inbox_is_also_found_by_its_name(browser: TestClient, house: House) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    answer = browser.get("/inbox?c=12&view=new", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/?c=12&view=new")


def test_signing_out_ends_the_session_itself(browser: TestClient, house: House) -> None:
    token = house.token("daan")
    browser.cookies.set(COOKIE, token)
    assert browser.get("/logout").status_code == 200, "a mere link signs nobody out"
    assert browser.get("/").status_code == 200
    assert browser.post("/logout").headers["location"] == "/login"
    browser.cookies.set(COOKIE, token)
    assert browser.get("/").status_code == 303, "the old cookie is worth nothing"


def test_after_signing_in_one_is_where_one_wanted_to_be(browser: TestClient, house: House) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    assert browser.get("/login?next=%2F%3Fc%3D5").headers["location"] == "/?c=5"
    assert browser.get("/login?next=https%3A%2F%2Fevil.example").headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/login", "/_stcore/health", "/welcome/none", "/static/none.js"])
def test_every_answer_carries_the_headers(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "http:" not in headers["content-security-policy"]


def test_the_sign_in_page_speaks_the_browsers_language(browser: TestClient) -> None:
    dutch = browser.get("/login", headers={"accept-language": "nl-NL,nl;q=0.9"})
    assert '<html lang="nl">' in dutch.text
    assert "Inloggen" in dutch.text
    english = browser.get("/login?lang=en", headers={"accept-language": "nl-NL"})
    assert "Sign in" in english.text


def test_the_sign_in_page_needs_no_script_and_nothing_from_elsewhere(browser: TestClient) -> None:
    page = browser.get("/login")
    assert "<script" not in page.text
    assert "http://" not in page.text.replace("http://klankbord.example", "")
    assert "script-src" not in page.headers["content-security-policy"]
    assert browser.get("/sign-in/style.css").status_code == 200
    assert browser.get("/app/static/inter-latin.woff2").status_code == 200


def test_health_answers_without_a_session(browser: TestClient) -> None:
    assert browser.get("/_stcore/health").text == "ok"


def test_the_files_of_components_are_served_once_and_kept_by_the_browser(browser: TestClient, house: House) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    here = Path(components.__file__).parent
    sources = sorted(here.glob("*/*.js"))
    for source in (here / "outbox.js", *sources, *(path.with_suffix(".css") for path in sources)):
        answer = browser.get(parts.address(source), headers={"accept": "*/*"})
        assert answer.status_code == 200
        assert answer.content == source.read_bytes()
        assert "immutable" in answer.headers["cache-control"]
    wrong = parts.address(sources[0]).replace("/parts/", "/parts/0")
    assert browser.get(wrong, headers={"accept": "*/*"}).status_code == 404


def test_a_redraw_sends_the_address_of_a_component_and_not_its_files() -> None:
    script = Path(components.__file__).parent / "mention_list" / "list.js"
    assert len(parts.script(script)) + len(parts.style(script.with_suffix(".css"))) < 400
