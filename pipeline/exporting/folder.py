"""Delivering an export to a folder below the one that the configuration allows."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.exporting.places import Parcel, UndeliveredError, manifest_name
from store.export_jobs import Trouble
from store.landing import landed


def deliver(parcel: Parcel, base: Path | None, place: str) -> Path:
    """Copy an export and its manifest there, each under a temporary name until it is whole; gives where it stands.

    Args:
        parcel: what is delivered; what stands there under its name is replaced.
        base: folder of the configuration.
        place: folder below it; made when it is not there.

    Raises:
        UndeliveredError: no folder is configured, it leads outside, or it cannot be written to.
    """
    if base is None:
        raise UndeliveredError(Trouble.NO_FOLDER, lasting=True)
    base = base.resolve()
    folder = base / place
    try:
        # A link below the base could lead anywhere: looked at before and after folders are made.
        if not folder.resolve().is_relative_to(base):
            raise UndeliveredError(Trouble.OUTSIDE, lasting=True, where=place)
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve(strict=True)
        if not folder.is_relative_to(base):
            raise UndeliveredError(Trouble.OUTSIDE, lasting=True, where=place)
        with parcel.path.open("rb") as made, landed(folder / parcel.name) as out:
            shutil.copyfileobj(made, out, 1024 * 1024)
        with landed(folder / manifest_name(parcel.name)) as out:
            out.write(parcel.manifest)
    except OSError as error:
        raise UndeliveredError(Trouble.FOLDER, where=str(folder), why=error.strerror or "?") from error
    return folder / parcel.name


def remove(name: str, base: Path | None, place: str) -> None:
    """Remove a delivered export and its manifest."""
    if base is not None:
        for each in (name, manifest_name(name)):
            (base / place / each).unlink(missing_ok=True)
