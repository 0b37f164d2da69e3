"""`klankbord connect` at a real terminal: what is typed, what is shown, what is chosen by number."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import utc_now
from tests.connecting.plaza import CLIENT, Plaza, served
from tests.connecting.shell import PATIENCE_S, ROOT, Shell, browse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with served(Plaza(utc_now)) as url:
        yield Shell(tmp_path, "sqlite:///data/test.db", url)


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        command = [sys.executable, "-m", "klankbord", *arguments, "--config", str(shell.config_file)]
        self.shown, self._seen = "", 0
        self.pid, self._line = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            environment = {**os.environ, "PYTHONPATH": str(shell.folder / "plugin"), "TERM": "dumb"}
            os.execve(command[0], command, environment)  # noqa: S606

    def until(self, pattern: str) -> re.Match[str]:
        """Read until it is shown, behind what was waited for before."""
        while (found := re.compile(pattern).search(self.shown, self._seen)) is None:
            assert select.select([self._line], [], [], PATIENCE_S)[0], self.shown
            self.shown += os.read(self._line, 4096).decode()
        self._seen = found.end()
        return found

    def type(self, text: str) -> None:
        os.write(self._line, text.encode() + b"\n")

    def end(self) -> int:
        """Read to the end; the exit code."""
        try:
            while read := os.read(self._line, 4096):
                self.shown += read.decode()
        except OSError:  # as a terminal tells that nobody is there any more
            pass
        os.close(self._line)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_person_types_chooses_and_sees_no_secret(shell: Shell) -> None:
    terminal = Terminal(shell, "connect", "plaza", "--no-browser", "--no-paste", "--port", "0")
    terminal.until("Where your plaza is")
    terminal.until(r"Address \[https://plaza.example\]:")
    terminal.type(shell.url)
    terminal.until("Under Settings, Apps")
    terminal.until("Client secret: ")
    terminal.type(CLIENT[1])
    browse(terminal.until(r"(http\S+authorize\S+)\s")[1])
    terminal.until("Which rooms")
    terminal.until("Numbers, with commas between:")
    terminal.type("3")
    terminal.until("Type a number from 1 to 2")
    terminal.type("2, 1")
    assert terminal.end() == 0, terminal.shown
    assert CLIENT[1] not in terminal.shown
    assert "Secret-" not in terminal.shown
    assert shell.loaded().sources[-1].options["rooms"] == ["fountain", "square"]


def test_a_person_renews_or_connects_another_account(shell: Shell) -> None:
    running = shell.connect()
    browse(running.address())
    assert running.end()[0] == 0
    answers = str(shell.folder / "answers.yaml")
    usual = ("connect", "plaza", "--no-browser", "--no-paste", "--port", "0", "--answers", answers)
    for number, told in (("1", "was renewed"), ("2", "plaza-2")):
        terminal = Terminal(shell, *usual)
        terminal.until("There is a source of plaza already")
        terminal.until("Number:")
        terminal.type(number)
        browse(terminal.until(r"(http\S+authorize\S+)\s")[1])
        assert terminal.end() == 0, terminal.shown
        assert told in terminal.shown
    assert [source.id for source in shell.loaded().sources] == ["news", "plaza", "plaza-2"]
