"""What delivering an export can end in, shared by folders and object stores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.export_jobs import Trouble


@dataclass(frozen=True, slots=True)
class Parcel:
    """A finished export. `name`: how it is called there; `manifest`: what stands beside it, as JSON."""

    path: Path
    name: str
    manifest: bytes


def manifest_name(name: str) -> str:
    """How the manifest of a file is called that stands beside it."""
    return f"{name}.manifest.json"


class UndeliveredError(Exception):
    """It does not stand there, nor half of it.

    Attributes:
        trouble: why.
        facts: for its sentence.
        lasting: trying again would not help.
    """

    def __init__(self, trouble: Trouble, *, lasting: bool = False, **facts: Any) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.facts = facts
        self.lasting = lasting
