"""A folder with a configuration in which `klankbord` runs as a process, with the plaza as a plug-in, and a browser."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from klankbord.config import Config
from klankbord.config_file import load_config
from klankbord.keys import installed_keys
from store.engine import open_store, utc_now
from store.secrecy import Secrecy
from store.vault import Kept, Vault
from tests.connecting.plaza import CLIENT

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
CONFIG = """\
# The house of Acme.
database: {database}        # where everything is
timezone: 'Europe/Amsterdam'
allow_private_hosts: ["{host}"]

brands:
  - {{id: acme,   name: "Acme", query: acme}}   # spaces as we like them

sources:
  # the news first
  - id: news
    connector: feeds
    enabled: false
    urls: ['http://127.0.0.1:9/news.xml']   # quoted
  # end of the sources

teams: []
"""


class Shell:
    """The folder."""

    def __init__(self, folder: Path, database: str, plaza_url: str) -> None:
        self.folder, self.url = folder, plaza_url
        self.config_file = folder / "config.yaml"
        host = urlsplit(plaza_url).netloc
        self.config_file.write_text(CONFIG.format(database=database, host=host), "utf-8")
        metadata = folder / "plugin" / "plaza-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plaza\nVersion: 1.0\n", "utf-8")
        (metadata / "entry_points.txt").write_text(
            "[klankbord.connectors]\nplaza = tests.connecting.plaza_connector:PlazaConnector\n", "utf-8"
        )
        self.answer()

    def answer(self, **more: Any) -> None:
        """What is answered beforehand."""
        given = {"url": self.url, "secret": CLIENT[1], "choose": ["square"], **more}
        path = self.folder / "answers.yaml"
        path.write_text(json.dumps(given), "utf-8")
        path.chmod(0o600)

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Running:
        """A command, as a process."""
        return Running(self, arguments, environment or {})

    def connect(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Running:
        """`klankbord connect plaza`, with the answers of the file, listening on any free port."""
        usual = ("--answers", str(self.folder / "answers.yaml"), "--no-browser", "--no-paste", "--port", "0")
        return self.start("connect", "plaza", *usual, *arguments, environment=environment)

    def loaded(self) -> Config:
        """The configuration as it stands, read with the plug-in in place."""
        sys.path.insert(0, str(self.folder / "plugin"))
        try:
            return load_config(self.config_file)
        finally:
            sys.path.remove(str(self.folder / "plugin"))

    def kept(self, source_id: str = "plaza") -> Kept | None:
        """The login that is kept."""
        config = self.loaded()
        store = open_store(config.database)
        try:
            vault = Vault(store, Secrecy(installed_keys(config, config.folder)))
            return vault.read(source_id, utc_now())
        finally:
            store.close()


class Running:
    """A command that runs; what it prints is read as it comes."""

    def __init__(self, shell: Shell, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "klankbord", *arguments, "--config", str(shell.config_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(shell.folder / "plugin"), **environment},
        )
        self.said = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def line(self) -> str | None:
        """The next line on stderr."""
        found = self._lines.get(timeout=PATIENCE_S)
        self.said += found or ""
        return found

    def address(self) -> str:
        """The address that a person is told to open."""
        while (line := self.line()) is not None:
            if line.startswith("http"):
                return line.strip()
        raise AssertionError(self.said)

    def until(self, words: str) -> None:
        """Read on to a line with these words."""
        while (line := self.line()) is not None:
            if words in line:
                return
        raise AssertionError(self.said)

    def type(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code and what stands on stdout."""
        assert self.process.stdout is not None
        out = self.process.stdout.read()
        code = self.process.wait(PATIENCE_S)
        while self.line() is not None:
            pass
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code, out


def allowed(address: str) -> str:
    """Where the platform sends a browser whose person allows what is asked (or does not, as the plaza is set)."""
    answer = httpx.get(address)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def browse(address: str) -> httpx.Response:
    """Open the address as a browser does, and follow it home."""
    return httpx.get(allowed(address))


def parameters(address: str) -> dict[str, str]:
    """Of an address."""
    return dict(parse_qsl(urlsplit(address).query))
