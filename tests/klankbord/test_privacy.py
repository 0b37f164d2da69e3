"""`erase` and `subject-access` on a real workspace: what is shown, what is asked, what is left, what the file holds."""

from __future__ import annotations

import csv
import os
import re
import time
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from klankbord.cli import app
from store.duties import DutyRecord, sync_duties
from store.engine import open_store
from store.schema import event
from tests.klankbord.conftest import Workspace


def _author(workspace: Workspace, name: str) -> str:
    rows = orjson.loads(b"[" + b",".join(_export(workspace).splitlines()) + b"]")
    (found,) = {row["author_id"] for row in rows if row["author_name"] == name}
    return str(found)


def _export(workspace: Workspace, *more: str) -> bytes:
    return workspace.run("export", *more).stdout_bytes


def test_it_shows_first_what_would_go_and_does_nothing_without_a_yes(collected: Workspace) -> None:
    jan = _author(collected, "Jan")
    arguments = ["erase", "--author", jan, "--config", str(collected.config)]
    result = CliRunner().invoke(app, arguments, input="n\n", catch_exceptions=False)
    assert result.exit_code == 1
    assert re.search(r"messages\W+1", result.output)
    assert "nothing was erased" in result.output
    assert collected.json("erase", "--author", jan)["would_erase"]["messages"] == 1
    assert b"Waar blijft mijn pakket" in _export(collected)


@pytest.mark.parametrize("form", [("jsonl",), ("csv",), ("csv", "--dutch-excel")])
def test_erasing_reaches_the_database_file_exports_on_disk_and_later_collecting(
    collected: Workspace, form: tuple[str, ...]
) -> None:
    jan = _author(collected, "Jan")
    out = collected.folder / "out" / "all.export"
    out.parent.mkdir()
    assert collected.run("export", "--format", *form, "-o", out).exit_code == 0
    before = out.read_bytes()
    assert b"Waar blijft mijn pakket" in before
    collected.run("backup", collected.folder / "safe.db")
    told = collected.json("erase", "--author", jan, "--yes")
    assert told["files"] == {str(out.resolve()): 1}
    assert any("safe.db" in sentence for sentence in told["left"])
    after = out.read_bytes()
    assert b"Waar blijft mijn pakket" not in after
    assert len(after.splitlines()) == len(before.splitlines()) - 1
    assert set(after.splitlines()) < set(before.splitlines()), "the other rows stand as they were"
    if form[0] == "csv":
        text = out.read_text("utf-8-sig")
        assert len(list(csv.DictReader(text.splitlines(), delimiter=";" if len(form) > 1 else ","))) == 4
    for path in collected.database.parent.iterdir():
        assert b"mijn pakket" not in path.read_bytes(), path
    drop = collected.folder / "drop" / "mail.jsonl"
    again = drop.parent / "again.jsonl"
    again.write_bytes(drop.read_bytes() + b"\n")
    os.utime(again, (time.time() - 60, time.time() - 60))
    (report,) = collected.json("collect", "--once", "mail")
    assert report["received"] >= 2
    assert b"mijn pakket" not in _export(collected)
    store = open_store(f"sqlite:///{collected.database}")
    with store.read() as conn:
        line = conn.execute(select(event).where(event.c.action == "person_erased")).one()
    store.close()
    assert line.after["facts"]["messages"] == 1
    assert "Jan" not in repr(line)


def test_who_is_not_known_or_not_named_is_told(collected: Workspace) -> None:
    for arguments, words in (
        (("--handle", "niemand", "--platform", "files"), "nobody is known"),
        (("--handle", "Jan"), "--platform"),
        ((), "say whom"),
        (("--author", "1", "--person", "2"), "say whom"),
    ):
        result = collected.run("erase", *arguments)
        assert result.exit_code == 1
        assert words in " ".join(result.stderr.split())


def test_one_readable_file_tells_somebody_everything(collected: Workspace, tmp_path: Path) -> None:
    jan = _author(collected, "Jan")
    out = tmp_path / "jan.html"
    assert collected.run("subject-access", "--author", jan, "-o", out, "--language", "nl").exit_code == 0
    page = out.read_text("utf-8")
    assert out.stat().st_mode & 0o077 == 0
    assert '<html lang="nl">' in page
    assert "Wat wij van je bewaren" in page
    assert "Waar blijft mijn pakket van Acme?" in page
    assert "verzameld" in page
    assert "rekent verkeerd" not in page, "what others wrote is theirs"
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page), "nothing is fetched from anywhere"
    english = collected.run("subject-access", "--author", jan, "--language", "en").stdout
    assert "What we keep of you" in english
    told = collected.json("subject-access", "--author", jan)
    (talk,) = told["conversations"]
    (message,) = talk["messages"]
    assert message["text"] == "Waar blijft mijn pakket van Acme?"
    assert message["source"] == "mail"
    assert message["collected_at"]
    assert told["accounts"][0]["name"] == "Jan"


def test_what_may_not_be_exported_stays_out_and_is_counted(collected: Workspace) -> None:
    store = open_store(f"sqlite:///{collected.database}")
    sync_duties(store, [DutyRecord("gone", may_export=False), DutyRecord("news", may_export=False, basis="terms")])
    store.close()
    # The command tells the store anew what its connectors ask: a source that is no longer configured keeps its rule.
    collected.edit("id: news, connector", "id: other, connector")
    result = collected.run("export")
    assert b"Acme story" not in result.stdout_bytes
    assert b"mijn pakket" in result.stdout_bytes
    told = " ".join(result.stderr.split())
    assert "3 mentions were left out, because the platform allows no export (terms)" in told


def test_beyond_the_days_number_the_command_says_what_went_out_as_ids_only(collected: Workspace) -> None:
    store = open_store(f"sqlite:///{collected.database}")
    sync_duties(store, [DutyRecord("news", export_per_day=2, basis="Terms, section 4.")])
    store.close()
    collected.edit("id: news, connector", "id: other, connector")
    for _ in range(2):
        result = collected.run("export")
        rows = [orjson.loads(line) for line in result.stdout_bytes.splitlines()]
        bare = [row for row in rows if "ids_only" in row["flags"]]
        assert [(row["source_id"], row["text"], row["title"], row["author_name"]) for row in bare] == [
            ("news", "", None, None)
        ]
        told = " ".join(result.stderr.split())
        assert "1 mentions went out as ids only, because the platform allows one person 2 a day in full" in told
        assert "Terms, section 4." in told
