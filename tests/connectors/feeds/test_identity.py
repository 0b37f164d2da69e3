"""Ids that stay the same, and duplicates that are neither lost nor doubled."""

from __future__ import annotations

from collections.abc import Callable

from tests.connectors.feeds.conftest import Reader, atom, item, rss


def _ids(reader: Reader, *items: str) -> list[str]:
    return [found.external_id for found in reader.items(rss(*items))]


def test_an_entry_without_guid_is_known_by_its_link(reader: Reader) -> None:
    assert _ids(reader, item(None, link="https://nieuws.example/x")) == ["https://nieuws.example/x"]


def test_an_entry_with_neither_is_known_by_what_it_says(reader: Reader) -> None:
    one = rss(item(None, link="", title="Storing", description="Het ligt plat"))
    spaced = rss(item(None, link="", title=" Storing ", description="Het  ligt\nplat"))
    other = rss(item(None, link="", title="Storing", description="Het werkt weer"))
    first, again, different = (reader.one(body).external_id for body in (one, spaced, other))
    assert first.startswith("sha256:")
    assert first == again
    assert first != different


def test_a_guid_that_says_it_is_a_link_stays_as_written_wherever_the_answer_came_from(reader: Reader) -> None:
    body = rss("<item><guid>t3_42</guid><title>x</title></item>")
    before = reader.one(body)
    after = reader.one(body, url="https://cdn.elders.example/rss/feed.xml")
    assert before.external_id == after.external_id == "t3_42"
    assert before.url == "https://nieuws.example/t3_42"


def test_a_move_to_https_doubles_nothing(reader_of: Callable[..., Reader]) -> None:
    old, new = (reader_of(f"{scheme}://nieuws.example/rss").one(rss(item())) for scheme in ("http", "https"))
    assert (old.external_id, old.namespace) == (new.external_id, new.namespace)


def test_two_entries_with_one_guid_are_both_kept_and_keep_their_ids_as_the_window_moves(reader: Reader) -> None:
    def entry(number: int) -> str:
        return item("https://site.example/", link=f"https://site.example/{number}", title=f"Bericht {number}")

    seen: dict[str, str] = {}
    for window in ([1], [2, 1], [3, 2, 1], [3, 2], [4, 3], [4]):
        page = reader.look(rss(*(entry(number) for number in window)))
        assert len(page.items) == len(window)
        for found in page.items:
            assert seen.setdefault(found.external_id, str(found.url)) == found.url
        reader.later(minutes=10)
    assert len(set(seen.values())) == len(seen) == 4


def test_one_guid_and_link_on_several_dates_are_several_entries(reader: Reader) -> None:
    entries = [
        item("status", link="https://status.example/", title=f"Storing {day}", pubDate=f"{day} Nov 2026 10:00:00 GMT")
        for day in (20, 19, 18)
    ]
    assert len(set(_ids(reader, *entries))) == 3


def test_the_very_same_entry_twice_is_one(reader: Reader) -> None:
    assert _ids(reader, item("a"), item("a")) == ["a"]


def test_of_two_versions_of_one_atom_entry_the_newest_stands(reader: Reader) -> None:
    def version(day: int) -> str:
        return (
            f'<entry><id>urn:1</id><title>versie {day}</title><link href="https://x.example/1"/>'
            f"<updated>2026-11-{day}T10:00:00Z</updated></entry>"
        )

    found = reader.one(atom(version(18), version(20), version(19)))
    assert (found.external_id, found.title) == ("urn:1", "versie 20")


def test_a_changed_link_of_a_single_entry_is_an_edit_not_a_new_item(reader: Reader) -> None:
    assert _ids(reader, item("a", link="https://nieuws.example/oud")) == ["a"]
    assert _ids(reader, item("a", link="https://nieuws.example/nieuw")) == ["a"]


def test_an_endless_id_is_shortened_to_its_hash(reader: Reader) -> None:
    (found,) = _ids(reader, item("x" * 20_000))
    assert len(found) < 100


def test_ids_do_not_change_between_two_runs_without_memory(reader: Reader) -> None:
    body = rss(*(item(str(number)) for number in range(20)), item(None), item("dubbel"), item("dubbel", link="/2"))
    first = [found.external_id for found in reader.items(body)]
    reader.state = {}
    assert [found.external_id for found in reader.items(body)] == first
    assert len(set(first)) == len(first)
