"""Serving the dashboard: settings, routes, middleware, start-up, and starting it from the command line.

`dashboard.py` holds the literal `app = st.App(...)` (Streamlit finds it by reading that file) and takes all its parts
from here. Shipped settings are defaults: flags, environment and a user's own `.streamlit/config.toml` win.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import logging
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config as streamlit_config

from screens import auth, components, i18n, state
from screens.gate import Gate
from screens.security import SecurityHeaders

PAGE = Path(__file__).parent / "page.py"
SETTINGS = Path(__file__).parent / ".streamlit" / "config.toml"
DEV = "KLANKBORD_DEV"
_LOG = logging.getLogger(__name__)
# Imported by Streamlit when a page first needs them; up front, so that nobody waits and the heap can be frozen.
_EAGER = (
    "pandas",
    "pyarrow",
    "babel.dates",
    "babel.numbers",
    "screens.inbox_page",
    "screens.sources_page",
    "screens.people_page",
)


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
    """Import everything, open the inbox, then freeze the heap.

    Streamlit collects garbage after every run; with the frozen heap that costs 5 to 10 times less. Not under
    `KLANKBORD_DEV`, where modules are replaced while the server runs.
    """
    for name in _EAGER:
        importlib.import_module(name)
    components.register()
    for code in i18n.LANGUAGES:
        i18n.load(code)
    state.inbox()
    if not os.environ.get(DEV):
        gc.collect()
        gc.freeze()
    yield {}


def routes() -> Sequence[BaseRoute]:
    """Our own routes; they win over Streamlit's."""
    return auth.routes(state.inbox)


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


def run(*, host: str, port: int, script: Path | None = None, development: bool = False) -> None:
    """Serve the dashboard until stopped. For `klankbord dashboard`; does not return normally.

    `script` is the path of `dashboard.py`; when left out, it is found without importing it.

    Streamlit's own command is used, so that it behaves as `streamlit run` does. The configuration of Klankbord
    reaches `dashboard.py` by the environment, which the caller sets.

    Raises:
        FileNotFoundError: `dashboard.py` is not installed.
        SystemExit: at the end, with Streamlit's exit code.
    """
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
