"""The command line, each command on a real workspace: what a person sees, what a script gets, and the exit code."""

from __future__ import annotations

import csv
import hashlib
import io
import socket
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from klankbord import __version__
from klankbord.cli import app
from klankbord.config_file import load_config
from tests.klankbord.conftest import FeedServer, Workspace, feed
from understanding.vectors import why_not


def by_source(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in rows}


# --- setting up -----------------------------------------------------------------------------------------------------


def init(folder: Path, *arguments: str) -> tuple[int, str, Path]:
    to = folder / "config.local.yaml"
    result = CliRunner().invoke(app, ["init", *arguments, "--to", str(to)], catch_exceptions=False)
    return result.exit_code, result.output, to


def test_init_writes_a_configuration_that_is_right_without_a_question(tmp_path: Path) -> None:
    asked = ("--brand", "Café Zon & Zee", "--feed", "https://a.example/rss", "--feed", "https://b.example/rss")
    places = ("--forum", "https://forum.example", "--mastodon", "https://social.example", "--hackernews")
    code, output, path = init(tmp_path, *asked, *places)
    assert code == 0, output
    config = load_config(path)
    assert [brand.id for brand in config.brands] == ["cafe-zon-zee"]
    assert [source.connector for source in config.sources] == ["feeds", "discourse", "mastodon", "hackernews"]
    assert config.sources[0].options["urls"] == ["https://a.example/rss", "https://b.example/rss"]
    assert list(tmp_path.iterdir()) == [path]


def test_init_asks_for_a_name_and_a_feed_when_nothing_is_given(tmp_path: Path) -> None:
    to = tmp_path / "made.yaml"
    answers = "Acme\nhttps://a.example/rss\n"
    result = CliRunner().invoke(app, ["init", "--to", str(to)], input=answers, catch_exceptions=False)
    assert result.exit_code == 0
    assert load_config(to).sources[0].options["urls"] == ["https://a.example/rss"]


def test_init_takes_a_name_that_holds_quotation_marks(tmp_path: Path) -> None:
    code, output, _ = init(tmp_path, "--brand", 'De "Gouden" Leeuw')
    assert code == 0, output


def test_init_leaves_an_existing_file_alone_unless_forced(tmp_path: Path) -> None:
    _, _, path = init(tmp_path, "--brand", "Acme")
    before = path.read_text()
    code, output, _ = init(tmp_path, "--brand", "Other")
    assert (code, path.read_text()) == (1, before)
    assert "--force" in output
    assert init(tmp_path, "--brand", "Other", "--force")[0] == 0
    assert path.read_text() != before


def test_init_with_an_address_that_cannot_be_leaves_no_file_behind(tmp_path: Path) -> None:
    code, output, path = init(tmp_path, "--brand", "Acme", "--feed", "not an address")
    assert code == 1
    assert "web address" in output
    assert list(tmp_path.iterdir()) == []
    assert not path.exists()


def test_check_says_that_a_configuration_is_right(workspace: Workspace) -> None:
    assert "is right: 1 brands, 2 sources" in " ".join(workspace.run("check").output.split())
    assert workspace.json("check") == {"ok": True, "sources": 2, "brands": 1}


def test_an_unknown_key_is_told_with_its_line_and_no_trace(workspace: Workspace) -> None:
    workspace.edit("timezone:", "timzone:")
    result = workspace.run("check")
    assert result.exit_code == 1
    assert "line 2: timzone: this key is not known; did you mean 'timezone'?" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "command",
    [("collect", "--once"), ("sources",), ("export",), ("doctor",), ("user", "list"), ("quarantine", "list"), ("up",)],
    ids=" ".join,
)
def test_every_command_tells_a_mistake_in_the_configuration_in_words(
    workspace: Workspace, command: tuple[str, ...]
) -> None:
    workspace.edit("connector: feeds", "connector: fedes")
    result = workspace.run(*command)
    assert result.exit_code == 1
    assert "line 7" in result.stderr


def test_a_missing_configuration_says_how_to_get_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "none.yaml")], catch_exceptions=False)
    assert result.exit_code == 1
    assert "klankbord init" in result.stderr


def test_check_live_asks_each_source_and_keeps_nothing(workspace: Workspace) -> None:
    trials = {trial["source_id"]: trial for trial in workspace.json("check", "--live")}
    assert (trials["news"]["ok"], trials["news"]["items"]) == (True, 3)
    assert (trials["mail"]["ok"], trials["mail"]["items"]) == (True, 2)
    assert "2 unreadable" in trials["mail"]["text"]
    assert not workspace.database.exists()


@pytest.mark.slow
def test_check_live_names_a_dead_host_and_still_asks_the_others(workspace: Workspace, dead_port: int) -> None:
    config = load_config(workspace.config)
    workspace.edit(str(config.sources[0].options["urls"][0]), f"http://127.0.0.1:{dead_port}/rss")
    result = workspace.run("check", "--live")
    assert result.exit_code == 1
    assert "TROUBLE" in result.stdout
    assert "Traceback" not in result.output
    trials = {trial["source_id"]: trial["ok"] for trial in workspace.json("check", "--live", exit_code=1)}
    assert trials == {"news": False, "mail": True}


# --- collecting -----------------------------------------------------------------------------------------------------


def test_collecting_once_keeps_everything_once_however_often_it_runs(workspace: Workspace) -> None:
    first = by_source(workspace.json("collect", "--once"))
    assert (first["news"]["new"], first["mail"]["new"], first["mail"]["quarantined"]) == (3, 2, 2)
    again = by_source(workspace.json("collect", "--once"))
    assert (again["news"]["new"], again["mail"]["new"]) == (0, 0)
    health = by_source(workspace.json("sources"))
    assert (health["news"]["stored"], health["mail"]["stored"]) == (3, 2)
    assert (health["mail"]["quarantined"], health["news"]["gaps"], health["news"]["health"]) == (2, 0, "ok")


def test_only_the_named_source_is_collected(workspace: Workspace) -> None:
    assert [row["source"] for row in workspace.json("collect", "mail", "--once")] == ["mail"]


def test_a_source_that_is_not_there_is_told_with_those_that_are(workspace: Workspace) -> None:
    result = workspace.run("collect", "nwes", "--once")
    assert result.exit_code == 1
    assert "no source 'nwes'" in result.stderr
    assert "news, mail" in result.stderr


def test_a_source_that_fails_is_told_with_exit_code_1_and_the_others_go_on(
    workspace: Workspace, feed_server: FeedServer
) -> None:
    feed_server.body = b"<html><title>Please log in</title><form><input type=password></form></html>"
    found = by_source(workspace.json("collect", "--once", exit_code=1))
    assert (found["news"]["failed"], found["mail"]["new"]) == (True, 2)
    assert found["news"]["text"]
    shown = by_source(workspace.json("sources"))
    assert shown["news"]["health"] != "ok"


def test_tables_show_what_json_tells(collected: Workspace) -> None:
    for command in (("sources",), ("quarantine", "list"), ("collect", "--once"), ("doctor",)):
        result = collected.run(*command)
        assert result.exit_code == 0, result.output
        assert "mail" in result.stdout


def test_what_could_not_be_read_is_listed_with_the_reason(collected: Workspace) -> None:
    rows = collected.json("quarantine", "list", "--source", "mail")
    assert len(rows) == 2
    assert all(row["source_id"] == "mail" for row in rows)
    assert any("'11/20/2026 09:10' is no date" in row["error"] for row in rows)
    assert collected.json("quarantine", "list", "--source", "news") == []


def test_a_row_set_aside_comes_in_once_the_mapping_is_repaired(collected: Workspace) -> None:
    still = collected.json("quarantine", "retry")
    assert (still["new"], still["failed"]) == (0, 2)
    collected.edit("folder: drop", "folder: drop, dates: month_first")
    repaired = collected.json("quarantine", "retry", "--source", "mail")
    assert (repaired["new"], repaired["failed"]) == (1, 1)
    assert len(collected.json("quarantine", "list")) == 1
    assert by_source(collected.json("sources"))["mail"]["stored"] == 3


def test_remapping_from_kept_payloads_changes_nothing_that_was_right(collected: Workspace) -> None:
    report = collected.json("remap")
    assert (report["read"], report["new"], report["changed"], report["failed"]) == (5, 0, 0, 0)


def test_reading_the_past_again_doubles_nothing_and_brings_what_was_missed(
    collected: Workspace, feed_server: FeedServer
) -> None:
    feed_server.body = feed(5)
    (end,) = collected.json("backfill", "news", "--since", "3000d")
    assert (end["tally"]["new"], end["error"]) == (2, None)
    assert by_source(collected.json("sources"))["news"]["stored"] == 5


def test_a_duration_that_cannot_be_read_says_how_to_write_one(collected: Workspace) -> None:
    result = collected.run("backfill", "news", "--since", "a month")
    assert result.exit_code == 1
    assert "such as" in result.stderr


# --- taking out, keeping safe ---------------------------------------------------------------------------------------


def test_mentions_leave_as_json_lines_with_the_same_bytes_each_time(collected: Workspace) -> None:
    first, second = collected.folder / "first.jsonl", collected.folder / "second.jsonl"
    for path in (first, second):
        result = collected.run("export", "mentions", "--format", "jsonl", "-o", path)
        assert result.exit_code == 0, result.output
        assert "5 mentions exported" in result.stderr
    assert first.read_bytes() == second.read_bytes()
    rows = [orjson.loads(line) for line in first.read_bytes().splitlines()]
    assert sorted(row["external_id"] for row in rows if row["source_id"] == "mail") == ["m1", "m2"]
    assert not list(collected.folder.glob("*.part"))


def test_an_export_goes_to_stdout_clean_for_pipes_and_takes_filters(collected: Workspace) -> None:
    result = collected.run("export", "--format", "csv", "--source", "mail", "--search", "verkeerd")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["text"].startswith("'=SUM(1)")
    assert "1 mentions exported" in result.stderr


def test_all_tables_leave_in_one_file_that_can_be_checked(collected: Workspace) -> None:
    pack = collected.folder / "all.zip"
    result = collected.run("export", "all", "--format", "xlsx", "--pseudonymise", "-o", pack)
    assert result.exit_code == 0, result.output
    assert "5 mentions exported" in result.stderr
    with zipfile.ZipFile(pack) as packed:
        sums = dict(reversed(line.split("  ")) for line in packed.read("SHA256SUMS").decode().splitlines())
        assert {name: hashlib.sha256(packed.read(name)).hexdigest() for name in sums} == sums
        manifest = orjson.loads(packed.read("manifest.json"))
        assert {f"{one['table']}.xlsx" for one in manifest["tables"]} == set(sums)
    for arguments, words in (
        (("secrets",), "no table secrets"),
        (("mentions", "--decimal-comma", "--format", "csv"), "decimal comma"),
        (("mentions", "--since", "2026-02-01", "--until", "2026-01-01"), "last day lies before"),
        (("mentions", "-o", "/dev/full/x"), "cannot be written"),
    ):
        refused = collected.run("export", *arguments)
        assert refused.exit_code == 1
        assert words in " ".join(refused.stderr.split())


def test_a_search_that_cannot_be_read_is_told(collected: Workspace) -> None:
    result = collected.run("export", "--search", '"open')
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_a_backup_brings_back_what_stood_there_and_keeps_what_it_replaces(collected: Workspace) -> None:
    kept = collected.folder / "safe" / "backup.db"
    assert "5 mentions" in collected.run("backup", kept).output
    assert collected.run("user", "add", "later", "--name", "Later").exit_code == 0
    refused = collected.run("restore", kept)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert collected.run("restore", kept, "--force").exit_code == 0
    assert collected.json("user", "list") == []
    assert by_source(collected.json("sources"))["news"]["stored"] == 3
    assert len(list(collected.database.parent.glob("test.db*"))) > 1


def test_a_file_that_is_no_backup_is_refused(collected: Workspace) -> None:
    result = collected.run("restore", collected.config, "--force")
    assert result.exit_code == 1
    assert "not a whole backup" in result.stderr
    assert by_source(collected.json("sources"))["news"]["stored"] == 3


def test_migrating_twice_is_migrating_once(workspace: Workspace) -> None:
    told = {workspace.run("migrate").output for _ in range(2)}
    assert len(told) == 1
    assert "the database is at version" in told.pop()


@pytest.mark.slow
def test_everything_moves_to_postgresql(collected: Workspace, postgres_databases: Any) -> None:
    url = postgres_databases.empty()
    collected.run("user", "add", "an", "--name", "An")
    before = (collected.json("sources"), collected.json("user", "list"), collected.run("export").stdout_bytes)
    collected.edit("database: sqlite:///data/test.db", f"database: {url}")
    result = collected.run("migrate", "--from", f"sqlite:///{collected.database}")
    assert result.exit_code == 0, result.output
    assert "each checked against the original" in " ".join(result.stdout.split())
    assert (collected.json("sources"), collected.json("user", "list"), collected.run("export").stdout_bytes) == before
    assert by_source(collected.json("collect", "--once"))["mail"]["new"] == 0
    again = collected.run("migrate", "--from", f"sqlite:///{collected.database}")
    assert again.exit_code == 1
    assert "holds rows already" in again.stderr
    postgres_databases.drop(url)


def test_moving_from_a_database_that_is_not_there_is_refused(workspace: Workspace) -> None:
    missing = workspace.folder / "missing.db"
    result = workspace.run("migrate", "--from", f"sqlite:///{missing}")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert not missing.exists()


def test_the_doctor_finds_a_sound_installation_sound(collected: Workspace) -> None:
    found = {finding["what"]: finding for finding in collected.json("doctor")}
    assert {finding["level"] for finding in found.values()} <= {"ok", "note"}
    assert found["klankbord"]["text"].startswith(__version__)
    assert found["database"]["text"].startswith("sqlite")
    assert "2 items set aside" in found["source mail"]["text"]
    assert found["second tier of tone"]["text"].startswith("on, t2-" if not why_not() else "off: ")


def test_the_doctor_says_that_the_second_tier_is_switched_off(collected: Workspace) -> None:
    collected.edit("timezone:", "second_tier: false\ntimezone:")
    found = {finding["what"]: finding for finding in collected.json("doctor")}
    assert "switched off" in found["second tier of tone"]["text"]


def test_the_doctor_names_a_database_that_cannot_be_reached_without_its_password(
    workspace: Workspace, dead_port: int
) -> None:
    url = f"postgresql+psycopg://klank:s3cretword@127.0.0.1:{dead_port}/klank"
    workspace.edit("database: sqlite:///data/test.db", f"database: {url}")
    result = workspace.run("doctor", "--json")
    assert result.exit_code == 1
    wrong = [finding for finding in orjson.loads(result.stdout) if finding["level"] == "wrong"]
    assert [finding["what"] for finding in wrong] == ["database"]
    assert "s3cretword" not in result.output


# --- people ---------------------------------------------------------------------------------------------------------


def test_somebody_is_added_with_a_link_listed_disabled_and_enabled(workspace: Workspace) -> None:
    made = workspace.run("user", "add", "an", "--name", "An de Wit", "--role", "lead", "--team", "webcare")
    assert "http://127.0.0.1:8501/welcome/" in made.stdout
    (person,) = workspace.json("user", "list")
    assert (person["login"], person["role"], person["team"]) == ("an", "lead", "webcare")
    assert (person["active"], person["password set"]) == (True, False)
    workspace.run("user", "disable", "an")
    assert workspace.json("user", "list")[0]["active"] is False
    workspace.run("user", "enable", "an")
    assert workspace.json("user", "list")[0]["active"] is True


def test_a_new_link_leads_to_where_people_reach_the_dashboard(workspace: Workspace) -> None:
    workspace.run("user", "add", "an", "--name", "An")
    workspace.edit("timezone:", "public_url: https://inbox.example/\ntimezone:")
    assert workspace.run("user", "link", "an").stdout.startswith("https://inbox.example/welcome/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("link", "nobody"), "no user nobody"),
        (("disable", "nobody"), "no user nobody"),
        (("add", "an", "--name", "An", "--team", "none"), "none"),
        (("add", "Not A Login", "--name", "An"), "login"),
    ],
)
def test_what_cannot_be_done_with_people_is_told(workspace: Workspace, arguments: tuple[str, ...], told: str) -> None:
    result = workspace.run("user", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "Traceback" not in result.output


# --- the rest -------------------------------------------------------------------------------------------------------


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == __version__


def test_an_option_that_does_not_exist_is_a_mistake_in_use(workspace: Workspace) -> None:
    assert workspace.run("sources", "--jsno").exit_code == 2


def test_a_taken_port_is_told_before_anything_starts(workspace: Workspace) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        workspace.edit("timezone:", f"dashboard: {{port: {port}}}\ntimezone:")
        result = workspace.run("up")
    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is taken" in result.stderr
    assert "`dashboard:`" in result.stderr
