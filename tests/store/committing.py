"""A process that commits pages until it is killed, and tells each commit that was acknowledged."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from store.engine import open_store
from store.ingest import commit_page
from store.records import Near, PageCommit, Span
from tests.store.making import NOW, mention, page, person

START = NOW - timedelta(days=300)


def size_of(number: int) -> int:
    """Rows of a page; every seventh is too large for one transaction."""
    return 230 if number % 7 == 6 else 15


def hour(number: int) -> datetime:
    """Start of the hour that page `number` covers."""
    return START + timedelta(hours=number)


def make_page(number: int) -> PageCommit:
    """Page `number`: an hour of messages with replies to the page before."""
    rows = [
        mention(
            f"{number}-{row}",
            parent_external_id=f"{number - 1}-{row}" if row % 3 == 0 and number % 4 else None,
            published_at=hour(number) + timedelta(seconds=row),
            author=person(str(row % 5), name="Piet"),
            brand_ids=("acme",),
            payload=b"payload",
            dup_hash=number * 1000 + row // 2,
            near=Near((number * 1000 + row // 4, row), lambda said: 0.9 if "5" in said.text else 0.0),
        )
        for row in range(size_of(number))
    ]
    return page(*rows, covered=Span(hour(number), hour(number + 1)), state={"page": number})


def commit_until_killed(url: str, first: int, acknowledged: str) -> None:
    """Commit page after page from `first`; append the number of each acknowledged one to a file."""
    store = open_store(url)
    told = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    number = first
    while True:
        commit_page(store, make_page(number))
        os.write(told, f"{number}\n".encode())
        number += 1
