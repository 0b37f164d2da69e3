"""What the clock finds due is done row by row: a bad one stops nothing, a store that is away stops all."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy.exc import OperationalError

from inbox import due
from store.errors import StoreUnavailableError

_numbers = itertools.count(1)


def _name() -> str:
    return f"step {next(_numbers)} for row"


def test_a_bad_row_stops_neither_those_before_it_nor_those_after_it(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def do(row_id: int) -> bool:
        if row_id == 2:
            raise KeyError(row_id)
        done.append(row_id)
        return row_id != 3

    assert due.each([1, 2, 3, 4], do, _name()) == 2
    assert done == [1, 3, 4]
    assert "row 2 failed" in caplog.text
    assert "KeyError: 2" in caplog.text


def test_the_same_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    name = _name()

    def do(row_id: int) -> bool:
        raise ValueError(row_id)

    assert due.each([5], do, name) == due.each([5], do, name) == 0
    assert caplog.text.count("row 5 failed") == 1


@pytest.mark.parametrize("away", [OperationalError("select", {}, Exception("locked")), StoreUnavailableError("away")])
def test_a_store_that_is_away_ends_the_look(away: Exception) -> None:
    tried: list[int] = []

    def do(row_id: int) -> bool:
        tried.append(row_id)
        raise away

    with pytest.raises(type(away)):
        due.each([1, 2], do, _name())
    assert tried == [1]
