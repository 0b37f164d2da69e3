"""Opening, reading, writing and closing the store."""

from __future__ import annotations

import threading

from sqlalchemy import select

from store.engine import Store
from store.schema import setting


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
