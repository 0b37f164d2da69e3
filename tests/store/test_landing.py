"""Files that are only there when they are complete: drafts left behind go, those that are being written stay."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

import pytest

from store.landing import FULL, landed, remove_draft, remove_left

NAMES = ("uit.csv", "a b [*].csv", "дом 😀.csv", "x" * 200)


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def drafts(target: Path) -> list[Path]:
    return [each for each in target.parent.iterdir() if each.name.endswith(".part")]


def test_it_is_there_when_it_is_whole_and_not_before(target: Path) -> None:
    target.write_bytes(b"old")
    with landed(target) as file:
        file.write(b"new")
        assert (target.read_bytes(), len(drafts(target))) == (b"old", 1)
    assert (target.read_bytes(), drafts(target)) == (b"new", [])


def test_after_an_error_nothing_is_left_and_the_old_file_stands(target: Path) -> None:
    target.write_bytes(b"old")
    with suppress(LookupError), landed(target) as file:
        file.write(b"new")
        raise LookupError
    assert (target.read_bytes(), drafts(target)) == (b"old", [])


def test_a_disk_that_becomes_full_in_the_middle_leaves_nothing(target: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="large") as full, landed(target) as file:
            file.write(bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert full.value.errno in FULL
    assert list(target.parent.iterdir()) == []


def test_what_was_left_behind_goes_and_what_is_being_written_stays(target: Path) -> None:
    left = target.with_name(f".{target.name}.4711.part")
    left.write_bytes(b"half")
    with landed(target) as first:
        assert not left.exists()
        left.write_bytes(b"half")
        (writing,) = set(drafts(target)) - {left}
        assert (remove_left(target), drafts(target)) == (1, [writing])
        with landed(target) as second:
            second.write(b"second")
        first.write(b"first")
    assert (target.read_bytes(), drafts(target)) == (b"first", [])


def test_only_drafts_of_this_very_file_are_looked_at(target: Path) -> None:
    folder = target.parent
    names = (
        target.name,
        f".{target.name}.part",
        f".{target.name}.x.part",
        f"{target.name}.1.part",
        f".a{target.name}.1.part",
    )
    for name in names:
        (folder / name).touch()
    (folder / f".{target.name}.1.part").symlink_to(folder / target.name)
    (folder / f".{target.name}.2.part").mkdir()
    os.mkfifo(folder / f".{target.name}.3.part")
    before = sorted(folder.iterdir())
    assert remove_left(target) == 0
    assert sorted(folder.iterdir()) == before


def test_where_nothing_can_be_left_behind_nothing_is_removed(tmp_path: Path) -> None:
    assert remove_left(tmp_path / "nowhere" / "uit.csv") == 0
    assert not remove_draft(tmp_path / ".uit.csv.1.part")
