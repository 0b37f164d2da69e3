"""The key that secrets are sealed with: made once, for its owner only, and never silently another one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from klankbord.config import Config
from klankbord.keys import VARIABLE, key_file, keys_of
from store.errors import KeyUnusableError

ROOT = Path(__file__).parents[2]


def test_the_key_is_made_at_first_use_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "data" / "klankbord.key"
    keys = keys_of(path, {})
    assert not path.exists()
    first = keys()
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys_of(path, {})() == first
    assert keys_of(tmp_path / "other.key", {})() != first
    assert [one.name for one in path.parent.iterdir()] == ["klankbord.key"], "no draft is left"


def test_the_variable_wins_and_may_hold_an_old_key_too(tmp_path: Path) -> None:
    path = tmp_path / "klankbord.key"
    assert keys_of(path, {VARIABLE: f" {'n' * 32}  {'o' * 40} "})() == ["n" * 32, "o" * 40]
    assert not path.exists()


def test_a_key_that_cannot_protect_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "klankbord.key"
    with pytest.raises(KeyUnusableError, match="at least 32"):
        keys_of(path, {VARIABLE: "short"})()
    path.write_text("x" * 48)
    path.chmod(0o644)
    with pytest.raises(KeyUnusableError, match="chmod 600"):
        keys_of(path, {})()
    path.chmod(0o600)
    path.write_text("")
    with pytest.raises(KeyUnusableError, match="too short"):
        keys_of(path, {})()
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(KeyUnusableError, match=VARIABLE):
        keys_of(blocked / "klankbord.key", {})()


def test_the_key_stands_beside_the_database_or_the_configuration(tmp_path: Path) -> None:
    lite = Config(database=f"sqlite:///{tmp_path}/x/klankbord.db")
    assert key_file(lite, tmp_path) == tmp_path / "x" / "klankbord.key"
    postgres = Config(database="postgresql+psycopg://klankbord@db/klankbord")
    assert key_file(postgres, tmp_path) == tmp_path / "data" / "klankbord.key"


@pytest.mark.slow
def test_processes_that_start_at_once_end_up_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "klankbord.key"
    program = (
        f"from pathlib import Path; from klankbord.keys import keys_of; print(keys_of(Path({str(path)!r}), {{}})()[0])"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(4)
    ]
    told = {one.communicate(timeout=60)[0].strip() for one in started}
    assert len(told) == 1
    assert told == {path.read_text().strip()}
