"""`klankbord connect` and `disconnect` as processes, against a platform and a played browser on loopback."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import yaml

from store.engine import utc_now
from tests.connecting.plaza import Plaza, served
from tests.connecting.shell import Shell, allowed, browse, parameters

pytestmark = pytest.mark.timeout(180)
ADDED = """\
  - id: plaza
    connector: plaza
    url: {url}
    rooms:
    - square
"""


@pytest.fixture
def plaza() -> Plaza:
    return Plaza(utc_now)


@pytest.fixture
def at_plaza(plaza: Plaza) -> Iterator[str]:
    with served(plaza) as url:
        yield url


@pytest.fixture
def shell(tmp_path: Path, at_plaza: str) -> Shell:
    """On SQLite, in a folder of its own."""
    return Shell(tmp_path, "sqlite:///data/test.db", at_plaza)


@pytest.mark.slow
def test_an_account_is_connected_kept_written_and_tried(
    tmp_path: Path, empty_store_url: str, at_plaza: str, plaza: Plaza
) -> None:
    shell = Shell(tmp_path, empty_store_url, at_plaza)
    before = shell.config_file.read_text("utf-8")
    plaza.post("acme is down")
    running = shell.connect()
    page = browse(running.address())
    assert page.status_code == 200
    assert "You may close this tab" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    code, out = running.end()
    assert code == 0, running.said
    assert "Connected plaza as acme on the plaza" in out
    assert "✓ Reading posts works." in running.said
    assert "✓ Posts: 1 items on the first page" in running.said
    kept = shell.kept()
    assert kept is not None
    assert kept.values is not None
    assert kept.values["refresh_token"] == plaza.refresh
    assert kept.ends_at is not None
    assert timedelta(minutes=100) < kept.ends_at - utc_now() <= timedelta(hours=2)
    after = shell.config_file.read_text("utf-8")
    assert after == before.replace("# quoted\n", "# quoted\n" + ADDED.format(url=at_plaza))
    assert [source.id for source in shell.loaded().sources] == ["news", "plaza"]


@pytest.mark.slow
def test_nothing_secret_is_printed_or_written(shell: Shell) -> None:
    running = shell.connect("--json")
    browse(running.address())
    code, out = running.end()
    assert code == 0
    told = json.loads(out)
    assert (told["source"], told["account"], told["renews"], told["new"]) == ("plaza", "acme on the plaza", True, True)
    assert told["tried"][0]["ok"]
    for written in (out, running.said, shell.config_file.read_text("utf-8")):
        assert "Secret-" not in written
        assert "clientSecret" not in written
    key = shell.folder / "data" / "test.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "Made a key in" in running.said


@pytest.mark.slow
def test_an_answer_with_the_wrong_state_is_not_taken_and_the_right_one_still_is(shell: Shell) -> None:
    running = shell.connect()
    home = allowed(running.address())
    wrong = home.split("?")[0] + "?" + urlencode({**parameters(home), "state": "somebody-else"})
    assert httpx.get(wrong).status_code == 400
    assert httpx.get(home.split("?")[0] + "?code=abc").status_code == 400
    assert httpx.get(home.replace("/connected", "/favicon.ico")).status_code == 404
    assert httpx.get(home, headers={"Host": "evil.example"}).status_code == 404
    assert httpx.get(home).status_code == 200
    assert running.end()[0] == 0


@pytest.mark.slow
def test_only_the_first_answer_counts(shell: Shell, plaza: Plaza) -> None:
    running = shell.connect()
    address = running.address()
    first, second = allowed(address), allowed(address)
    assert httpx.get(first).status_code == 200
    with suppress(httpx.HTTPError):  # or nobody listens any more
        assert httpx.get(second).status_code == 410
    assert running.end()[0] == 0
    assert list(plaza.codes) == [parameters(second)["code"]], "the second code was never used"


@pytest.mark.slow
def test_a_person_who_says_no_connects_nothing(shell: Shell, plaza: Plaza) -> None:
    before = shell.config_file.read_bytes()
    plaza.denies = True
    running = shell.connect()
    browse(running.address())
    code, _ = running.end()
    assert code == 1
    assert "klankbord: the plaza gave no login: The person said no. Nothing was kept" in running.said
    assert shell.kept() is None
    assert shell.config_file.read_bytes() == before


@pytest.mark.slow
def test_a_browser_that_does_not_come_back_is_waited_for_so_long(shell: Shell) -> None:
    shell.config_file.write_text(shell.config_file.read_text("utf-8") + "example: true\n", "utf-8")
    running = shell.connect("--wait", "0.5")
    assert running.end()[0] == 1
    assert "is the configuration of the example brand" in running.said
    assert "did not come back within 0.5 seconds" in running.said
    assert "Traceback" not in running.said


@pytest.mark.slow
def test_a_login_without_the_right_to_write_is_kept_and_said(shell: Shell, plaza: Plaza) -> None:
    plaza.scopes = "read"
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 0
    assert "✗ Answering will not work" in running.said


@pytest.mark.slow
def test_an_error_page_in_place_of_a_token_is_told_in_a_sentence(shell: Shell, plaza: Plaza) -> None:
    plaza.faults["/token"] = (502, "<html><h1>Bad gateway</h1></html>")
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 1
    assert "the plaza" in running.said
    assert "Nothing was kept" in running.said
    assert "Traceback" not in running.said
    assert shell.kept() is None


@pytest.mark.slow
def test_a_page_that_calls_itself_success_is_no_token(shell: Shell, plaza: Plaza) -> None:
    plaza.faults["/token"] = (200, "<html>Please sign in</html>")
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 1
    assert "Nothing was kept" in running.said
    assert "Traceback" not in running.said


@pytest.mark.slow
def test_a_connector_that_stumbles_over_an_answer_does_not_show_it(shell: Shell, plaza: Plaza) -> None:
    plaza.faults["/token"] = (200, '{"access_token": "Secret-of-the-answer"}')
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 1
    assert "the plaza connector failed while connecting: KeyError" in running.said
    assert "Secret-of" not in running.said
    assert "Traceback" not in running.said


@pytest.mark.slow
def test_a_platform_that_is_down_is_told(shell: Shell) -> None:
    shell.answer(url="http://127.0.0.1:9")
    running = shell.connect("--paste")
    address = running.address()
    back = f"{parameters(address)['redirect_uri']}?{urlencode({'code': 'x', 'state': parameters(address)['state']})}"
    running.type(back)
    assert running.end()[0] == 1
    assert "127.0.0.1:9" in running.said
    assert "Nothing was kept" in running.said


@pytest.mark.slow
def test_over_ssh_the_address_at_which_the_browser_ended_is_pasted(shell: Shell) -> None:
    running = shell.connect("--paste", "--port", "8504")
    home = allowed(running.address())
    assert home.startswith("http://127.0.0.1:8504/connected?")
    running.until("Paste the whole address")
    running.type("http://127.0.0.1:8504/connected?code=old&state=of-yesterday")
    running.until("not an address of the login that was begun")
    running.type(home)
    assert running.end()[0] == 0, running.said
    assert shell.kept() is not None


@pytest.mark.slow
def test_three_wrong_addresses_end_it(shell: Shell) -> None:
    running = shell.connect("--paste")
    running.address()
    for _ in range(3):
        running.type("no address")
    assert running.end()[0] == 1
    assert "no address of this login was pasted" in running.said


@pytest.mark.slow
def test_an_address_of_a_proxy_is_what_the_platform_is_told_and_its_answer_is_pasted(shell: Shell) -> None:
    running = shell.connect("--redirect", "https://inbox.acme.example/connected")
    home = allowed(running.address())
    assert home.startswith("https://inbox.acme.example/connected?")
    running.type(home)
    assert running.end()[0] == 0, running.said


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_before_anybody_logs_in(shell: Shell, at_plaza: str, plaza: Plaza) -> None:
    running = shell.connect("--port", at_plaza.rpartition(":")[2])
    assert running.end()[0] == 1
    assert "cannot be listened on" in running.said
    assert "--port" in running.said
    assert plaza.asked == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"KLANKBORD_KEY": "short"}, "the key in KLANKBORD_KEY is too short"),
        ({}, "can be read by others; run: chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_before_anybody_logs_in(
    shell: Shell, plaza: Plaza, environment: dict[str, str], told: str
) -> None:
    key = shell.folder / "data" / "test.key"
    key.parent.mkdir()
    key.write_text("k" * 40, "utf-8")
    key.chmod(0o644)
    running = shell.connect(environment=environment)
    assert running.end()[0] == 1
    assert told in running.said
    assert plaza.asked == []


@pytest.mark.slow
def test_a_standing_source_is_not_overwritten_and_its_login_is_renewed_by_name(shell: Shell) -> None:
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 0
    written = shell.config_file.read_bytes()
    first = shell.kept()
    running = shell.connect()
    assert running.end()[0] == 1
    assert "klankbord connect plaza --source plaza" in running.said
    running = shell.connect("--source", "plaza")
    browse(running.address())
    assert running.end()[0] == 0
    assert "The login of the source plaza was renewed" in running.said
    assert shell.config_file.read_bytes() == written
    second = shell.kept()
    assert first is not None
    assert second is not None
    assert (first.version, second.version) == (1, 2)
    assert first.values != second.values


@pytest.mark.slow
def test_a_second_account_gets_a_source_of_its_own(shell: Shell) -> None:
    for arguments in ((), ("--source", "plaza-south")):
        running = shell.connect(*arguments)
        browse(running.address())
        assert running.end()[0] == 0
    assert [source.id for source in shell.loaded().sources] == ["news", "plaza", "plaza-south"]
    assert shell.kept("plaza-south") is not None


@pytest.mark.slow
def test_a_login_of_another_account_does_not_replace_the_one_of_a_source(shell: Shell, at_plaza: str) -> None:
    text = shell.config_file.read_text("utf-8")
    other = "  - {id: plaza, connector: plaza, url: 'https://other.example'}\n"
    shell.config_file.write_text(text.replace("  # end of the sources\n", other), "utf-8")
    running = shell.connect("--source", "plaza")
    browse(running.address())
    assert running.end()[0] == 1
    assert f"has url: https://other.example, the login {at_plaza}" in running.said
    assert shell.kept() is None


@pytest.mark.slow
def test_a_source_of_another_connector_is_refused(shell: Shell, plaza: Plaza) -> None:
    running = shell.connect("--source", "news")
    assert running.end()[0] == 1
    assert "the source news is one of feeds, not of plaza" in running.said
    assert plaza.asked == []


@pytest.mark.slow
def test_what_is_missing_without_a_terminal_is_named(shell: Shell) -> None:
    running = shell.start("connect", "plaza", "--no-browser", "--no-paste", "--port", "0")
    assert running.end()[0] == 1
    assert "`secret`" in running.said
    assert "KLANKBORD_CONNECT_SECRET" in running.said
    environment = {"KLANKBORD_CONNECT_SECRET": "clientSecret-0123456789", "KLANKBORD_CONNECT_URL": shell.url}
    running = shell.start("connect", "plaza", "--no-browser", "--no-paste", "--port", "0", environment=environment)
    browse(running.address())
    assert running.end()[0] == 1
    assert "Offered: square (Square), fountain (Fountain)" in running.said


@pytest.mark.slow
def test_answers_that_are_none_do_not_quote_what_they_hold(shell: Shell) -> None:
    path = shell.folder / "answers.yaml"
    path.write_text("secret: 'Geheim-never-closed\n", "utf-8")
    running = shell.connect()
    assert running.end()[0] == 1
    assert "cannot be read" in running.said
    assert "Geheim" not in running.said


@pytest.mark.slow
def test_kept_logins_are_listed_and_forgotten(shell: Shell) -> None:
    code, out = shell.start("connect", "--list").end()
    assert (code, out) == (0, "")
    running = shell.connect()
    browse(running.address())
    running.end()
    code, out = shell.start("connect", "--list", "--json").end()
    (row,) = json.loads(out)
    assert (row["source"], row["platform"], row["account"]) == ("plaza", "plaza", "acme on the plaza")
    assert (row["renews"], row["configured"], row["trouble"]) == (True, True, "")
    assert row["ends_at"]
    running = shell.start("connect", "--list", environment={"KLANKBORD_KEY": "z" * 40})
    assert "plaza: it cannot be read: " in running.end()[1]
    code, out = shell.start("disconnect", "plaza").end()
    assert code == 0
    assert "Forgot the login of plaza" in out
    assert shell.kept() is None
    running = shell.start("disconnect", "plaza")
    assert running.end()[0] == 1
    assert "no login is kept for 'plaza'" in running.said


@pytest.mark.slow
def test_a_file_that_cannot_be_changed_keeps_the_login_and_says_what_to_write(shell: Shell, at_plaza: str) -> None:
    shell.config_file.write_text(json.dumps(yaml.safe_load(shell.config_file.read_text("utf-8"))), "utf-8")
    before = shell.config_file.read_bytes()
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 1
    assert "the login is kept, but" in running.said
    assert ADDED.format(url=at_plaza) in running.said
    assert shell.config_file.read_bytes() == before
    assert shell.kept() is not None


@pytest.mark.slow
def test_what_has_no_account_says_so(shell: Shell) -> None:
    running = shell.start("connect", "feeds")
    assert running.end()[0] == 1
    assert "feeds has no account to connect" in running.said
    running = shell.start("connect")
    assert running.end()[0] == 1
    assert "bluesky" in running.said
    running = shell.start("connect", "blusky")
    assert running.end()[0] == 1
    assert "did you mean 'bluesky'" in running.said
