"""Files dropped into a folder."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadRequest, Transient
from connectors.requests import FileContent, FileRequest
from pipeline import dropfolder
from pipeline.dropfolder import Fingerprints, read_now
from tests.manners.conftest import NOW, Time


def drop(folder: Path, name: str, content: bytes = b"a,b\n", *, age_s: float = 60) -> Path:
    """Put a file there, last modified so many seconds before NOW."""
    path = folder / name
    path.write_bytes(content)
    at = (NOW - timedelta(seconds=age_s)).timestamp()
    os.utime(path, (at, at))
    return path


async def read(folder: Path, time: Time, **more: object) -> FileContent:
    return await dropfolder.read(FileRequest(str(folder), **more), time, fingerprints=Fingerprints())


async def test_a_file_is_read_with_its_fingerprint(tmp_path: Path, time: Time) -> None:
    drop(tmp_path, "Export.CSV", b"x" * 3_000_000)
    content = await read(tmp_path, time)
    assert (content.name, content.body) == ("Export.CSV", b"x" * 3_000_000)
    assert content.fingerprint == hashlib.sha256(content.body).hexdigest()
    assert content.modified_at == NOW - timedelta(seconds=60)
    assert content.received_at == NOW


async def test_an_empty_folder_brings_nothing(tmp_path: Path, time: Time) -> None:
    assert (await read(tmp_path, time)).name == ""


async def test_files_come_by_name_and_once(tmp_path: Path, time: Time) -> None:
    for number in (3, 1, 2):
        drop(tmp_path, f"day-{number}.csv", str(number).encode())
    done: set[str] = set()
    names = []
    while (content := await read(tmp_path, time, done=frozenset(done))).name:
        names.append(content.name)
        done.add(content.fingerprint)
    assert names == ["day-1.csv", "day-2.csv", "day-3.csv"]


async def test_a_renamed_copy_is_not_read_twice_and_a_corrected_file_is_read_again(tmp_path: Path, time: Time) -> None:
    drop(tmp_path, "a.csv", b"one")
    done = frozenset({(await read(tmp_path, time)).fingerprint})
    drop(tmp_path, "b.csv", b"one")
    assert (await read(tmp_path, time, done=done)).name == ""
    drop(tmp_path, "a.csv", b"two")
    assert (await read(tmp_path, time, done=done)).body == b"two"


async def test_a_file_still_being_written_is_left_alone(tmp_path: Path, time: Time) -> None:
    drop(tmp_path, "busy.csv", age_s=1)
    assert (await read(tmp_path, time)).name == ""
    time.now += timedelta(seconds=5)
    assert (await read(tmp_path, time)).name == "busy.csv"


async def test_links_pipes_and_folders_are_never_opened(tmp_path: Path, time: Time) -> None:
    secret = drop(tmp_path, "secret.txt", b"password")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.csv").symlink_to(secret)
    (folder / "dir.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    time.now = datetime.now(UTC) + timedelta(hours=1)
    assert (await read(folder, time)).name == ""
    for name in ("link.csv", "dir.csv", "pipe.csv"):
        with pytest.raises(Transient):
            await read(folder, time, file=name)


def test_a_link_swapped_in_while_reading_is_not_followed(tmp_path: Path) -> None:
    secret = drop(tmp_path, "secret.txt", b"password")
    folder = tmp_path / "in"
    folder.mkdir()
    path = drop(folder, "a.csv", b"fine")

    listed = dropfolder._candidates(FileRequest(str(folder)), folder, NOW)
    path.unlink()
    path.symlink_to(secret)
    assert dropfolder._content(folder, listed[0]) is None


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "a/b.csv", "..", "", "a\0.csv", "..\\a.csv"])
async def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, time: Time, name: str) -> None:
    with pytest.raises(BadRequest, match="directly in"):
        await read(tmp_path, time, file=name)


async def test_a_chain_goes_on_with_its_file_though_it_is_done(tmp_path: Path, time: Time) -> None:
    drop(tmp_path, "a.csv", b"one")
    first = await read(tmp_path, time)
    again = await read(tmp_path, time, file="a.csv", offset=500, done=frozenset({first.fingerprint}))
    assert again.body == b"one"


async def test_a_chain_whose_file_is_gone_says_so(tmp_path: Path, time: Time) -> None:
    with pytest.raises(Transient, match=r"a.csv was taken out"):
        await read(tmp_path, time, file="a.csv")


async def test_a_large_file_is_refused_by_name_and_stops_no_other(tmp_path: Path, time: Time) -> None:
    drop(tmp_path, "a-large.csv", b"x" * 2_000)
    drop(tmp_path, "b-small.csv", b"y")
    content = await read(tmp_path, time, max_bytes=1_000)
    assert content.name == "b-small.csv"
    with pytest.raises(BadRequest, match=r"a-large.csv in .* is larger than 0.001 MB"):
        await read(tmp_path, time, max_bytes=1_000, done=frozenset({content.fingerprint}))


async def test_a_missing_folder_is_named(tmp_path: Path, time: Time) -> None:
    with pytest.raises(BadRequest, match="does not exist: create it"):
        await read(tmp_path / "nowhere", time)


async def test_old_files_are_not_read_again_at_each_poll(tmp_path: Path, time: Time) -> None:
    path = drop(tmp_path, "a.csv", b"one")
    known = Fingerprints()
    first = read_now(FileRequest(str(tmp_path)), time, known)
    path.chmod(0o600)
    drop(tmp_path, "a.csv", b"one")
    request = FileRequest(str(tmp_path), done=frozenset({first.fingerprint}))
    assert read_now(request, time, known).name == ""
    stamp = dropfolder._candidates(request, tmp_path, NOW)[0].stamp
    assert known.get(stamp) == first.fingerprint


@given(st.text(max_size=30))
def test_no_name_whatever_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    with pytest.raises((BadRequest, Transient)):
        read_now(FileRequest(str(folder / "empty"), file=name), Time(), Fingerprints())
