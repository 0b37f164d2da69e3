"""Every table leaves in every format on both engines, joins with the others, and follows the filter."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from inbox import export
from inbox.errors import BadInput, BadSearch
from inbox.export import FORMATS, TABLES, Form
from inbox.views import Filters
from store.duties import DutyRecord, sync_duties
from tests.inbox.conftest import World
from tests.inbox.exported import rows, said, written


@pytest.mark.parametrize("name", FORMATS)
def test_every_table_leaves_in_every_format_and_twice_the_same(world: World, name: Any) -> None:
    token = world.token(world.person())
    one = said(world, "het pakket is kwijt @jan")
    world.inbox.add_tag(token, one, "late")
    for pseudonymise in (False, True):
        for table in TABLES:
            form = Form(name, pseudonymise=pseudonymise)
            assert written(world, table, Filters(), form) == written(world, table, Filters(), form)


def test_tables_join_and_follow_what_the_filter_finds(world: World) -> None:
    token = world.token(world.person())
    lost, other = said(world, "het pakket is kwijt"), said(world, "alles goed")
    for number in (lost, other):
        world.inbox.add_tag(token, number, "late")
    assert [row["id"] for row in rows(world, "conversations")] == sorted([lost, other])
    for filters in (Filters(search="kwijt"), Filters(search="NOT goed")):
        (mention,) = rows(world, "mentions", filters)
        (talk,) = rows(world, "conversations", filters)
        assert (mention["conversation_id"], talk["id"], talk["tags"]) == (lost, lost, ["late"])
        (author,) = rows(world, "authors", filters)
        assert mention["author_id"] == author["id"] == talk["author_id"]
        assert rows(world, "tags", filters) == [{"conversation_id": lost, "tag": "late"}]
        events = rows(world, "events", filters)
        assert {event["conversation_id"] for event in events} == {lost}
        assert "tagged" in {event["action"] for event in events}
    assert rows(world, "conversations", Filters(search="nergens")) == []
    assert rows(world, "events", Filters(source_ids=("none",))) == []


def test_what_came_after_the_snapshot_stays_out_of_every_table(world: World) -> None:
    token = world.token(world.person())
    said(world, "toen")
    bound, to = export.now(world.desk), export.recipient(world.desk, None)

    def all_of() -> list[bytes]:
        found = []
        for table in ("mentions", "conversations", "events", "authors"):
            out = io.BytesIO()
            export.write(world.desk, table, Filters(), Form(), out, to=to, snapshot=bound)
            found.append(out.getvalue())
        return found

    before = all_of()
    world.clock.step(minutes=5)
    world.inbox.add_tag(token, said(world, "later"), "new")
    assert all_of() == before
    assert all(before)


def test_a_pack_holds_all_tables_a_dictionary_and_checksums(world: World, tmp_path: Path) -> None:
    said(world, "hallo")
    to, bound = export.recipient(world.desk, None), export.now(world.desk)
    target = tmp_path / "all.zip"
    told = export.pack(world.desk, Filters(), Form("csv"), target, to=to, snapshot=bound)
    with zipfile.ZipFile(target) as packed:
        assert packed.testzip() is None
        for one in told:
            assert hashlib.sha256(packed.read(f"{one.table}.csv")).hexdigest() == one.sha256
        manifest = json.loads(packed.read("manifest.json"))
        assert [one["table"] for one in manifest["tables"]] == list(TABLES)
        assert manifest["snapshot"]["mention_id"] == bound.mention_id
        names = {
            one["table"]: [each["name"] for each in one["columns"]]
            for one in json.loads(packed.read("dictionary.json"))
        }
        header = packed.read("mentions.csv").decode().split("\r\n")[0].split(",")
        assert names["mentions"] == header
    again = io.BytesIO()
    export.pack(world.desk, Filters(), Form("csv"), again, to=to, snapshot=bound)
    assert again.getvalue() == target.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def test_pseudonyms_join_and_hide_who_it_is(world: World) -> None:
    said(world, "Vraag het @Piet.Jansen of kijk op https://x.example/status/1 en mail p@example.nl")
    form = Form(pseudonymise=True)
    (plain,) = rows(world, "mentions")
    (mention,), (talk,), (account,) = (
        rows(world, name, form=form) for name in ("mentions", "conversations", "authors")
    )
    assert mention["author_id"] == talk["author_id"] == account["id"] != plain["author_id"]
    assert mention["author_id"].startswith("account_")
    assert (mention["author_handle"], mention["author_name"]) == (account["handle"], account["name"])
    leaves = json.dumps([mention, talk, account])
    for told in (
        "Jansen",
        "x.example",
        "p@example.nl",
        *(filter(None, (plain["author_name"], plain["author_handle"]))),
    ):
        assert told not in leaves
    assert plain["external_id"] != mention["external_id"]
    assert rows(world, "mentions", form=form) == [mention], "the same person has the same pseudonym every time"
    assert "pii_masked" in mention["flags"]


def test_what_a_platform_holds_back_stays_out_of_every_table_about_customers(world: World) -> None:
    said(world, "een")
    (source_id,) = {row["source_id"] for row in rows(world, "mentions")}
    sync_duties(world.store, [DutyRecord(source_id, export_per_day=0, basis="Terms, 4.")])
    (talk,), (author,) = rows(world, "conversations"), rows(world, "authors")
    assert (talk["title"], talk["author_id"], talk["url"], talk["flags"]) == (None, None, None, ["ids_only"])
    assert (author["name"], author["handle"], author["flags"]) == (None, None, ["ids_only"])
    sync_duties(world.store, [DutyRecord(source_id, may_export=False, basis="None.")])
    to, bound = export.recipient(world.desk, None), export.now(world.desk)
    for table in ("mentions", "conversations", "authors"):
        told = export.write(world.desk, table, Filters(), Form(), io.BytesIO(), to=to, snapshot=bound)
        assert (told.rows, [one.left_out for one in told.withheld]) == (0, [1])
    for table in ("events", "tags", "promises", "theme_links"):
        assert rows(world, table) == []


def test_what_cannot_be_done_is_refused_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    to, bound = export.recipient(world.desk, None), export.now(world.desk)
    target = tmp_path / "file"
    with pytest.raises(BadInput, match="no table secrets"):
        export.write(world.desk, "secrets", Filters(), Form(), target, to=to, snapshot=bound)
    with pytest.raises(BadInput, match="Only a CSV"):
        export.write(world.desk, "tags", Filters(), Form("xlsx", excel=True), target, to=to, snapshot=bound)
    with pytest.raises(BadInput, match="decimal comma"):
        export.write(world.desk, "tags", Filters(), Form("csv", decimal_comma=True), target, to=to, snapshot=bound)
    noon = world.clock()
    with pytest.raises(BadInput, match="last day lies before"):
        export.write(world.desk, "tags", Filters(since=noon, until=noon), Form(), target, to=to, snapshot=bound)
    with pytest.raises(BadSearch):
        export.pack(world.desk, Filters(search='"open'), Form(), target, to=to, snapshot=bound)
    assert list(tmp_path.iterdir()) == []
