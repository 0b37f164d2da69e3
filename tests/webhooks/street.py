"""Meta's and our own sides of a webhook, for tests: signing, the listening process, and what is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import uvicorn

from connectors.meta.webhooks import MetaSigning
from connectors.webhooks import Signing
from store.engine import Store
from tests.conftest import Clock
from web import serving
from web.webhooks import make_receiver

SECRET, TOKEN = "app-secret-of-acme", "a-word-of-our-own"
HTTP = httpx.Client(timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def meta() -> MetaSigning:
    return MetaSigning([SECRET], TOKEN)


def signature(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def written(told: Any) -> bytes:
    """As Meta writes it: everything that is not ASCII escaped in lower case."""
    return json.dumps(told).encode()


def told_of(kind: str, account: str, at: datetime, *changes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    entry = {"id": account, "time": int(at.timestamp())}
    return {"object": kind, "entry": [{**entry, "changes": [{"field": name, "value": each} for name, each in changes]}]}


def push(url: str, told: Any) -> httpx.Response:
    body = told if isinstance(told, bytes) else written(told)
    return HTTP.post(url, content=body, headers={"Content-Type": "application/json", **signature(body)})


@contextmanager
def listening(
    store: Store, clock: Clock, hooks: Mapping[str, Signing], *, life_s: float = 20.0, body_s: float = 10.0
) -> Iterator[str]:
    """Our process, as `klankbord webhooks` serves it, on a free port; gives the address of all webhooks."""
    app = make_receiver(store, hooks, clock=clock, body_s=body_s)
    settings = serving.settings(app, host="127.0.0.1", port=0, proxies=("127.0.0.1",))
    settings.http = type("Brief", (serving.BoundedProtocol,), {"life_s": life_s})
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (socket,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/hooks"
    finally:
        server.should_exit = True
        thread.join()
