"""The web process: health and figures over a real store, on both engines."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from connectors.push import PushedMessage
from inbox.desk import Desk
from inbox.settings import InboxSettings
from store.engine import Store, open_store
from store.ingest import commit_page
from store.meters import MICRO, MeterRecord, declare, settle
from store.records import MeterCharge, QuarantineRecord
from store.sources import SourceRecord, record_trouble, sync_sources
from tests.conftest import Clock
from tests.store.making import NOW, mention, page
from web.api.meter import Meter
from web.api.settings import ApiSettings, Pushing
from web.app import make_app
from web.metrics import render

if TYPE_CHECKING:
    from tests.conftest import PostgresDatabases


class Client:
    """Asks the application in this process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        desk = Desk(store, InboxSettings(), clock)
        self._app = make_app(desk, api=ApiSettings(), push=Pushing(PushedMessage, {}))

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
                return await client.get(path)

        return asyncio.run(ask())


def figures(client: Client) -> dict[tuple[str, str], float]:
    """(name, label's value) → value, as Prometheus reads it."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def client(store: Store, clock: Clock) -> Client:
    return Client(store, clock)


def test_a_store_at_the_right_version_is_healthy(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_store_without_migrations_is_down_and_says_what_to_run(empty_store_url: str, clock: Clock) -> None:
    store = open_store(empty_store_url)
    answer = Client(store, clock).get("/healthz")
    store.close()
    assert answer.status_code == 503
    assert "klankbord migrate" in answer.json()["reason"]


def test_a_database_that_a_newer_version_migrated_is_down(store: Store, client: Client) -> None:
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/healthz").status_code == 503


def test_a_database_that_went_away_is_down_without_its_password(
    postgres_databases: PostgresDatabases, clock: Clock, request: pytest.FixtureRequest
) -> None:
    url = postgres_databases.migrated()
    store = open_store(url.replace("postgres@", "postgres:s3cretword@"), clock=clock)
    request.addfinalizer(store.close)
    client = Client(store, clock)
    assert client.get("/healthz").status_code == 200
    postgres_databases.drop(url)
    for path in ("/healthz", "/metrics"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.json()["status"] == "down"
        assert "s3cretword" not in answer.text


def test_an_empty_workspace_has_figures(client: Client) -> None:
    assert figures(client)["klankbord_conversations_overdue", ""] == 0


def test_figures_tell_what_was_stored_and_what_is_wrong(store: Store, client: Client, clock: Clock) -> None:
    known = [
        SourceRecord(id=name, connector="feeds", platform="forum", name=name, every_s=300, archive_after_s=0)
        for name in "ab"
    ]
    sync_sources(store, known, NOW)
    poison = QuarantineRecord(error="row 3 is no JSON", payload=b"{", payload_sha256=bytes(32))
    commit_page(store, page(mention("1"), mention("2"), source_id="a", quarantined=(poison,)))
    commit_page(store, page(mention("1"), source_id="a"))
    record_trouble(store, "b", now=NOW, health="login_needed", health_text="log in again", error_class="AuthDead")
    clock.step(timedelta(minutes=1))
    found = figures(client)
    assert found["klankbord_mentions_stored_total", "a"] == 2
    assert found["klankbord_mentions_duplicate_total", "a"] == 0  # repeats are counted by recorded runs
    assert found["klankbord_source_quarantined", "a"] == 1
    assert found["klankbord_source_gaps_open", "b"] == 0
    assert (found["klankbord_source_healthy", "a"], found["klankbord_source_healthy", "b"]) == (1, 0)
    assert found["klankbord_conversations_open", "new"] == 2


def test_every_figure_has_a_help_text_and_a_name_of_ours(client: Client) -> None:
    told = client.get("/metrics").text
    names = re.findall(r"^# TYPE (\S+)", told, re.MULTILINE)
    assert names
    assert all(name.startswith("klankbord_") for name in names)
    assert sorted(re.findall(r"^# HELP (\S+) \S", told, re.MULTILINE)) == sorted(names)


def test_budgets_are_figures_too(store: Store, clock: Clock) -> None:
    declare(store, "x", [MeterRecord("usd", "USD", 50 * MICRO, 5 * MICRO, "day", "UTC")])
    settle(store, "x", [MeterCharge("usd", clock().date(), used=1_234_567)])
    told = render(store, clock(), Meter()).decode()
    labels = '{meter="usd",period="day",source="x",unit="USD"}'
    assert f"klankbord_meter_used{labels} 1.234567" in told
    assert f"klankbord_meter_limit{labels} 50.0" in told
    assert f"klankbord_meter_reset_timestamp_seconds{labels} 1.7731872e+09" in told
