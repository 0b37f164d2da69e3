"""Pictures of customers over HTTP: to who is signed in, with headers that let a browser keep and run nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from screens import pictures, serve, state
from screens.gate import COOKIE
from store.ingest import commit_page
from store.records import DeletedRecord, MediaRecord, PageCommit
from store.schema import mention
from tests.pictures.making import photo
from tests.pictures.planting import fetch_all
from tests.screens import sample
from tests.screens.conftest import House


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    """The routes behind the gate, as the dashboard mounts them."""
    state.use(lambda: house.inbox)
    server = Starlette(routes=list(pictures.routes(state.inbox)), middleware=list(serve.middleware()))
    client = TestClient(server, base_url="http://klankbord.example", headers={"accept": "image/*"})
    yield client
    client.close()


@pytest.fixture
def link(house: House) -> str:
    sample.customer_writes(house.store, "zo kwam het aan", media=(MediaRecord("image", "https://s.example/a.jpg"),))
    (link,) = fetch_all(house.store, photo())
    return link


def test_only_who_is_signed_in_gets_a_picture(browser: TestClient, house: House, link: str) -> None:
    address = pictures.address(link)
    assert browser.get(address).status_code == 401
    browser.cookies.set(COOKIE, "made up")
    assert browser.get(address).status_code == 401
    browser.cookies.set(COOKIE, house.token("robin"))
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert len(browser.get(pictures.address(link, large=True)).content) > len(answer.content)


def test_signing_out_closes_the_pictures_too(browser: TestClient, house: House, link: str) -> None:
    token = house.token("daan")
    browser.cookies.set(COOKIE, token)
    assert browser.get(pictures.address(link)).status_code == 200
    house.inbox.sign_out(token)
    assert browser.get(pictures.address(link)).status_code == 401


def test_a_browser_can_run_nothing_and_asks_again_each_time(browser: TestClient, house: House, link: str) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    headers = browser.get(pictures.address(link)).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-cache"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    again = browser.get(pictures.address(link), headers={"if-none-match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_erased_picture_is_gone_also_for_who_has_a_copy(browser: TestClient, house: House, link: str) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    etag = browser.get(pictures.address(link)).headers["etag"]
    with house.store.read() as conn:
        row = conn.execute(mention.select().where(mention.c.text == "zo kwam het aan")).one()
    gone = (DeletedRecord(row.external_id, row.namespace),)
    commit_page(house.store, PageCommit(row.source_id, "q", house.store.clock(), deleted=gone))
    assert browser.get(pictures.address(link), headers={"if-none-match": etag}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/pictures/none/small", "/pictures/x/huge", "/pictures/%00/small", "/pictures/1/../x"]
)
def test_what_is_not_there_is_told_so(browser: TestClient, house: House, path: str) -> None:
    browser.cookies.set(COOKIE, house.token("daan"))
    assert browser.get(path).status_code == 404
