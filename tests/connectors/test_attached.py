"""What is attached to statuses and forum posts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.discourse.pictures import pictures_in
from connectors.items import Json, Media, MediaKind
from connectors.mastodon.attached import attached

FORUM = "https://forum.example/community"
COOKED = """
<p>Zo kwam het aan :<img src="/images/emoji/cry.png" class="emoji" alt=":cry:"></p>
<aside class="quote"><blockquote><img src="/uploads/default/original/1X/of-others.jpg"></blockquote></aside>
<div class="lightbox-wrapper"><a class="lightbox" href="/uploads/default/original/1X/a.jpeg" title="IMG_0412">
<img src="/uploads/default/optimized/1X/a_2_690x388.jpeg" alt="IMG_0412" width="690" height="388"></a></div>
<p><img src="//cdn.forum.example/uploads/b.png" alt="de doos is nat"></p>
<aside class="onebox"><img class="thumbnail" src="https://news.example/p.jpg"></aside>
<p><img src="javascript:alert(1)"><img src="data:image/gif;base64,AA"></p>
"""


def test_a_forum_post_tells_what_its_author_put_into_it() -> None:
    assert list(pictures_in(COOKED, FORUM)) == [
        Media("https://forum.example/uploads/default/original/1X/a.jpeg", width=690, height=388),
        Media("https://cdn.forum.example/uploads/b.png", alt="de doos is nat"),
    ]


@given(st.text(max_size=200).map(lambda text: f"<img {text}><a class=lightbox {text}><img src='{text}'></a>"))
def test_whatever_html_stands_there_only_web_addresses_come_out(cooked: str) -> None:
    assert all(each.url.startswith(("http://", "https://")) for each in pictures_in(cooked, FORUM))


def test_a_broken_address_takes_no_post_away() -> None:
    assert list(pictures_in('<img src="http://[x"><img src="/a.png">', FORUM)) == [Media("https://forum.example/a.png")]


def status(*attachments: Json) -> dict[str, Json]:
    return {"media_attachments": list(attachments)}


@pytest.mark.parametrize(
    ("kind", "is_read_as"),
    [
        ("image", MediaKind.IMAGE),
        ("gifv", MediaKind.VIDEO),
        ("video", MediaKind.VIDEO),
        ("audio", MediaKind.AUDIO),
        ("unknown", MediaKind.FILE),
        ("hologram", MediaKind.FILE),
    ],
)
def test_a_status_tells_its_attachments_by_their_kind(kind: str, is_read_as: MediaKind) -> None:
    one: Json = {
        "type": kind,
        "url": "https://files.s.example/a.jpg",
        "description": "een kat",
        "meta": {"original": {"width": 640, "height": 480}},
    }
    assert list(attached(status(one))) == [Media("https://files.s.example/a.jpg", is_read_as, "een kat", 640, 480)]


def test_a_remote_file_that_was_not_copied_is_known_by_where_it_was() -> None:
    one: Json = {"type": "unknown", "url": None, "remote_url": "https://other.example/a.jpg", "meta": None}
    assert list(attached(status(one, {"type": "image"}, None, 7))) == [
        Media("https://other.example/a.jpg", MediaKind.FILE)
    ]
    assert list(attached({})) == []
