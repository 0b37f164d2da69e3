from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bluesky import syntax
from tests.connectors.contracts import _BESIDE

FOLDER = Path(os.environ.get("KLANKBORD_SHARED", _BESIDE)) / "contracts/atproto/interop-test-files/syntax"
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def is_at_uri(text: str) -> bool:
    try:
        return str(syntax.AtUri.parse(text)) == text
    except ValueError:
        return False


RULES = {
    "did": syntax.is_did,
    "handle": syntax.is_handle,
    "recordkey": syntax.is_record_key,
    "nsid": syntax.is_nsid,
    "tid": syntax.is_tid,
    "aturi": is_at_uri,
    "datetime": syntax.is_datetime,
}


def vectors(name: str) -> Iterator[str]:
    path = FOLDER / f"{name}.txt"
    if not path.exists():
        pytest.skip("the AT Protocol's interop vectors are not on this machine (KLANKBORD_SHARED names their folder)")
    return (line for line in path.read_text().split("\n") if line and not line.startswith("#"))


@pytest.mark.parametrize("kind", RULES)
def test_the_protocols_own_vectors_are_told_apart(kind: str) -> None:
    valid, invalid = list(vectors(f"{kind}_syntax_valid")), list(vectors(f"{kind}_syntax_invalid"))
    assert len(valid) > 5
    assert [each for each in valid if not RULES[kind](each)] == []
    assert [each for each in invalid if RULES[kind](each)] == []


def test_datetimes_that_only_look_like_one_are_refused() -> None:
    wrong = list(vectors("datetime_parse_invalid"))
    assert wrong
    for each in wrong:
        assert not syntax.is_datetime(each)
        with pytest.raises(ValueError, match=r"."):
            syntax.parse_datetime(each)


def test_every_datetime_of_the_protocol_is_read_as_aware_utc() -> None:
    for each in vectors("datetime_syntax_valid"):
        assert syntax.parse_datetime(each).tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1985-04-12T23:20:50.1235678912345Z", datetime(1985, 4, 12, 23, 20, 50, 123567, UTC)),
        ("1985-04-12T23:20:50.123-07:00", datetime(1985, 4, 13, 6, 20, 50, 123000, UTC)),
        ("1985-04-12T23:20:50", datetime(1985, 4, 12, 23, 20, 50, tzinfo=UTC)),
        ("1985-04-12", datetime(1985, 4, 12, tzinfo=UTC)),
    ],
)
def test_what_clients_write_is_read_also_without_zone_or_time(written: str, read: datetime) -> None:
    assert syntax.parse_datetime(written) == read


@given(INSTANTS)
def test_an_instant_written_is_a_datetime_of_the_protocol_and_reads_back(at: datetime) -> None:
    written = syntax.write_datetime(at)
    assert syntax.is_datetime(written)
    assert timedelta(0) <= at - syntax.parse_datetime(written) < timedelta(milliseconds=1)


@given(st.text(), INSTANTS, st.integers(1, 10**9))
def test_a_wish_has_one_record_key_which_sorts_by_its_instant(key: str, at: datetime, later: int) -> None:
    tid = syntax.tid_for(key, at)
    assert syntax.is_tid(tid)
    assert tid == syntax.tid_for(key, at)
    assert syntax.tid_for("another", at + timedelta(milliseconds=later)) > tid


def test_wishes_of_one_millisecond_have_keys_of_their_own() -> None:
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert len({syntax.tid_for(f"wish {number}", at) for number in range(200)}) == 200
