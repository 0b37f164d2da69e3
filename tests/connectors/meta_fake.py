"""What the fakes of Meta's platforms share: errors and pages as the Graph API words them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.conformance import FakePlatform
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, Request, Response


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def error(code: int, message: str, subcode: int | None = None, **more: Any) -> dict[str, Json]:
    told: dict[str, Json] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1m6", **more}
    if subcode is not None:
        told["error_subcode"] = subcode
    return {"error": told}


def page_of(entries: Sequence[Any], params: dict[str, str], size: int, base: str) -> dict[str, Any]:
    """One page of a list. A place is how many entries lie below it, so that new ones on top move nothing."""
    left = int(params["after"].removeprefix("QV")) if "after" in params else len(entries)
    first = len(entries) - left
    shown = list(entries[first : first + size])
    below = left - len(shown)
    paging: dict[str, Any] = {"cursors": {"before": f"QV{left}", "after": f"QV{below}"}}
    if below > 0:
        paging["next"] = f"{base}?access_token=very-secret&limit={size}&after=QV{below}"
    return {"data": shown, "paging": paging}


class FakeGraph(FakePlatform):
    """A fake that words its refusals as the Graph API does."""

    def rate_limited(self, request: Request, wait_s: int | None) -> Response:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return self.json(request, error(4, "Application request limit reached", is_transient=True), 403, headers)

    def unauthorized(self, request: Request) -> Response:
        said = "Error validating access token: Session has expired"
        return self.json(request, error(190, said, 463), 400)

    def revoked(self, request: Request) -> Response:
        return self.json(request, error(190, "The user has not authorized application 1", 458), 400)

    def denied(self, renewal: Request) -> Response:
        return self.json(renewal, error(190, "The access token could not be decrypted"), 400)

    def out_of_scope(self, request: Request) -> Response:
        said = "(#10) This endpoint requires the 'pages_read_user_content' permission"
        return self.json(request, error(10, said), 403)

    def listed(self, request: HttpRequest, entries: Sequence[Any]) -> HttpResponse:
        return self.json(request, page_of(entries, dict(request.params), self.page_size, request.url))
