"""The files of our components, served once: `/parts/<hash of the file>/<name>`, kept by browsers for good.

Streamlit sends what a component was registered with again at every redraw. So each is registered with two lines that
fetch its JavaScript and CSS from here; a changed file has another address, and a browser asks for it anew.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_HERE = Path(__file__).parent
_OUTBOX = _HERE / "outbox.js"
_KINDS = {".js": "text/javascript", ".css": "text/css"}
_FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


@cache
def address(path: Path) -> str:
    """Where the file is served: a path on this server."""
    return f"/parts/{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}/{path.name}"


def script(path: Path) -> str:
    """JavaScript that stands for the file. Streamlit runs it from a `blob:`, which has no host: hence the origin."""
    part, outbox = (f'await import(location.origin + "{address(one)}")' for one in (path, _OUTBOX))
    return f"const part = {part}, {{ once }} = {outbox};\nexport default once(part.default);\n"


def style(path: Path) -> str:
    """CSS that stands for the file; in two lines, because Streamlit takes one line for the name of a file."""
    return f'/* {path.name} */\n@import "{address(path)}";\n'


def routes() -> tuple[Route, ...]:
    """The route of all files."""
    return (Route("/parts/{mark}/{name}", _send, methods=["GET"]),)


@cache
def _files() -> tuple[Path, ...]:
    return (_OUTBOX, *sorted(path for path in _HERE.glob("*/*") if path.suffix in _KINDS))


@cache
def _by_address() -> dict[str, tuple[bytes, str]]:
    return {address(path): (path.read_bytes(), _KINDS[path.suffix]) for path in _files()}


async def _send(request: Request) -> Response:
    found = _by_address().get(request.url.path)
    if found is None:
        return PlainTextResponse("not found", status_code=404)
    return Response(found[0], media_type=found[1], headers=_FOR_GOOD)
