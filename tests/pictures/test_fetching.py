"""Pictures are fetched from real servers on loopback, some of them hostile, into a real store."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from pipeline.pictures.fetching import FetchSettings
from pipeline.settings import MediaSettings
from store import pictures
from store.ingest import commit_page
from store.records import DeletedRecord, MediaRecord
from tests.conftest import Clock
from tests.connectors.loopback import Answer
from tests.pictures.conftest import Site
from tests.pictures.home import Home, image
from tests.pictures.making import HTML, SVG, bomb, photo
from tests.store.making import page


async def test_a_picture_is_fetched_after_its_message_was_stored_and_made_anew(home: Home, site: Site) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo(3000, 2000)), "een kapotte doos"))
    assert home.stands(one) == ("wanted", "")
    await home.work()
    row = home.row(one)
    assert (row.state, row.alt, row.width, row.height) == ("kept", "een kapotte doos", 1600, 1067)
    small, large = home.kept()[one, 0]
    assert row.size == len(small) + len(large)
    assert Image.open(BytesIO(small)).size == (320, 213)
    assert Image.open(BytesIO(large)).format == "JPEG"
    assert (row.address, row.lease_owner, row.due_at) == ("", None, None)


async def test_what_comes_is_judged_by_decoding_it_and_not_by_what_it_is_called(home: Home, site: Site) -> None:
    png = home.post("1", image(site.puts("/a.html", photo(kind="PNG"), Content_Type="text/html")))
    login = home.post("2", image(site.puts("/b.jpg", HTML)))
    drawing = home.post("3", image(site.puts("/c.jpg", SVG, Content_Type="image/svg+xml")))
    half = home.post("4", image(site.puts("/d.jpg", photo()[:2000])))
    nothing = home.post("5", image(site.puts("/e.jpg", b"")))
    await home.work(3)
    assert home.stands(png) == ("kept", "")
    for each in (login, drawing, half, nothing):
        assert home.stands(each) == ("left", "unreadable")


async def test_a_decompression_bomb_is_refused_by_its_head(home: Home, site: Site) -> None:
    one = home.post("1", image(site.puts("/bomb.png", bomb())))
    await home.work()
    assert home.stands(one) == ("left", "large")


async def test_a_file_that_is_too_large_is_not_read_to_its_end(home: Home, site: Site) -> None:
    home.restart(limits=MediaSettings(largest_mb=1))
    one = home.post("1", image(site.puts("/a.jpg", photo() + b"\0" * 1_500_000)))
    await home.work()
    assert home.stands(one) == ("left", "large")


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]:1/a.jpg",
        "http://127.0.0.1:1/a.jpg",
        "http://10.0.0.1/a.jpg",
        "file:///etc/passwd",
    ],
)
async def test_nobody_is_led_to_a_private_address(home: Home, site: Site, target: str) -> None:
    site.stands["/away.jpg"] = Answer(b"", 302, {"Location": target})
    led = home.post("1", image(f"{site.url}/away.jpg"))
    straight = home.post("2", image(target))
    await home.work(2)
    assert home.stands(led) == ("left", "address")
    assert home.stands(straight) == ("left", "address")


async def test_a_picture_that_is_gone_is_asked_for_once_more_and_then_told(
    home: Home, site: Site, clock: Clock
) -> None:
    one = home.post("1", image(f"{site.url}/gone.jpg?sig=abc"))
    await home.work()
    assert home.stands(one) == ("wanted", "")
    await home.work()
    assert len(site.asked) == 1  # not before its time
    clock.step(minutes=11)
    await home.work()
    assert home.stands(one) == ("left", "gone")
    assert home.row(one).address == ""


async def test_a_new_address_of_the_same_picture_is_tried(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(f"{site.url}/p.jpg?sig=old"))
    await home.work()
    clock.step(minutes=11)
    await home.work()
    assert home.stands(one) == ("left", "gone")
    site.puts("/p.jpg", photo())
    home.post("1", image(f"{site.url}/p.jpg?sig=new"))
    assert home.stands(one) == ("wanted", "")
    await home.work()
    assert home.stands(one) == ("kept", "")
    home.post("1", image(f"{site.url}/p.jpg?sig=newest"))
    assert home.stands(one) == ("kept", "")


async def test_trouble_is_waited_out_and_given_up_in_the_end(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", b"busy", status=503)))
    for _ in range(5):
        await home.work()
        assert home.stands(one) == ("wanted", "")
        clock.step(hours=6)
    site.puts("/a.jpg", photo())
    await home.work()
    assert home.stands(one) == ("kept", "")
    other = home.post("2", image("http://127.0.0.1:9/a.jpg"))
    home.allowed = frozenset({site.host, "127.0.0.1:9"})
    home.restart()
    for _ in range(6):
        await home.work()
        clock.step(hours=6)
    assert home.stands(other) == ("left", "unreachable")


async def test_a_host_that_asks_to_wait_is_waited_for(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", b"", status=429, Retry_After="1800")))
    await home.work()
    clock.step(minutes=20)
    await home.work()
    assert len(site.asked) == 1
    site.puts("/a.jpg", photo())
    clock.step(minutes=25)
    await home.work()
    assert home.stands(one) == ("kept", "")


@contextmanager
def silent_site() -> Iterator[str]:
    """Accepts connections and says nothing."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    held: list[socket.socket] = []

    def hold() -> None:
        while True:
            try:
                held.append(listening.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for each in held:
            each.close()
        thread.join(5)


@pytest.mark.slow
async def test_a_host_that_says_nothing_holds_up_no_other(home: Home, site: Site, clock: Clock) -> None:
    with silent_site() as silent:
        home.allowed = frozenset({site.host, silent})
        home.restart(total_s=2.0, settings=FetchSettings(concurrency=4, per_host=2))
        stuck = [home.post(f"s{n}", image(f"http://{silent}/{n}.jpg")) for n in range(30)]
        clock.step(seconds=1)
        quick = [home.post(f"q{n}", image(site.puts(f"/{n}.jpg", photo(64, 64)))) for n in range(3)]
        assert stuck
        began = time.monotonic()
        await home.pictures.tick()  # two of the silent host fill its places
        while any(home.stands(each)[0] != "kept" for each in quick):
            assert time.monotonic() - began < 30
            await home.pictures.tick()
            await asyncio.sleep(0.01)  # what is under way is on the wire: there is nothing to be told by
        assert all(home.stands(each) == ("wanted", "") for each in stuck)
        await home.pictures.settled()


async def test_a_video_is_told_and_not_fetched(home: Home, site: Site) -> None:
    one = home.post("1", MediaRecord("video", f"{site.url}/v.mp4", "wat er gebeurt", "video"))
    await home.work()
    assert home.stands(one) == ("left", "video")
    assert site.asked == []


async def test_a_switch_that_is_off_counts_for_what_waits_too(home: Home, site: Site) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo())))
    home.restart(limits=MediaSettings(fetch=False))
    await home.work()
    assert home.stands(one) == ("left", "off")
    home.source = home.source.model_copy(update={"pictures": False})
    two = home.post("2", image(f"{site.url}/a.jpg"))
    home.restart()
    await home.work()
    assert home.stands(two) == ("left", "off")
    assert site.asked == []


async def test_a_message_too_old_to_be_worked_on_has_no_picture_fetched(home: Home, clock: Clock) -> None:
    one = home.post("1", image("https://s.example/a.jpg"), published_at=clock() - timedelta(days=5))
    assert home.stands(one) == ("left", "old")


async def test_a_message_that_is_removed_meanwhile_leaves_no_picture(home: Home, site: Site) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo())))
    two = home.post("2", image(site.puts("/b.jpg", photo())))
    await home.pictures.tick()  # under way
    gone = DeletedRecord("1", "forum:a.example")
    commit_page(home.store, page(deleted=(gone,), fetched_at=home.clock()))
    await home.pictures.settled()
    assert [(row.mention_id, row.state) for row in home.rows()] == [(two, "kept")]
    assert set(home.kept()) == {(two, 0)}
    assert one != two


async def test_an_edit_replaces_what_changed_and_keeps_what_did_not(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo())), image(site.puts("/b.jpg", photo())))
    await home.work()
    clock.step(minutes=1)
    home.post("1", image(f"{site.url}/a.jpg"), image(site.puts("/c.jpg", photo())), text="anders", at=clock())
    assert [home.stands(one, n)[0] for n in (0, 1)] == ["kept", "wanted"]
    assert set(home.kept()) == {(one, 0)}
    clock.step(minutes=1)
    home.post("1", text="weer anders", at=clock())
    assert home.rows() == []
    assert home.kept() == {}


async def test_a_sight_that_tells_less_takes_nothing_away(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo())))
    await home.work()
    clock.step(minutes=1)
    home.post("1", at=clock())
    home.post("1", image(f"{site.url}/other.jpg"), at=clock())
    assert home.stands(one) == ("kept", "")


async def test_the_oldest_make_room_for_newer_ones(home: Home, site: Site, clock: Clock) -> None:
    numbers = []
    for n in range(3):
        numbers.append(home.post(str(n), image(site.puts(f"/{n}.jpg", photo()))))
        await home.work()
        clock.step(minutes=1)
    home.restart(limits=MediaSettings(most_mb=10))
    await home.pictures.tidy()
    assert len(home.kept()) == 3
    one = home.row(numbers[0]).size
    assert pictures.make_room(home.store, most=2 * one) == 1
    assert home.stands(numbers[0]) == ("left", "room")
    assert set(home.kept()) == {(numbers[1], 0), (numbers[2], 0)}


async def test_pictures_are_dropped_when_they_were_kept_long_enough(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo()), "een doos"))
    await home.work()
    clock.step(days=179)
    await home.pictures.tidy()
    assert home.stands(one) == ("kept", "")
    clock.step(days=1)
    await home.pictures.tidy()
    assert home.stands(one) == ("left", "expired")
    assert home.row(one).alt == "een doos"
    assert home.kept() == {}


async def test_nothing_is_fetched_while_the_disk_is_nearly_full(home: Home, site: Site) -> None:
    left = [500_000_000]
    one = home.post("1", image(site.puts("/a.jpg", photo())))
    home.restart(free=lambda: left[0])
    await home.work()
    assert home.stands(one) == ("wanted", "")
    left[0] = 2_000_000_000
    await home.work()
    assert home.stands(one) == ("kept", "")


async def test_two_workers_never_fetch_the_same_picture(home: Home, site: Site, clock: Clock) -> None:
    for n in range(6):
        home.post(str(n), image(site.puts(f"/{n}.jpg", photo(64, 64))))
    other = Home(home.store, clock, allowed=home.allowed)
    try:
        for _ in range(4):
            await home.pictures.tick()
            await other.pictures.tick()
            await home.pictures.settled()
            await other.pictures.settled()
    finally:
        await other.close()
    assert len(home.kept()) == 6
    assert sorted(each.path for each in site.asked) == [f"/{n}.jpg" for n in range(6)]


async def test_a_worker_that_was_cut_off_leaves_a_lease_that_runs_out(home: Home, site: Site, clock: Clock) -> None:
    one = home.post("1", image(site.puts("/a.jpg", photo())))
    await home.pictures.tick()
    await home.pictures._underway.drain(timedelta(0))
    assert home.row(one).lease_until is not None
    await home.work()
    assert home.stands(one) == ("wanted", "")
    clock.step(minutes=4)
    await home.work()
    assert home.stands(one) == ("kept", "")
