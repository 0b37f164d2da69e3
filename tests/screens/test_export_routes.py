"""Finished exports over HTTP: to who asked for them, whole, as a file that a browser only saves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from inbox import people
from inbox.export import Form
from inbox.export_jobs.views import Wanted
from inbox.permissions import Role
from screens import export_files, serve, state
from screens.gate import COOKIE
from tests.screens.conftest import House
from tests.screens.test_export_page import exporting, work

__all__ = ["exporting"]


@pytest.fixture
def browser(exporting: House) -> Iterator[TestClient]:
    """The routes behind the gate, as the dashboard mounts them."""
    state.use(lambda: exporting.inbox)
    server = Starlette(routes=list(export_files.routes(state.inbox)), middleware=list(serve.middleware()))
    client = TestClient(server, base_url="http://klankbord.example", headers={"accept": "*/*"})
    yield client
    client.close()


def made(house: House) -> int:
    job_id = house.inbox.exports.start(house.token("lotte"), Wanted(form=Form("csv", excel=True)))
    work(house)
    return job_id


def test_only_who_asked_gets_the_file(browser: TestClient, exporting: House) -> None:
    job_id = made(exporting)
    address = export_files.address(job_id)
    assert browser.get(address).status_code == 401
    for login, code in (("daan", 403), ("sanne", 404), ("lotte", 200)):
        browser.cookies.set(COOKIE, exporting.token(login))
        assert browser.get(address).status_code == code
    answer = browser.get(address)
    (job,) = exporting.inbox.exports.all(exporting.token("lotte")).rows
    assert hashlib.sha256(answer.content).hexdigest() == job.sha256
    assert answer.headers["content-disposition"] == f'attachment; filename="{job.name}"'
    assert answer.headers["content-length"] == str(job.size)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = browser.get(export_files.address(job_id, manifest=True)).json()
    assert (told["sha256"], told["rows"]) == (job.sha256, job.rows)
    assert told["dictionary"][0]["columns"][0]["meaning"]


def test_who_lost_the_role_meanwhile_gets_nothing_more(browser: TestClient, exporting: House) -> None:
    address = export_files.address(made(exporting))
    browser.cookies.set(COOKIE, exporting.token("lotte"))
    people.set_role(exporting.desk, exporting.ids["lotte"], Role.AGENT)
    assert browser.get(address).status_code == 403


@pytest.mark.parametrize("path", ["/exports/1/file", "/exports/../etc/passwd", "/exports/x/file", "/exports/-1/file"])
def test_what_is_no_export_is_not_found(browser: TestClient, exporting: House, path: str) -> None:
    browser.cookies.set(COOKIE, exporting.token("lotte"))
    assert browser.get(path).status_code == 404
