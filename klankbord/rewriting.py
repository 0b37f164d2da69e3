"""Changes `config.yaml` in one place and leaves every other byte as it is; whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import yaml

from klankbord.config import Config
from klankbord.config_file import ConfigError, load_config
from klankbord.console import CommandError


def rewrite(
    path: Path, change: Callable[[str], str], *, meant: Callable[[Config, Config], bool], by_hand: str
) -> Config:
    """Write a changed text into the file; the configuration as it is then.

    Args:
        path: the file.
        change: gives the new text; ValueError when its shape has no place for the change.
        meant: whether a configuration differs from the one before in exactly what was asked.
        by_hand: what the person has to write where it cannot be done, as the end of a sentence.

    Raises:
        CommandError: it cannot be done without touching something else.
    """
    real = path.resolve()
    partial = real.with_name(f".{real.name}.part")  # beside the file, because relative paths are taken from its folder
    try:
        before = load_config(real)
        text = real.read_bytes().decode("utf-8")
        partial.touch(mode=0o600)
        partial.write_bytes(change(text).encode("utf-8"))
        after = load_config(partial)
        if not meant(before, after):
            raise ValueError
        partial.chmod(real.stat().st_mode & 0o7777)
        _same_owner(real, partial)
        partial.replace(real)
    except (OSError, ValueError, IndexError, yaml.YAMLError, ConfigError) as error:
        why = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        msg = f"{path} could not be changed{why}. {by_hand}"
        raise CommandError(msg) from error
    finally:
        partial.unlink(missing_ok=True)
    return after


def _same_owner(real: Path, partial: Path) -> None:
    """Leave the file to who had it, when an administrator writes it for the service."""
    if os.name == "posix" and os.geteuid() == 0:
        owner = real.stat()
        os.chown(partial, owner.st_uid, owner.st_gid)
