"""Exports as jobs: made once, whole or not at all, again with the same bytes, fetched by who asked."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inbox import people
from inbox.errors import BadInput, BadSearch, NotAllowed, NotFound
from inbox.export import Form
from inbox.export_jobs import background, looking
from inbox.export_jobs.files import Shelf
from inbox.export_jobs.holding import LEASE, Held, LostError
from inbox.export_jobs.starting import shelf_of
from inbox.export_jobs.troubles import SENTENCES, sentence
from inbox.export_jobs.views import JobState, JobView, Wanted
from inbox.permissions import Role
from inbox.privacy.erasing import erase
from inbox.views import EVERYTHING, Filters
from store import export_jobs, forgetting
from store.duties import DutyRecord, sync_duties
from store.export_jobs import Trouble
from tests.inbox.conftest import World
from tests.inbox.exports.conftest import Furnish, folder_of, work

JSONL = Wanted()


def newest(world: World, token: str) -> JobView:
    return world.inbox.exports.all(token).rows[0]


def test_an_export_is_asked_for_made_and_fetched(furnish: Furnish) -> None:
    world = furnish()
    world.conversation(text="waar blijft mijn pakket?")
    world.conversation(text="dank je wel")
    lead = world.token(world.person(Role.LEAD))
    job_id = world.inbox.exports.start(lead, Wanted(filters=Filters(search="pakket")))
    assert newest(world, lead).state is JobState.QUEUED
    assert work(world) == 1
    done = newest(world, lead)
    assert (done.id, done.state, done.rows, done.trouble) == (job_id, JobState.DONE, 1, None)
    fetched = world.inbox.exports.fetch(lead, job_id)
    body = fetched.path.read_bytes()
    assert b"waar blijft mijn pakket" in body
    assert b"dank je wel" not in body
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (done.sha256, done.size)
    assert fetched.name == "klankbord-mentions-2026-03-10.jsonl"
    assert folder_of(world) == [fetched.path.name]
    name, manifest = world.inbox.exports.manifest(lead, job_id)
    assert name == f"{fetched.name}.manifest.json"
    assert done.sha256.encode() in manifest
    lines = world.inbox.access.record(world.token(world.person(Role.ADMINISTRATOR))).lines
    told = [(line.action, line.params["search"], line.params["rows"]) for line in lines if "export" in line.action]
    assert told == [("export_fetched", "pakket", 1), ("exported", "pakket", 1)]


def test_only_who_asked_may_fetch_it_and_leads_see_all(furnish: Furnish) -> None:
    world = furnish()
    analyst, other = (world.token(world.person(Role.ANALYST)) for _ in range(2))
    lead = world.token(world.person(Role.LEAD))
    job_id = world.inbox.exports.start(analyst, JSONL)
    work(world)
    assert world.inbox.exports.all(other).rows == ()
    (seen,) = world.inbox.exports.all(lead).rows
    assert (seen.id, seen.mine) == (job_id, False)
    for token in (other, lead):
        with pytest.raises(NotFound):
            world.inbox.exports.fetch(token, job_id)
    for step in (world.inbox.exports.cancel, world.inbox.exports.delete, world.inbox.exports.again):
        with pytest.raises(NotFound):
            step(other, job_id)
    with pytest.raises(NotAllowed):
        world.inbox.exports.all(world.token(world.person(Role.AGENT)))
    world.inbox.exports.delete(lead, job_id)
    assert folder_of(world) == []
    with pytest.raises(NotFound):
        world.inbox.exports.fetch(analyst, job_id)


def test_what_cannot_be_made_is_refused_at_once(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.LEAD))
    days = Filters(since=datetime(2026, 3, 2, tzinfo=UTC), until=datetime(2026, 3, 1, tzinfo=UTC))
    for wanted, refusal in (
        (Wanted(tables=()), BadInput),
        (Wanted(tables=("passwords",)), BadInput),
        (Wanted(form=Form("jsonl", decimal_comma=True)), BadInput),
        (Wanted(filters=Filters(search='"open')), BadSearch),
        (Wanted(filters=days), BadInput),
    ):
        for step in (world.inbox.exports.start, world.inbox.exports.glimpse):
            with pytest.raises(refusal):
                step(token, wanted)


def test_before_it_is_made_the_newest_are_counted_and_nothing_is_taken(furnish: Furnish) -> None:
    world = furnish()
    for text in ("pakket kwijt", "dank je wel", "pakket terecht"):
        world.conversation(text=text)
    person = world.person(Role.ANALYST)
    token = world.token(person)
    door = world.inbox.exports
    every, some = Wanted(), Wanted(filters=Filters(search="pakket"))
    assert [(one.n, one.whole, one.at_most) for one in (door.glimpse(token, every), door.glimpse(token, some))] == [
        (3, True, False),
        (2, True, True),
    ]
    for wanted, n in ((every, 2), (some, 1)):
        found = looking.glimpse(world.desk, wanted, actor=person, window=2)
        assert (found.n, found.whole) == (n, False)
    sync_duties(world.store, [DutyRecord("forum", export_per_day=2, basis="Terms.")])
    columns, rows = door.sample(token, every, "mentions")
    place = columns.index("text")
    assert [row[place] for row in rows] == ["pakket kwijt", "dank je wel", ""]
    assert door.glimpse(token, every).held[0].ids_only == 1, "looking took nothing of the day's number"
    with pytest.raises(BadInput):
        door.sample(token, every, "events")


def test_nobody_fills_the_queue(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    for _ in range(5):
        world.inbox.exports.start(token, JSONL)
    with pytest.raises(BadInput, match="5 exports of yours wait already"):
        world.inbox.exports.start(token, JSONL)


def test_jobs_that_nobody_takes_are_said_to_wait_for_a_worker(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    world.inbox.exports.start(token, JSONL)
    assert not world.inbox.exports.all(token).idle
    world.clock.step(seconds=30)
    assert world.inbox.exports.all(token).idle
    export_jobs.take(world.store, export_jobs.QUEUED, owner="w", now=world.clock(), lease=LEASE)
    assert not world.inbox.exports.all(token).idle


def test_a_job_whose_worker_went_away_is_begun_again_and_gives_the_same_bytes(furnish: Furnish) -> None:
    world = furnish()
    for number in range(7):
        world.conversation(text=f"bericht {number}")
    token = world.token(world.person(Role.ANALYST))
    first = world.inbox.exports.start(token, JSONL)
    work(world)
    second = world.inbox.exports.start(token, JSONL)
    dead = export_jobs.take(world.store, export_jobs.QUEUED, owner="dead", now=world.clock(), lease=LEASE)
    assert dead is not None
    with world.store.read() as conn:
        made = export_jobs.find(conn, first)
    assert made is not None
    bounds = made.snapshot
    assert export_jobs.say(world.store, dead, now=world.clock(), lease=LEASE, rows=3, snapshot=bounds)
    world.conversation(text="later")
    assert work(world) == 0
    world.clock.step(seconds=61)
    assert work(world) == 1
    one, two = (world.inbox.exports.fetch(token, each).path.read_bytes() for each in (first, second))
    assert one == two
    with world.store.write() as conn:
        assert not export_jobs.end(conn, dead, export_jobs.DONE, file="old")
    assert newest(world, token).state is JobState.DONE


def test_a_worker_that_dies_again_and_again_is_not_given_the_same_job_for_ever(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    world.inbox.exports.start(token, JSONL)
    for _ in range(5):
        assert export_jobs.take(world.store, export_jobs.QUEUED, owner="d", now=world.clock(), lease=LEASE)
        world.clock.step(seconds=61)
    work(world)
    failed = newest(world, token)
    assert failed.state is JobState.FAILED
    assert "went away 5 times" in str(failed.trouble)


def test_two_workers_never_have_the_same_job(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    ids = {world.inbox.exports.start(token, JSONL) for _ in range(3)}
    taken = [
        export_jobs.take(world.store, export_jobs.QUEUED, owner=str(n), now=world.clock(), lease=LEASE)
        for n in range(4)
    ]
    assert {job.id for job in taken if job is not None} == ids
    assert taken[-1] is None


def test_a_job_that_was_stopped_leaves_nothing_and_whoever_is_at_it_lost_it(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    job_id = world.inbox.exports.start(token, JSONL)
    job = export_jobs.take(world.store, export_jobs.QUEUED, owner="w", now=world.clock(), lease=LEASE)
    assert job is not None
    world.inbox.exports.cancel(token, job_id)
    assert not export_jobs.say(world.store, job, now=world.clock(), lease=LEASE, rows=5)
    assert newest(world, token).state is JobState.CANCELLED
    assert work(world) == 0
    with pytest.raises(BadInput, match="has ended already"):
        world.inbox.exports.cancel(token, job_id)
    again = world.inbox.exports.again(token, job_id)
    work(world)
    assert newest(world, token).id == again


def test_who_holds_a_job_is_told_within_a_second_that_it_is_lost(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    job_id = world.inbox.exports.start(token, JSONL)
    job = export_jobs.take(world.store, export_jobs.QUEUED, owner="w", now=world.clock(), lease=LEASE)
    assert job is not None
    world.inbox.exports.cancel(token, job_id)
    with Held(world.store, job, world.clock, beat_s=0.001) as holding:
        holding.lost.wait(10)
        with pytest.raises(LostError):
            holding.written(1)


def test_a_full_disk_fails_in_words_and_leaves_no_half_file(furnish: Furnish) -> None:
    world = furnish(spare_gb=1)
    world.conversation()
    token = world.token(world.person(Role.ANALYST))
    world.inbox.exports.start(token, JSONL)
    settings = world.desk.declared.exports
    work(world, shelf=Shelf(settings.folder, most_gb=20, spare_gb=1, free=lambda _folder: 999_999_999))
    failed = newest(world, token)
    assert failed.state is JobState.FAILED
    assert "disk of the server is full" in str(failed.trouble)
    assert folder_of(world) == []


def test_kept_exports_take_no_more_room_than_is_set(furnish: Furnish) -> None:
    world = furnish(most_gb=0.000_001)
    shelf_of(world.desk).room_for("1-1.csv").write_bytes(b"x" * 2_000)
    token = world.token(world.person(Role.ANALYST))
    world.inbox.exports.start(token, JSONL)
    work(world)
    assert "All kept exports together" in str(newest(world, token).trouble)
    assert folder_of(world) == ["1-1.csv"]


def test_only_whole_files_of_ours_can_be_fetched(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_gb=1, spare_gb=0)
    for name in ("1-1.csv", ".1-1.csv.5.part", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert shelf.path("1-1.csv") is not None
    for strange in (".1-1.csv.5.part", "notes.txt", "../1-1.csv", "2-1.csv", "/etc/passwd", ""):
        assert shelf.path(strange) is None


def test_whoever_lost_the_right_to_export_gets_nothing_made(furnish: Furnish) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    world.inbox.exports.start(world.token(person), JSONL)
    people.set_role(world.desk, person.id, Role.AGENT)
    work(world)
    (job,) = world.inbox.exports.all(world.token(world.person(Role.LEAD))).rows
    assert job.state is JobState.FAILED
    assert "may not take anything out" in str(job.trouble)


def test_files_are_removed_after_their_time_and_so_is_what_nobody_knows_of(furnish: Furnish) -> None:
    world = furnish(keep_days=7)
    token = world.token(person := world.person(Role.ANALYST))
    job_id = world.inbox.exports.start(token, JSONL)
    work(world)
    shelf = shelf_of(world.desk)
    an_hour_ago = (world.clock() - timedelta(hours=1)).timestamp()
    for name in ("5-1.csv", ".6-1.csv.77.part", "notes.txt"):
        (shelf.folder / name).write_bytes(b"x")
        os.utime(shelf.folder / name, (an_hour_ago, an_hour_ago))
    kept = newest(world, token)
    assert kept.until == world.clock() + timedelta(days=7)
    background.tidy(world.store, world.desk.declared, world.clock())
    assert folder_of(world) == sorted([world.inbox.exports.fetch(token, job_id).path.name, "notes.txt"])
    world.clock.step(days=8)
    background.tidy(world.store, world.desk.declared, world.clock())
    token = world.token(person)
    gone = newest(world, token)
    assert (gone.state, gone.name) == (JobState.DONE, "")
    assert "notes.txt" in folder_of(world)
    with pytest.raises(NotFound):
        world.inbox.exports.fetch(token, job_id)


def test_erasing_somebody_takes_their_words_out_of_kept_exports(furnish: Furnish) -> None:
    world = furnish()
    world.conversation(text="mijn geheim")
    token = world.token(world.person(Role.ANALYST))
    job_id = world.inbox.exports.start(token, JSONL)
    world.inbox.exports.start(token, JSONL)
    work(world)
    running = world.inbox.exports.start(token, JSONL)
    job = export_jobs.take(world.store, export_jobs.QUEUED, owner="w", now=world.clock(), lease=LEASE)
    assert job is not None
    assert job.id == running
    erase(world.desk, forgetting.Subject(()), actor_id=None)
    assert folder_of(world) == []
    rows = {row.id: row for row in world.inbox.exports.all(token).rows}
    assert "was erased" in str(rows[job_id].trouble)
    assert rows[running].state is JobState.QUEUED
    assert not export_jobs.say(world.store, job, now=world.clock(), lease=LEASE)


def test_every_trouble_has_a_sentence_of_its_own_and_strange_ones_have_one_too() -> None:
    told = {str(sentence(trouble.told())) for trouble in Trouble}
    assert len(told) == len(Trouble) == len(SENTENCES)
    assert sentence(None) is None
    assert str(sentence({"code": "of a later version"})) == str(SENTENCES[Trouble.FAULT])
    assert JSONL.filters == EVERYTHING
