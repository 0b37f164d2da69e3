"""What an entry becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.items import Kind
from tests.connectors.feeds.conftest import NOW, Reader, atom, item, rss


def test_a_plain_entry_gives_title_text_link_author_and_tags(reader: Reader) -> None:
    found = reader.one(
        rss(
            item(
                "b7",
                description="&lt;p&gt;Trein valt &lt;b&gt;weer&lt;/b&gt; uit&lt;/p&gt;",
                pubDate="Sun, 22 Nov 2026 10:00:00 +0100",
                author="redactie@nieuws.example (Jo de Vries)",
                category="#Spoor",
            )
        )
    )
    assert found.external_id == "b7"
    assert found.namespace == "nieuws.example/rss"
    assert found.kind is Kind.ARTICLE
    assert found.title == "Bericht b7"
    assert found.html == "<p>Trein valt <b>weer</b> uit</p>"
    assert found.text is None
    assert found.url == "https://nieuws.example/b7"
    assert found.author is not None
    assert found.author.name == "Jo de Vries"
    assert found.tags == ("Spoor",)
    assert found.published_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert not found.capabilities.can_reply
    assert found.capabilities.deep_link == found.url


def test_full_content_goes_before_the_summary(reader: Reader) -> None:
    body = rss(item(description="kort", **{"content:encoded": "<![CDATA[<p>lang</p>]]>"}))
    assert reader.one(body).html == "<p>lang</p>"


def test_html_content_goes_before_text_content_in_atom(reader: Reader) -> None:
    entry = (
        "<entry><id>1</id><title>t</title><updated>2026-11-22T10:00:00Z</updated>"
        '<content type="text">plat</content><content type="html">&lt;p&gt;opgemaakt&lt;/p&gt;</content></entry>'
    )
    assert reader.one(atom(entry)).html == "<p>opgemaakt</p>"


def test_markup_in_a_title_is_passed_on_for_the_pipeline_to_clean(reader: Reader) -> None:
    body = rss(item(title="&lt;b&gt;Acme&lt;/b&gt; valt tegen"))
    assert reader.one(body).title == "<b>Acme</b> valt tegen"


def test_relative_links_become_absolute_against_where_the_answer_came_from(reader: Reader) -> None:
    body = rss(item(link="/p/1", description='&lt;a href="/meer"&gt;meer&lt;/a&gt; en &amp;lt;a href="/code"&amp;gt;'))
    found = reader.one(body, url="https://nieuws.example/feeds/rss")
    assert found.url == "https://nieuws.example/p/1"
    assert found.html == '<a href="https://nieuws.example/meer">meer</a> en &lt;a href="/code"&gt;'


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "ftp://x.example/1"])
def test_only_web_addresses_become_links(reader: Reader, link: str) -> None:
    assert reader.one(rss(item("x1", link=link))).url is None


def test_a_script_is_neither_run_nor_followed_only_handed_on_as_text(reader: Reader) -> None:
    body = rss(item(description="&lt;script src='https://evil.example/x.js'&gt;&lt;/script&gt;hallo"))
    assert "hallo" in (reader.one(body).html or "")


def test_the_number_of_comments_is_a_count_and_a_missing_one_is_not_zero(reader: Reader) -> None:
    with_count, without = reader.items(rss(item("a", **{"slash:comments": "12"}), item("b")))
    assert with_count.counts.replies == 12
    assert without.counts.replies is None


def test_an_answer_knows_what_it_answers(reader: Reader) -> None:
    entry = (
        "<entry><id>c1</id><title>Re</title><updated>2026-11-22T10:00:00Z</updated>"
        '<thr:in-reply-to ref="p1" href="https://x.example/p1"/><content>Eens</content></entry>'
    )
    found = reader.one(atom(entry))
    assert (found.kind, found.parent_external_id, found.thread_external_id) == (Kind.COMMENT, "p1", "p1")


def test_stars_make_a_review(reader: Reader) -> None:
    entry = (
        "<entry><id>r1</id><title>Traag</title><updated>2026-11-22T10:00:00Z</updated><im:rating>2</im:rating>"
        '<content type="text">App crasht</content><content type="html">&lt;table&gt;&lt;/table&gt;</content></entry>'
    )
    found = reader.one(atom(entry))
    assert (found.kind, found.rating, found.rating_scale, found.text) == (Kind.REVIEW, 2.0, 5.0, "App crasht")


def test_a_video_keeps_its_lines_and_a_moved_update_is_no_edit(reader: Reader) -> None:
    entry = (
        "<entry><id>yt:video:abc</id><title>Clip</title><published>2026-11-20T10:00:00+00:00</published>"
        "<updated>2026-11-22T10:00:00+00:00</updated><media:group><media:description>regel 1\nregel 2"
        '</media:description><media:community><media:starRating count="13"/><media:statistics views="468"/>'
        "</media:community></media:group></entry>"
    )
    found = reader.one(atom(entry))
    assert found.text == "regel 1\nregel 2"
    assert found.edited_at is None
    assert (found.counts.likes, found.counts.views) == (13, 468)


def test_a_later_update_is_an_edit(reader: Reader) -> None:
    entry = (
        "<entry><id>1</id><title>t</title><published>2026-11-20T10:00:00Z</published>"
        "<updated>2026-11-21T10:00:00Z</updated></entry>"
    )
    assert reader.one(atom(entry)).edited_at == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_podcast_gives_its_sound_file_and_length(reader: Reader) -> None:
    body = rss(item("ep1")).replace(
        b"</item>", b'<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg" length="0"/></item>'
    )
    extra = reader.one(body).extra
    assert extra["enclosures"] == [{"url": "https://cdn.example/1.mp3", "type": "audio/mpeg", "length": "0"}]


def test_a_google_alert_is_unwrapped_to_the_page_it_is_about(reader: Reader) -> None:
    entry = (
        "<entry><id>tag:google.com,2013:googlealerts/feed:42</id>"
        "<title type='html'>&lt;b&gt;Acme&lt;/b&gt; &amp;amp;#39;stuk&amp;amp;#39;</title>"
        "<link href='https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://krant.example/acme%3Fa%3D1&amp;ct=ga&amp;usg=X'/>"
        "<published>2026-11-22T08:00:00Z</published><author><name/></author></entry>"
    )
    found = reader.one(atom(entry))
    assert found.url == "https://krant.example/acme?a=1"
    assert found.title == "<b>Acme</b> &#39;stuk&#39;"  # one level of escaping left: HTML, as titles may be
    assert found.author is None


def test_google_news_names_the_paper_as_author_and_its_link_is_left_alone(reader: Reader) -> None:
    link = "https://news.google.com/rss/articles/CBMiAU_yqL?oc=5"
    body = rss(item("CBMiAU_yqL", link=link)).replace(
        b"</item>", b'<source url="https://nu.example">NU</source></item>'
    )
    found = reader.one(body)
    assert found.url == link
    assert found.author is not None
    assert found.author.name == "NU"


def test_two_feeds_with_a_jan_have_two_authors(reader_of: Callable[..., Reader]) -> None:
    body = rss(item(**{"dc:creator": "Jan"}))
    first = reader_of("https://een.example/rss").one(body).author
    second = reader_of("https://twee.example/rss").one(body).author
    assert first is not None
    assert second is not None
    assert first.external_id != second.external_id


def test_one_bad_item_is_set_aside_and_the_rest_goes_on(reader: Reader) -> None:
    page = reader.look(rss(item("a"), "<item></item>", item("b")))
    assert [found.external_id for found in page.items] == ["a", "b"]
    (bad,) = page.rejected
    assert "no id, no link, no title and no text" in bad.error
    json.dumps(bad.payload)


def test_every_kept_payload_is_json_and_reads_back_the_same_item(reader: Reader) -> None:
    body = rss(item("a", pubDate="zo, 22 mrt 2026 10:00:00 CET", description="&lt;p&gt;x&lt;/p&gt;"), item(None))
    for found in reader.items(body):
        raw = json.loads(json.dumps(found.raw))
        assert reader.connector.reparse(raw, found.namespace, reader.query) == found


def test_nul_and_lone_surrogates_never_leave_the_connector(reader: Reader) -> None:
    feed = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"a\\u0000b\\ud800c"}]}'
    assert reader.one(feed.encode()).text == "a\ufffdb\ufffdc"


def test_emoji_and_right_to_left_text_come_through_whole(reader: Reader) -> None:
    said = "Top 👩‍👩‍👧‍👦 🇳🇱 مرحبا שלום 𠜎"
    assert reader.one(rss(item(title=said))).title == said


def test_cp1252_without_a_word_about_it_still_gives_euro_and_accent(reader: Reader) -> None:
    plain = rss(item(title="CAFE kost EURO 5")).replace(b' encoding="utf-8"', b"")
    body = plain.replace(b"CAFE", "café".encode("cp1252")).replace(b"EURO", "€".encode("cp1252"))
    assert reader.one(body).title == "café kost € 5"


def test_a_declared_windows_encoding_is_believed(reader: Reader) -> None:
    assert reader.one(rss(item(title="één café € 5"), encoding="windows-1252")).title == "één café € 5"


def test_the_server_may_say_the_encoding(reader: Reader) -> None:
    body = rss(item(title="ACC")).replace(b' encoding="utf-8"', b"").replace(b"ACC", "crème".encode("iso-8859-1"))
    assert reader.one(body, headers={"content-type": "application/rss+xml; charset=iso-8859-1"}).title == "crème"


def test_broken_markup_still_gives_its_entries(reader: Reader) -> None:
    body = rss(item("a", title="Q&A & <br> meer"), item("b")).replace(b"</channel></rss>", b"")
    assert [found.external_id for found in reader.items(body)] == ["a", "b"]


def test_items_know_when_they_were_received_for_reading_them_again(reader: Reader) -> None:
    raw = reader.one(rss(item())).raw
    assert isinstance(raw, dict)
    assert raw["received_at"] == NOW.isoformat()
