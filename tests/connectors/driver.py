"""Performs a connector's requests over real HTTP, so that its fake platform can be the collector's other side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx

from connectors.requests import HttpRequest, HttpResponse, Request

CLIENT = httpx.Client(timeout=20, trust_env=False)


def perform(request: Request, now: datetime) -> HttpResponse:
    """Send one request and read its answer whole."""
    assert isinstance(request, HttpRequest)
    body: dict[str, Any] = {} if request.json is None else {"json": request.json}
    if request.form is not None:
        body = {"data": dict(request.form)}
    answer = CLIENT.request(
        request.method,
        request.url.replace("{secret}", request.secret or ""),
        params=list(request.params) or None,
        headers=dict(request.headers),
        **body,
    )
    return HttpResponse(request, answer.status_code, dict(answer.headers), answer.content, str(answer.url), now)
