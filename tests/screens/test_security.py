"""Untrusted text stays text, links lead where they say, headers stand on every answer."""

from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens import snooze
from screens.gate import local_target
from screens.security import md_escape, safe_url, verbatim


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_verbatim_shows_every_character_and_makes_no_element(text: str) -> None:
    reader = _Reader()
    reader.feed(f"<p>{verbatim(text)}</p>")
    reader.close()
    assert reader.tags == ["p"]
    wanted = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    assert reader.text == wanted


def test_verbatim_survives_a_lone_surrogate_and_nul() -> None:
    assert verbatim("a\ud800b\x00c").encode() == "a?b\ufffdc".encode()


@given(st.text())
def test_md_escape_leaves_no_bare_mark_and_one_line(text: str) -> None:
    escaped = md_escape(text)
    assert "\n" not in escaped
    bare = escaped.replace("\\\\", "")
    for mark in "*_[]`<$:":
        at = bare.find(mark)
        while at >= 0:
            assert at > 0
            assert bare[at - 1] == "\\"
            at = bare.find(mark, at + 1)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x",
        "//evil.example", "/relative", "http://", "http://user:pass@evil.example", "file:///etc/passwd", "", None,
        "https://[broken",
    ],
)  # fmt: skip
def test_a_link_that_is_not_plain_http_is_not_shown(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_plain_link_is_kept() -> None:
    assert safe_url("https://forum.example/t/1?x=1#2") == "https://forum.example/t/1?x=1#2"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nb"])
def test_signing_in_never_leads_to_another_site(target: str) -> None:
    assert local_target(target) == "/"


def test_signing_in_leads_back_to_the_conversation() -> None:
    assert local_target("/?c=12") == "/?c=12"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("3h", "2026-03-29T04:30:00+02:00"),
        ("tomorrow", "2026-03-30T09:00:00+02:00"),
        ("monday", "2026-03-30T09:00:00+02:00"),
        ("week", "2026-04-05T09:00:00+02:00"),
    ],
)
def test_snoozing_over_the_night_the_clock_changes_keeps_the_wall_clock(choice: str, expected: str) -> None:
    # Sunday 29 March 2026, 00:30 in Amsterdam; at 02:00 it becomes 03:00.
    now = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert snooze.until(choice, now).isoformat() == expected


def test_snoozing_until_monday_on_a_monday_means_the_next_one() -> None:
    now = datetime(2026, 3, 30, 8, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert snooze.until("monday", now).date().isoformat() == "2026-04-06"
