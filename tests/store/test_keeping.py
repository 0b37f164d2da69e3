"""Raw payloads, quarantine, runs, brands and tombstones."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from store.brands import BrandRecord, brand_names, current_queries, query_versions, save_query, sync_brands
from store.engine import Store
from store.ingest import commit_page
from store.quarantine import list_quarantine, mark_released, mark_tried, take
from store.raw import RawCodec, compress_payload
from store.records import QuarantineRecord
from store.runs import RunRecord, record_run
from store.schema import run, zdict
from store.tombstones import refused_items, set_tombstones
from tests.store.making import NOW, mention, page


def payload(number: int) -> dict[str, object]:
    rng = random.Random(number)
    return {
        "id": number,
        "account": {"username": f"user{rng.randrange(99)}", "followers_count": rng.randrange(5000), "bot": False},
        "content": " ".join(rng.choice(["klacht", "trein", "te laat", "dank", "bericht"]) for _ in range(20)),
        "created_at": f"2026-03-{rng.randrange(1, 28):02}T10:00:00Z",
    }


def test_payloads_are_read_back_through_the_dictionary_they_were_made_with(store: Store) -> None:
    codec = RawCodec(store)
    assert codec.refresh() is False
    records = []
    for number in range(420):
        body, zdict_id = codec.compress_payload(payload(number))
        records.append(mention(str(number), payload=body, zdict_id=zdict_id))
    commit_page(store, page(*records))
    assert codec.refresh() is True
    small, zdict_id = codec.compress_payload(payload(1000))
    assert zdict_id != 0
    assert len(small) < len(compress_payload(payload(1000))[0]) / 1.3
    commit_page(store, page(mention("1000", payload=small, zdict_id=zdict_id)))
    again = RawCodec(store)
    read = {row.external_id: row.payload for row in again.iter_raw(batch=100)}
    assert read == {str(number): payload(number) for number in [*range(420), 1000]}
    assert list(again.iter_raw(source_id="other")) == []
    with store.read() as conn:
        body = bytes(conn.execute(select(zdict.c.body)).scalar_one())
    assert b"followers_count" in body
    assert not any(word in body for word in (b"klacht", b"trein", b"bericht")), "nothing anybody said stays for ever"
    with pytest.raises(LookupError, match="zdict"):
        again.read(small, 5)


def test_a_payload_that_json_cannot_hold_is_kept_harmless(store: Store) -> None:
    codec = RawCodec(store)
    body, zdict_id = codec.compress_payload({"a": "\ud800", "n": 2**90, "f": math.inf})
    assert codec.read(body, zdict_id) == {"a": "�", "n": str(2**90), "f": None}
    assert orjson.dumps(codec.read(*codec.compress_payload([1, None]))) == b"[1,null]"


def test_unreadable_items_wait_until_they_are_released(store: Store) -> None:
    records = [QuarantineRecord(f"bad {n}", bytes([n]), bytes([n]), external_id=str(n)) for n in range(3)]
    commit_page(store, page(quarantined=tuple(records)))
    first, second, _ = list_quarantine(store)
    assert (first.error, first.source_id) == ("bad 0", "forum")
    taken = take(store, first.id)
    assert taken is not None
    assert (taken.payload, taken.row.tries) == (b"\x00", 1)
    mark_released(store, first.id, at=NOW)
    mark_tried(store, second.id, error="still bad")
    assert [row.error for row in list_quarantine(store, source_id="forum")] == ["still bad", "bad 2"]
    assert len(list_quarantine(store, released=True)) == 3
    assert list_quarantine(store, after_id=second.id, limit=1)[0].error == "bad 2"
    assert take(store, 5) is None


def test_runs_are_appended(store: Store) -> None:
    made = RunRecord("forum", "latest", started_at=NOW, asked_from=NOW, asked_to=NOW, stored=3, error_text="a\x00b")
    record_run(store, made)
    record_run(store, made)
    with store.read() as conn:
        assert [(row.stored, row.error_text) for row in conn.execute(run.select())] == [(3, "ab"), (3, "ab")]


def test_a_query_saved_on_screen_survives_the_next_start(store: Store) -> None:
    config = [BrandRecord("acme", "Acme", "acme"), BrandRecord("rival", "Rival", "rival", competitor=True)]
    sync_brands(store, config, NOW)
    with store.write() as conn:
        save_query(conn, store, "acme", "acme NOT gym", author="jo", now=NOW + timedelta(hours=1))
    sync_brands(store, config, NOW + timedelta(hours=2))
    assert current_queries(store, NOW) == {"acme": "acme", "rival": "rival"}
    assert current_queries(store, NOW + timedelta(hours=3))["acme"] == "acme NOT gym"
    sync_brands(store, [BrandRecord("acme", "Acme BV", "acme*")], NOW + timedelta(hours=4))
    assert current_queries(store, NOW + timedelta(hours=4))["acme"] == "acme*"
    assert [row.author for row in query_versions(store, "acme")] == ["config", "jo", "config"]
    assert brand_names(store) == {"acme": "Acme BV", "rival": "Rival"}


def test_tombstones_stand_once(store: Store) -> None:
    with store.write() as conn:
        for _ in range(2):
            set_tombstones(conn, [("forum", "1"), ("forum", "2")], reason="erased", at=NOW)
        assert refused_items(conn, [("forum", "1"), ("forum", "3")]) == {("forum", "1")}
