"""Single sign-on end to end: the npm package `oidc-provider`, the real dashboard and a real browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox import people
from inbox.permissions import Role
from screens.gate import COOKIE
from tests.screens.conftest import BROWSER, Served, make_house, serve

pytestmark = pytest.mark.peers
Visit = Callable[..., Any]

PROVIDER = """
import Provider from 'oidc-provider';
const [port, redirect] = process.argv.slice(2);
const people = {
  'jo': { email: 'jo@acme.example', email_verified: true, name: 'Jo de Vries', groups: ['webcare'] },
  'boss': { email: 'sanne@acme.example', email_verified: true, name: 'Sanne de Wit', groups: ['webcare', 'heads'] },
  'guest': { email: 'guest@acme.example', email_verified: true, name: 'Guest', groups: [] },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'klankbord', client_secret: 'a secret of klankbord', redirect_uris: [redirect],
    grant_types: ['authorization_code'], response_types: ['code'] }],
  cookies: { keys: ['keys of the provider'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  findAccount: (_ctx, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
"""
CONFIG = """
public_url: {base}
sign_in:
  oidc:
    issuer: http://127.0.0.1:PORT
    client_id: klankbord
    client_secret: a secret of klankbord
    name: Acme
    scopes: [openid, profile, email, groups]
    role_claim: groups
    roles: {heads: lead, webcare: agent}
    create_users: true
    link_by_email: true
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package; skipped with the reason where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("provider")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    (folder / "provider.js").write_text(PROVIDER)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "oidc-provider@9"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"oidc-provider cannot be installed: {done.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def served(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder, port = tmp_path_factory.mktemp("single_sign_on"), free_port()
    house = make_house(folder)
    people.set_email(house.desk, house.ids["sanne"], "sanne@acme.example")
    for found in serve(folder, house, more=CONFIG.replace("PORT", str(port))):
        command = ["node", "provider.js", str(port), f"{found.base}/oidc/callback"]
        process = subprocess.Popen(command, cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "ready" in line:
                    break
            yield found
        finally:
            process.terminate()
            process.wait(20)
    house.store.close()


def come_in(page: Any, who: str) -> None:
    page.get_by_role("link", name="Sign in with Acme").click()
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill("any password does there")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_new_comes_in_where_they_wanted_to_be(served: Served, visit: Visit) -> None:
    page = visit(path="/login?next=%2Faccount")
    come_in(page, "jo")
    page.get_by_role("heading", name="My account").wait_for()
    page.get_by_text("single sign-on").first.wait_for()
    cookie = next(one for one in page.context.cookies(served.base) if one["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert COOKIE not in page.evaluate("document.cookie")
    user = served.house.inbox.current_user(cookie["value"])
    assert (user.name, user.role.value) == ("Jo de Vries", "agent")
    # Ended here, it ends at the next click, whatever the provider still remembers.
    served.house.inbox.sign_out(cookie["value"])
    page.get_by_role("button", name="Set up a second factor").click()
    page.get_by_text("You are signed out").first.wait_for()


def test_somebody_known_is_linked_and_gets_the_strongest_role(served: Served, visit: Visit) -> None:
    people.add(served.house.desk, login="second", name="Second", role=Role.ADMINISTRATOR)
    page = visit(path="/login")
    come_in(page, "boss")
    page.wait_for_selector(".kb-head")
    cookie = next(one for one in page.context.cookies(served.base) if one["name"] == COOKIE)
    user = served.house.inbox.current_user(cookie["value"])
    assert (user.id, user.role.value) == (served.house.ids["sanne"], "lead")


def test_who_gets_no_role_stays_outside(served: Served, visit: Visit) -> None:
    page = visit(path="/login", locale="nl-NL")
    page.get_by_role("link", name="Inloggen met Acme").click()
    page.locator("input[name=login]").fill("guest")
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("geeft je hier geen rol").wait_for()
    assert COOKIE not in {one["name"] for one in page.context.cookies(served.base)}
    page.goto(served.base + "/")
    page.get_by_label("Wachtwoord").wait_for()


def test_who_turns_back_at_the_provider_is_told(served: Served, visit: Visit) -> None:
    page = visit(path="/login")
    page.get_by_role("link", name="Sign in with Acme").click()
    page.locator("input[name=login]").wait_for()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_text("did not let you in").wait_for()
    assert COOKIE not in {one["name"] for one in page.context.cookies(served.base)}
