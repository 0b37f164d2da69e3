"""Pictures: as rows of the store against files beside it, and what making one anew costs."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from benchmarks.report import Figures
from pipeline.pictures.shaping import shape
from store.backup import backup
from store.engine import Store, open_store
from store.schema import media_picture

PICTURES = 2_000
LARGE, SMALL = 185_000, 12_000
"""Bytes of a picture in its two sizes, as measured on photographs."""


def run(pictures: int = PICTURES) -> list[Figures]:
    """Keep, read, remove and back up so many pictures both ways; make a few anew."""
    with tempfile.TemporaryDirectory(prefix="klankbord-pictures-") as folder:
        return [_kept(Path(folder), pictures), _made(max(2, pictures // 200))]


def _kept(folder: Path, count: int) -> Figures:
    found = Figures(
        f"{count:,} pictures of {(LARGE + SMALL) // 1000} kB, one at a time, surviving a power cut",
        ("what", "rows, p50 ms", "rows, p95 ms", "files, p50 ms", "files, p95 ms", "ratio of p50"),
    )
    large, small = secrets.token_bytes(LARGE), secrets.token_bytes(SMALL)
    store = open_store(f"sqlite:///{folder / 'pictures.db'}")
    store.migrate()
    files = folder / "files"
    files.mkdir()
    steps: list[tuple[str, Callable[[int], object], Callable[[int], object]]] = [
        ("keep", lambda n: _insert(store, n, small, large), lambda n: _write(files, n, small, large)),
        ("read the small one", lambda n: _read(store, n), lambda n: (files / f"{n}.small").read_bytes()),
    ]
    for what, as_row, as_file in steps:
        _compare(found, what, count, as_row, as_file)
    began = time.perf_counter()
    backup(store, folder / "safe.db")
    rows_s = time.perf_counter() - began
    began = time.perf_counter()
    shutil.copytree(files, folder / "copy")
    files_s = time.perf_counter() - began
    found.notes.append(f"A verified backup of all took {rows_s:.2f} s, copying the files {files_s:.2f} s.")
    _compare(found, "remove, bytes overwritten", count, lambda n: _delete(store, n), lambda n: _shred(files, n))
    store.close()
    return found


def _compare(
    found: Figures, what: str, count: int, as_row: Callable[[int], object], as_file: Callable[[int], object]
) -> None:
    rows, files = ([_timed(work, number) for number in range(count)] for work in (as_row, as_file))
    spread = [_at(times, part) for times in (rows, files) for part in (0.5, 0.95)]
    found.add(what, *spread, spread[0] / spread[2])


def _timed(work: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    work(number)
    return (time.perf_counter() - began) * 1000


def _at(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]


def _insert(store: Store, number: int, small: bytes, large: bytes) -> None:
    with store.write() as conn:
        conn.execute(media_picture.insert().values(mention_id=number, place=0, small=small, large=large))


def _read(store: Store, number: int) -> object:
    with store.read() as conn:
        return conn.execute(select(media_picture.c.small).where(media_picture.c.mention_id == number)).scalar_one()


def _delete(store: Store, number: int) -> None:
    with store.write() as conn:
        conn.execute(media_picture.delete().where(media_picture.c.mention_id == number))


def _write(files: Path, number: int, small: bytes, large: bytes) -> None:
    for name, body in (("small", small), ("large", large)):
        part = files / f"{number}.{name}.part"
        with part.open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        part.replace(files / f"{number}.{name}")
    _sync(files)


def _shred(files: Path, number: int) -> None:
    for name in ("small", "large"):
        path = files / f"{number}.{name}"
        with path.open("r+b") as out:
            out.write(bytes(path.stat().st_size))
            out.flush()
            os.fsync(out.fileno())
        path.unlink()
    _sync(files)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _made(count: int) -> Figures:
    found = Figures("Making a picture anew, on one core", ("what came", "kB", "CPU ms", "times the decoding alone"))
    for what, size, kind in (("JPEG, 12 megapixels", (4000, 3000), "JPEG"), ("PNG of a screen", (1170, 2532), "PNG")):
        out = BytesIO()
        Image.effect_noise(size, 60).convert("RGB").save(out, kind)
        body = out.getvalue()
        alone = _cpu(lambda body=body: Image.open(BytesIO(body)).load(), count)
        found.add(what, len(body) / 1000, (spent := _cpu(lambda body=body: shape(body), count)), spent / alone)
    return found


def _cpu(work: Callable[[], object], count: int) -> float:
    work()
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) * 1000 / count
