"""Opening, reading, writing and closing the store."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from store.engine import Store
from store.schema import dup_key, mention, setting


def test_a_fresh_store_reads_what_it_wrote(store: Store) -> None:
    with store.write() as conn:
        conn.execute(setting.insert().values(key="a", value={"b": [1, "é"]}))
    with store.read() as conn:
        assert conn.execute(select(setting.c.value)).scalar_one() == {"b": [1, "é"]}


def test_eight_threads_of_read_modify_write_lose_nothing(store: Store) -> None:
    with store.write() as conn:
        conn.execute(setting.insert().values(key="n", value=0))

    def work() -> None:
        for _ in range(25):
            with store.write() as conn:
                row = select(setting.c.value).where(setting.c.key == "n").with_for_update()
                now = conn.execute(row).scalar_one()
                conn.execute(setting.update().where(setting.c.key == "n").values(value=now + 1))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert conn.execute(select(setting.c.value)).scalar_one() == 200


def test_what_is_read_together_is_read_in_one_transaction(store: Store) -> None:
    begun: list[object] = []
    event.listen(store.engine, "begin", begun.append)
    with store.reading_together():
        for _ in range(3):
            with store.read() as conn:
                conn.execute(select(setting.c.key)).all()
    assert len(begun) == 1
    with store.read() as conn:
        conn.execute(select(setting.c.key)).all()
    assert len(begun) == 2, "afterwards each read stands alone again"


def test_reading_together_sees_what_the_same_thread_wrote_in_between(store: Store) -> None:
    with store.reading_together():
        with store.read() as outer:
            assert outer.execute(select(setting.c.key)).all() == []
            with store.write() as conn:
                conn.execute(setting.insert().values(key="a", value=1))
                with store.read() as inside:
                    inside.execute(select(setting.c.key)).all()
        with store.read() as conn:
            assert conn.execute(select(setting.c.key)).scalars().all() == ["a"]


def test_reading_together_goes_on_after_an_error(store: Store) -> None:
    with store.reading_together():
        with pytest.raises(DBAPIError), store.read() as conn:
            conn.exec_driver_sql("SELECT nothing FROM nowhere")
        with store.read() as conn:
            assert conn.execute(select(setting.c.key)).all() == []


def test_nothing_is_among_nothing_whatever_the_column_holds(store: Store) -> None:
    with store.read() as conn:
        for column in (dup_key.c.dup_hash, mention.c.platform):
            assert conn.execute(select(column).where(store.dialect.among(column, []))).all() == []
