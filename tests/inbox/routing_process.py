"""Routes what waits until nothing does, for tests that kill it: python -m tests.inbox.routing_process DATABASE."""

from __future__ import annotations

import sys

from inbox.route import route_pending
from store.engine import open_store, utc_now
from tests.inbox.conftest import SETTINGS


def main(url: str) -> None:
    """Route; tells on a line of its own that it begins."""
    store = open_store(url)
    sys.stdout.write("routing\n")
    sys.stdout.flush()
    while route_pending(store, SETTINGS, utc_now(), limit=10):
        pass
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
