"""The key that secrets are sealed with: `KLANKBORD_KEY`, or a file only its owner can read, made at first use.

The file stands beside an SQLite database, or in `data/` beside the configuration for PostgreSQL, where several machines
must be given the same key by the variable. It is in no backup of ours, on purpose: who steals one has not the other.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from klankbord.config import Config
from store.errors import KeyUnusableError
from store.secrecy import SHORTEST_KEY

VARIABLE = "KLANKBORD_KEY"
"""Environment variable with the key, or several with blanks between: the first seals, all unseal."""


def installed_keys(config: Config, folder: Path) -> Callable[[], Sequence[str]]:
    """Gives the keys of this installation when they are needed. `folder`: where the configuration stands."""
    return keys_of(key_file(config, folder), os.environ)


def key_file(config: Config, folder: Path) -> Path:
    """Where the key of an installation is kept."""
    prefix = "sqlite:///"
    if config.database.startswith(prefix) and config.database != prefix + ":memory:":
        return Path(config.database.removeprefix(prefix)).with_suffix(".key")
    return folder / "data" / "klankbord.key"


def keys_of(path: Path, environment: Mapping[str, str]) -> Callable[[], Sequence[str]]:
    """Gives the keys when they are needed.

    Raises (when called):
        KeyUnusableError: too short, unreadable, or a file that others may read.
    """

    def keys() -> Sequence[str]:
        given = environment.get(VARIABLE, "").split()
        found = given or _from_file(path).split()
        short = [key for key in found if len(key) < SHORTEST_KEY]
        if short or not found:
            where = VARIABLE if given else str(path)
            msg = f"the key in {where} is too short; use at least {SHORTEST_KEY} random characters"
            raise KeyUnusableError(msg)
        return found

    return keys


def _from_file(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            msg = f"{path} can be read by others; run: chmod 600 {path}"
            raise KeyUnusableError(msg)
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the key in {path} cannot be read or made ({error}); set {VARIABLE}, or let Klankbord write there"
        raise KeyUnusableError(msg) from error


def _make(path: Path) -> None:
    """Write a fresh key whole or not at all; of two processes that do it at once, one wins and both read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
