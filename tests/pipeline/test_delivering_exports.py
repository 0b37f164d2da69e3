"""Finished exports delivered to folders and object stores: whole or not at all, and tried again."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from sqlalchemy import select

from pipeline.exporting import folder, objects
from pipeline.exporting.delivering import LEASE, ExportDeliverer, pause_after
from pipeline.exporting.places import Parcel, UndeliveredError
from pipeline.http.guard import Guard
from pipeline.settings import ObjectStoreSettings
from store import export_jobs, export_schedules
from store.engine import Store
from store.export_jobs import NewJob, Trouble
from store.schema import export_job, made_file
from tests.conftest import Clock

BODY = b"id;text\r\n1;hoi\r\n"


@pytest.fixture(scope="module")
def amazon() -> Iterator[str]:
    """An S3-compatible store on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lake(amazon: str) -> ObjectStoreSettings:
    """A bucket there, empty."""
    settings = ObjectStoreSettings(
        id="lake", bucket="lake", endpoint=amazon, prefix="/team//exports/", access_key="key", secret_key="secret-key"
    )
    httpx.put(f"{amazon}/lake").raise_for_status()
    obstore.delete(opened(settings), list(standing(settings)))
    return settings


def opened(settings: ObjectStoreSettings) -> S3Store:
    return S3Store(
        settings.bucket,
        endpoint=settings.endpoint,
        access_key_id="a",
        secret_access_key="b",
        client_options={"allow_http": True},
    )


def standing(settings: ObjectStoreSettings) -> dict[str, bytes]:
    """What stands in the bucket; no half upload does."""
    assert "<Upload>" not in httpx.get(f"{settings.endpoint}/{settings.bucket}?uploads").text
    store = opened(settings)
    found = [each["path"] for batch in obstore.list(store) for each in batch]
    return {path: bytes(obstore.get(store, path).bytes()) for path in found}


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    path = tmp_path / "1-1.csv"
    path.write_bytes(BODY)
    return Parcel(path, "daily-2026-11-28.csv", b"{}\n")


class Dropping(threading.Thread):
    """Stands before a server, and drops every connection after so many bytes of the caller's."""

    def __init__(self, server: str, after: int) -> None:
        super().__init__(daemon=True)
        host, _, port = server.removeprefix("http://").partition(":")
        self._server, self._after = (host, int(port)), after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            for here, there, most in ((caller, server, self._after), (server, caller, 10**12)):
                threading.Thread(target=self._pump, args=(here, there, most), daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @staticmethod
    def _pump(here: socket.socket, there: socket.socket, most: int) -> None:
        seen = 0
        try:
            while (data := here.recv(65_536)) and (seen := seen + len(data)) <= most:
                there.sendall(data)
        except OSError:
            pass
        for each in (here, there):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def test_a_small_export_and_its_manifest_stand_in_the_store(parcel: Parcel, lake: ObjectStoreSettings) -> None:
    where = objects.deliver(parcel, lake, Guard())
    assert where == "s3://lake/team/exports/daily-2026-11-28.csv"
    assert standing(lake) == {
        "team/exports/daily-2026-11-28.csv": BODY,
        "team/exports/daily-2026-11-28.csv.manifest.json": b"{}\n",
    }


def test_a_large_one_goes_in_parts(parcel: Parcel, lake: ObjectStoreSettings) -> None:
    body = os.urandom(20_000_000)
    parcel.path.write_bytes(body)
    objects.deliver(parcel, lake, Guard())
    assert standing(lake)["team/exports/daily-2026-11-28.csv"] == body


@pytest.mark.parametrize("size", [1_000, 20_000_000])
def test_a_line_that_drops_leaves_nothing_half_and_is_told(
    parcel: Parcel, lake: ObjectStoreSettings, size: int
) -> None:
    parcel.path.write_bytes(os.urandom(size))
    between = Dropping(lake.endpoint or "", after=min(size // 2, 3_000_000))
    between.start()
    try:
        with pytest.raises(UndeliveredError) as told:
            objects.deliver(parcel, lake.model_copy(update={"endpoint": between.address}), Guard())
    finally:
        between.close()
    assert (told.value.trouble, told.value.lasting) == (Trouble.LINE, False)
    assert standing(lake) == {}


def test_what_a_store_refuses_is_told_without_the_key(parcel: Parcel, lake: ObjectStoreSettings) -> None:
    nothing = lake.model_copy(update={"bucket": "nothing"})
    with pytest.raises(UndeliveredError) as told:
        objects.deliver(parcel, nothing, Guard())
    assert told.value.trouble is Trouble.NO_BUCKET
    gone = lake.model_copy(update={"endpoint": "http://127.0.0.1:9"})
    with pytest.raises(UndeliveredError) as told:
        objects.deliver(parcel, gone, Guard())
    assert told.value.trouble is Trouble.LINE
    assert "secret" not in repr(told.value.facts) + repr(lake)


async def _metadata(_host: str, _port: int) -> list[str]:
    return ["169.254.169.254"]


def test_an_endpoint_that_leads_inside_is_not_called(parcel: Parcel, lake: ObjectStoreSettings) -> None:
    for endpoint in ("http://store.shop.example", "http://169.254.169.254"):
        with pytest.raises(UndeliveredError) as told:
            objects.deliver(parcel, lake.model_copy(update={"endpoint": endpoint}), Guard(resolve=_metadata))
        assert told.value.trouble is Trouble.GUARDED
        assert "allow_private_hosts" in told.value.facts["why"]


def test_a_folder_gets_the_whole_file_and_no_other(parcel: Parcel, tmp_path: Path) -> None:
    base = tmp_path / "out"
    target = folder.deliver(parcel, base, "analysts/daily")
    assert target.read_bytes() == BODY
    assert sorted(each.name for each in target.parent.iterdir()) == [parcel.name, f"{parcel.name}.manifest.json"]
    parcel.path.write_bytes(b"new")
    assert folder.deliver(parcel, base, "analysts/daily").read_bytes() == b"new"


def test_a_folder_that_leads_outside_is_not_written_to(parcel: Parcel, tmp_path: Path) -> None:
    base, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    base.mkdir()
    elsewhere.mkdir()
    (base / "link").symlink_to(elsewhere)
    for place in ("link", "../elsewhere", "link/deeper"):
        with pytest.raises(UndeliveredError) as told:
            folder.deliver(parcel, base, place)
        assert told.value.trouble is Trouble.OUTSIDE
    with pytest.raises(UndeliveredError) as told:
        folder.deliver(parcel, None, "x")
    assert told.value.trouble is Trouble.NO_FOLDER
    (base / "file").write_bytes(b"")
    with pytest.raises(UndeliveredError) as told:
        folder.deliver(parcel, base, "file")
    assert told.value.trouble is Trouble.FOLDER
    assert list(elsewhere.iterdir()) == []


def test_it_is_tried_again_for_about_a_day() -> None:
    pauses = [pause_after(n) for n in range(1, 9)]
    assert pauses[-1] is None
    assert sum(each.total_seconds() for each in pauses if each is not None) / 3_600 > 24


def waiting(store: Store, clock: Clock, kept: Path, destination: str, place: str) -> int:
    """A made export that waits to be delivered."""
    kept.mkdir(exist_ok=True)
    with store.write() as conn:
        values: dict[str, Any] = {"name": "Daily", "every": "day", "hour": 6, "period": date(2026, 11, 29)}
        values |= {"wanted": {}, "destination": destination, "place": place}
        schedule = export_schedules.add(store, conn, {**values, "next_at": clock(), "made_by": 1, "made_at": clock()})
        job = NewJob(1, {"tables": ["mentions"], "form": {"format": "csv"}}, schedule, date(2026, 11, 28))
        (job_id,) = export_jobs.add(store, conn, [job], now=clock())
        (kept / f"{job_id}-1.csv").write_bytes(BODY)
        made = {"state": "sending", "file": f"{job_id}-1.csv", "name": "daily.csv", "manifest": {"rows": 1}}
        export_jobs.change(conn, job_id, **made)
    return job_id


@pytest.fixture
def deliverer(store: Store, clock: Clock, tmp_path: Path, lake: ObjectStoreSettings) -> ExportDeliverer:
    return ExportDeliverer(
        store,
        kept=tmp_path / "kept",
        below=tmp_path / "out",
        stores={"lake": lake},
        guard=Guard(),
        clock=clock,
    )


def test_what_a_schedule_made_is_delivered_and_remembered(
    store: Store, clock: Clock, tmp_path: Path, deliverer: ExportDeliverer
) -> None:
    first = waiting(store, clock, tmp_path / "kept", "folder", "daily")
    second = waiting(store, clock, tmp_path / "kept", "store", "lake")
    assert [deliverer.deliver_next("w") for _ in range(3)] == [True, True, False]
    target = tmp_path / "out" / "daily" / "daily.csv"
    with store.read() as conn:
        told = {row.id: (row.state, row.delivered_to) for row in conn.execute(select(export_job))}
        remembered = list(conn.execute(select(made_file.c.path, made_file.c.kind)))
    assert told == {first: ("done", str(target)), second: ("done", "s3://lake/team/exports/daily.csv")}
    assert target.read_bytes() == BODY
    assert [tuple(row) for row in remembered] == [(str(target), "export")]


def test_what_cannot_be_delivered_waits_longer_each_time_and_then_fails(
    store: Store, clock: Clock, tmp_path: Path, deliverer: ExportDeliverer
) -> None:
    (tmp_path / "out").write_bytes(b"no folder")
    job_id = waiting(store, clock, tmp_path / "kept", "folder", "daily")
    tries = 0
    while True:
        assert deliverer.deliver_next("w")
        tries += 1
        with store.read() as conn:
            job = export_jobs.find(conn, job_id)
        assert job is not None
        assert job.trouble["code"] == Trouble.FOLDER
        if job.state == "failed":
            break
        assert not deliverer.deliver_next("w")
        clock.now = job.not_before
    assert tries == 8
    assert job.file is not None


def test_a_delivery_whose_worker_went_away_is_done_again(
    store: Store, clock: Clock, tmp_path: Path, deliverer: ExportDeliverer
) -> None:
    job_id = waiting(store, clock, tmp_path / "kept", "folder", "daily")
    assert export_jobs.take(store, export_jobs.SENDING, owner="dead", now=clock(), lease=LEASE)
    assert not deliverer.deliver_next("w")
    clock.now += LEASE
    assert deliverer.deliver_next("w")
    with store.read() as conn:
        found = export_jobs.find(conn, job_id)
    assert found is not None
    assert found.state == "done"


def test_what_was_erased_meanwhile_does_not_stay_where_it_was_delivered(
    store: Store, clock: Clock, tmp_path: Path, deliverer: ExportDeliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = waiting(store, clock, tmp_path / "kept", "folder", "daily")
    deliver = folder.deliver

    def erased_meanwhile(*given: Any) -> Path:
        target = deliver(*given)
        with store.write() as conn:
            job = export_jobs.find(conn, job_id)
            assert job is not None
            export_jobs.forget_file(conn, job, now=clock())
        return target

    monkeypatch.setattr(folder, "deliver", erased_meanwhile)
    assert deliverer.deliver_next("w")
    assert not (tmp_path / "out" / "daily" / "daily.csv").exists()
    with store.read() as conn:
        job = export_jobs.find(conn, job_id)
    assert job is not None
    assert (replace(job, id=0).state, job.trouble["code"]) == ("failed", Trouble.ERASED)
