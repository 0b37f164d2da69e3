"""`up`, `worker`, `dashboard`, `web`: the processes that run on."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Annotated

import typer

from inbox import people
from klankbord import compose
from klankbord.commands.people import link_url
from klankbord.config import Config
from klankbord.console import ConfigFile, load, log_to_stderr, notes, screen
from klankbord.listening import check_free, shared
from klankbord.supervise import Part, supervise
from web.api.settings import COUNTS

_COOKIE_SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"  # noqa: S105 - its name


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
    check_free(loaded.dashboard.host, loaded.dashboard.port, "dashboard")
    check_free(loaded.web.host, loaded.web.port, "web")
    if loaded.webhooks is not None:
        check_free(loaded.webhooks.host, loaded.webhooks.port, "webhooks")
    if loaded.example:
        start.fill(loaded)
    with compose.opened(loaded) as store:
        made = people.first_administrator(compose.desk(store, loaded))
    parts = parts_of(loaded)
    address = loaded.public_url or f"http://{loaded.dashboard.host}:{loaded.dashboard.port}"
    if made is not None:
        screen.print(
            f"\nSign in once, and set your password, at:\n  [bold]{link_url(loaded, made.token)}[/]", soft_wrap=True
        )
    screen.print(f"\nKlankbord runs at {address}. Stop it with Ctrl+C.\n", soft_wrap=True)
    with _counting_together(parts) as counting:
        raise typer.Exit(asyncio.run(supervise(counting, notes.print)))


def parts_of(loaded: Config) -> list[Part]:
    """What `up` keeps running."""
    parts = [Part("worker", ("worker",)), *_webs(loaded), *_dashboards(loaded)]
    if loaded.webhooks is not None:
        parts.append(Part("webhooks", ("webhooks",)))
    if loaded.example:
        parts.insert(0, Part("example sources", ("example-server",)))
    return parts


def worker(
    config: ConfigFile = None,
    verbose: Annotated[bool, typer.Option(help="Log every step.")] = False,
) -> None:
    """Collect, enrich, route and tidy up, until stopped."""
    from klankbord.work import run_worker

    path = compose.config_path(config).resolve()
    loaded = load(path)
    os.environ[compose.CONFIG_VARIABLE] = str(path)  # for the process that makes exports
    log_to_stderr(verbose=verbose)
    asyncio.run(run_worker(loaded))


def dashboard(
    config: ConfigFile = None,
    development: Annotated[bool, typer.Option(help="Reload when the code changes.")] = False,
    share: Annotated[bool, typer.Option("--share", help="Let other dashboards listen on the same port.")] = False,
) -> None:
    """Serve the dashboard, until stopped."""
    from screens.serve import run

    path = compose.config_path(config).resolve()
    loaded = load(path)
    os.environ[compose.CONFIG_VARIABLE] = str(path)
    if loaded.dashboard.processes > 1 and not (share or development):
        raise typer.Exit(asyncio.run(supervise(_dashboards(loaded), notes.print)))
    at = loaded.dashboard
    with shared(at.host, at.port) if share else nullcontext() as listening:
        run(
            host=at.host,
            port=at.port,
            development=development,
            trusted_proxies=loaded.trusted_proxies,
            listening=listening,
        )


def _dashboards(loaded: Config) -> list[Part]:
    """The dashboard as parts to be kept running: one, or several that share its port."""
    if loaded.dashboard.processes == 1:
        return [Part("dashboard", ("dashboard",))]
    # What one of them signs another must be able to read.
    secret = os.environ.get(_COOKIE_SECRET) or secrets.token_hex(32)
    return [
        Part(f"dashboard {number}", ("dashboard", "--share"), {_COOKIE_SECRET: secret})
        for number in range(1, loaded.dashboard.processes + 1)
    ]


def web(
    config: ConfigFile = None,
    share: Annotated[bool, typer.Option("--share", help="Let other web processes listen on the same port.")] = False,
) -> None:
    """Serve health, metrics and the API, until stopped."""
    import uvicorn

    from klankbord import pushed
    from web import serving
    from web.app import make_app

    log_to_stderr()
    path = compose.config_path(config).resolve()
    loaded = load(path)
    os.environ[compose.CONFIG_VARIABLE] = str(path)
    at = loaded.web
    if at.processes > 1 and not share:
        with _counting_together(_webs(loaded)) as parts:
            raise typer.Exit(asyncio.run(supervise(parts, notes.print)))
    with compose.opened(loaded) as store, shared(at.host, at.port) if share else nullcontext() as listening:
        app = make_app(compose.desk(store, loaded), api=at.api, push=pushed.pushing(loaded))
        server = uvicorn.Server(serving.inside(app, host=at.host, port=at.port, proxies=loaded.trusted_proxies))
        server.run(None if listening is None else [listening])


def _webs(loaded: Config) -> list[Part]:
    """The web process as parts to be kept running: one, or several that share its port."""
    if loaded.web.processes == 1:
        return [Part("web", ("web",))]
    return [Part(f"web {number}", ("web", "--share")) for number in range(1, loaded.web.processes + 1)]


@contextmanager
def _counting_together(parts: list[Part]) -> Iterator[list[Part]]:
    """The same parts, of which those that share the API's port count its calls together, in a folder until the end."""
    sharing = ("web", "--share")
    if not any(part.arguments == sharing for part in parts):
        yield parts
        return
    with tempfile.TemporaryDirectory(prefix="klankbord-web-") as folder:
        yield [
            replace(part, environment={**part.environment, COUNTS: folder}) if part.arguments == sharing else part
            for part in parts
        ]


def example_server(config: ConfigFile = None) -> None:
    """Serve the example brand's feeds and forum on loopback, and drop its files, until stopped."""
    from klankbord.example import start

    log_to_stderr()
    start.serve(load(config))
