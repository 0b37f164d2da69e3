"""Serving the dashboard: settings, routes, middleware, start-up, and starting it from the command line.

`dashboard.py` holds the literal `app = st.App(...)` (Streamlit finds it by reading that file) and takes all its parts
from here. Shipped settings are defaults: flags, environment and a user's own `.streamlit/config.toml` win.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route
from streamlit import config as streamlit_config

from screens import (
    ask_page,
    auth,
    components,
    export_files,
    heap,
    i18n,
    pictures,
    reach,
    second_step,
    single_sign_on,
    state,
    theming,
)
from screens.components import parts
from screens.gate import Gate
from screens.security import SecurityHeaders

PAGE = Path(__file__).parent / "page.py"
SETTINGS = Path(__file__).parent / ".streamlit" / "config.toml"
DEV = "KLANKBORD_DEV"
_LOG = logging.getLogger(__name__)


def apply_settings() -> None:
    """Use the shipped Streamlit settings wherever nobody set something else. Call before `st.App(...)`."""
    with SETTINGS.open("rb") as file:
        shipped = tomllib.load(file)
    for key, value in _flat(shipped):
        if not streamlit_config.is_manually_set(key):
            streamlit_config.set_option(key, value, "shipped with Klankbord")


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, Any]]:
    """Import everything, open the inbox, then keep the collector of garbage away from it (`screens.heap`).

    Not under `KLANKBORD_DEV`, where modules are replaced while the server runs.
    """
    heap.load()
    components.register()
    for code in i18n.LANGUAGES:
        i18n.load(code)
    state.inbox()
    theming.remember()
    if not os.environ.get(DEV):
        heap.set_aside()
    async with heap.tidied():
        yield {}


def routes() -> Sequence[BaseRoute]:
    """Our own routes; they win over Streamlit's."""
    return (
        Route("/inbox", _to_the_inbox, methods=["GET"]),
        *parts.routes(),
        *(
            route
            for pages in (auth, second_step, single_sign_on, ask_page, pictures, export_files)
            for route in pages.routes(state.inbox)
        ),
    )


def _to_the_inbox(request: Request) -> RedirectResponse:
    """The inbox is the page at the root, which Streamlit knows by no other address."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{query}", status_code=307)


def middleware() -> Sequence[Middleware]:
    """Headers outermost, so that refusals carry them too; then the gate."""
    return (Middleware(SecurityHeaders), Middleware(Gate, knows=_knows))


def _knows(token: str) -> bool:
    return auth.signed_in(state.inbox(), token)


def on_script_error(error: Exception) -> bool:
    """An unforeseen error in a page: logged with its trace for the administrator, plain words for the reader."""
    _LOG.error("a page failed", exc_info=error)
    st.error(
        i18n._(
            "Something went wrong here; nothing you saved is lost. Reload the page. The server's log has the details."
        )
    )
    return True


def run(
    *,
    host: str,
    port: int,
    script: Path | None = None,
    development: bool = False,
    trusted_proxies: Sequence[str] = ("127.0.0.1", "::1"),
    listening: socket.socket | None = None,
) -> None:
    """Serve the dashboard until stopped. For `klankbord dashboard`; does not return normally.

    `script` is the path of `dashboard.py`; when left out, it is found without importing it. `trusted_proxies` are the
    addresses or networks whose word is taken on who the visitor is. `listening` is a socket on a port that other
    processes listen on beside this one (`_share`).

    Streamlit's own command is used, so that it behaves as `streamlit run` does. The configuration of Klankbord
    reaches `dashboard.py` by the environment, which the caller sets.

    Raises:
        FileNotFoundError: `dashboard.py` is not installed.
        SystemExit: at the end, with the server's exit code.
    """
    reach.trust_proxies(trusted_proxies)
    if listening is not None:
        _share(host, port, listening)
        return
    from streamlit.web import cli

    if script is None:
        found = importlib.util.find_spec("dashboard")
        if found is None or found.origin is None:
            msg = "dashboard.py was not found beside the packages of Klankbord; install Klankbord again"
            raise FileNotFoundError(msg)
        script = Path(found.origin)
    if development:
        os.environ[DEV] = "1"
    sys.argv = [
        "streamlit",
        "run",
        str(script),
        f"--server.address={host}",
        f"--server.port={port}",
        "--server.headless=true",
        # Read before our own settings are: without it Streamlit counts this start.
        "--browser.gatherUsageStats=false",
    ]
    cli.main(prog_name="streamlit")


def _share(host: str, port: int, listening: socket.socket) -> None:
    """Serve on a port that several processes listen on: the kernel deals connections out to them.

    A tab stays with the process that took its websocket, so what only that process knows (the state of the tab) is
    found again; everything else lies in the store, is the same file in each, or comes by the environment. Streamlit's
    command cannot share a port, so uvicorn is given the app as for any other server.
    """
    import uvicorn

    os.environ |= {
        "STREAMLIT_SERVER_ADDRESS": host,
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    config = uvicorn.Config("dashboard:app", ws="websockets-sansio", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])
