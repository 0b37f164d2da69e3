"""`up`, `worker`, `dashboard`, `web`: the processes that run on."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import closing
from typing import Annotated

import typer

from inbox import people
from klankbord import compose
from klankbord.commands.people import link_url
from klankbord.config import Listener
from klankbord.console import CommandError, ConfigFile, load, log_to_stderr, notes, screen
from klankbord.supervise import Part, supervise


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("up")(up)
    app.command("worker")(worker)
    app.command("dashboard")(dashboard)
    app.command("web")(web)
    app.command("example-server", hidden=True)(example_server)


def up(config: ConfigFile = None) -> None:
    """Run everything on this machine: worker, dashboard and web. Prints a one-time link to sign in."""
    from klankbord.example import start

    path = compose.config_path(config).resolve()
    os.environ[compose.CONFIG_VARIABLE] = str(path)
    start.choose_port(path)
    loaded = load(path)
    for listener, key in ((loaded.dashboard, "dashboard"), (loaded.web, "web")):
        _check_free(listener, key)
    if loaded.example:
        start.fill(loaded)
    with compose.opened(loaded) as store:
        made = people.first_administrator(compose.desk(store, loaded))
    parts = [Part("worker", ("worker",)), Part("dashboard", ("dashboard",)), Part("web", ("web",))]
    if loaded.example:
        parts.insert(0, Part("example sources", ("example-server",)))
    address = loaded.public_url or f"http://{loaded.dashboard.host}:{loaded.dashboard.port}"
    if made is not None:
        screen.print(
            f"\nSign in once, and set your password, at:\n  [bold]{link_url(loaded, made.token)}[/]", soft_wrap=True
        )
    screen.print(f"\nKlankbord runs at {address}. Stop it with Ctrl+C.\n", soft_wrap=True)
    raise typer.Exit(asyncio.run(supervise(parts, notes.print)))


def worker(
    config: ConfigFile = None,
    verbose: Annotated[bool, typer.Option(help="Log every step.")] = False,
) -> None:
    """Collect, enrich, route and tidy up, until stopped."""
    from klankbord.work import run_worker

    log_to_stderr(verbose=verbose)
    asyncio.run(run_worker(load(config)))


def dashboard(
    config: ConfigFile = None,
    development: Annotated[bool, typer.Option(help="Reload when the code changes.")] = False,
) -> None:
    """Serve the dashboard, until stopped."""
    from screens.serve import run

    path = compose.config_path(config).resolve()
    loaded = load(path)
    os.environ[compose.CONFIG_VARIABLE] = str(path)
    run(host=loaded.dashboard.host, port=loaded.dashboard.port, development=development)


def web(config: ConfigFile = None) -> None:
    """Serve health and metrics, until stopped."""
    import uvicorn

    from web.app import make_app

    log_to_stderr()
    loaded = load(config)
    with compose.opened(loaded) as store:
        uvicorn.run(make_app(store), host=loaded.web.host, port=loaded.web.port, log_level="warning", access_log=False)


def example_server(config: ConfigFile = None) -> None:
    """Serve the example brand's feeds and forum on loopback, and drop its files, until stopped."""
    from klankbord.example import start

    log_to_stderr()
    start.serve(load(config))


def _check_free(listener: Listener, key: str) -> None:
    """Say before anything starts that a port is taken, rather than letting a part die over and over.

    Raises:
        CommandError: another program listens there.
    """
    if listener.port == 0:
        return
    with closing(socket.socket(socket.AF_INET6 if ":" in listener.host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            msg = (
                f"port {listener.port} on {listener.host} is taken ({error.strerror}); is Klankbord running already? "
                f"Otherwise choose another under `{key}:` in the configuration"
            )
            raise CommandError(msg) from error
