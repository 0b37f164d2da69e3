"""The worker as it is started from the command line: a picture that was sent to the bot stands in the store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.engine import open_store, utc_now
from store.schema import media, media_picture
from tests.pictures.making import photo
from tests.social.api_server import served
from tests.social.telegram_server import PRIVATE, TOKEN, TelegramServer

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
database: {database}
brands: [{{id: acme, name: Acme, query: acme}}]
sources: [{{id: bot, connector: telegram, match: all, token: '{token}', wait: 0, api_url: '{url}'}}]
teams: [{{id: webcare}}]
"""


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_picture_goes_from_the_platform_into_the_store_and_the_worker_ends_in_order(
    store_url: str, tmp_path: Path
) -> None:
    server = TelegramServer(utc_now)
    server.files["groot"] = ("photos/file_7.jpg", photo(1280, 853))
    server.says(
        PRIVATE, None, photo=[{"file_id": "groot", "file_unique_id": "b", "width": 1280, "height": 853}], caption="kijk"
    )
    store = open_store(store_url)
    with served(server) as url:
        config = tmp_path / "config.yaml"
        config.write_text(CONFIG.format(database=store_url, token=TOKEN, url=url), encoding="utf-8")
        worker = subprocess.Popen(
            [sys.executable, "-m", "klankbord", "worker", "--config", str(config)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            deadline = time.monotonic() + 120
            rows: list[Any] = []
            while not any(row.state == "kept" for row in rows) and time.monotonic() < deadline:
                time.sleep(0.1)  # another process decides when
                with store.read() as conn:
                    rows = list(conn.execute(select(media)))
            with store.read() as conn:
                small = conn.execute(select(media_picture.c.small)).scalar_one()
        finally:
            worker.send_signal(signal.SIGTERM)
            code = worker.wait(60)
    store.close()
    assert [(row.state, row.width, row.height) for row in rows] == [("kept", 1280, 853)]
    assert bytes(small).startswith(b"\xff\xd8\xff")
    assert code == 0
