"""From item to mention: what is kept, what is flagged, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Visibility
from pipeline.enrich import Enricher, read_brand_query
from pipeline.itemfields import UnreadableItemError
from pipeline.settings import BrandSettings, CollectSettings, SourceSettings
from store.records import MentionRecord, UnmatchedRecord
from store.sentiments import by_tier
from tests.pipeline.enriched import record_of
from understanding.pii import Pii
from understanding.query import QueryError
from understanding.sentiment import tier_one

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = CollectSettings(
    languages=("nl", "en"),
    brands=(
        BrandSettings(id="acme", name="Acme", query='(acme OR @acme*) NOT "acme gym"'),
        BrandSettings(id="rival", name="Rival", query="rival", competitor=True),
    ),
)
SEARCHED = SourceSettings(id="news", connector="feeds")
OWN = SourceSettings(id="forum", connector="discourse", own=True, match="all")
ITEM = Item(
    external_id="1",
    kind=Kind.POST,
    text="Acme, waar blijft mijn pakket?",
    published_at=NOW - timedelta(minutes=5),
    raw={"id": "1"},
)


def plain(raw: Json) -> tuple[bytes, int]:
    return orjson.dumps(raw), 0


ENRICHER = Enricher(SETTINGS, plain)


def kept(item: Item, source: SourceSettings = SEARCHED) -> MentionRecord:
    record = record_of(ENRICHER, item, source=source, platform="test", fetched_at=NOW)
    assert isinstance(record, MentionRecord)
    return record


def test_a_matching_item_becomes_a_mention_with_brand_and_language() -> None:
    record = kept(ITEM)
    assert (record.brand_ids, record.lang, record.direction) == (("acme",), "nl", "inbound")
    assert record.payload == b'{"id":"1"}'


def test_a_mention_is_scored_on_title_and_text_and_carries_who_scored_it() -> None:
    glad = kept(replace(ITEM, title="Topservice van Acme!", text="Monteur kwam om twee uur.")).sentiment
    cross = kept(replace(ITEM, title="Weer een storing bij Acme", text="Monteur kwam om twee uur.")).sentiment
    assert glad is not None
    assert cross is not None
    assert (glad.label, cross.label) == ("positive", "negative")
    assert glad.by == by_tier(1, tier_one().version)


def test_stars_count_with_the_words_and_alone() -> None:
    def score(stars: float, text: str) -> float:
        scored = kept(replace(ITEM, kind=Kind.REVIEW, text=text, rating=stars, rating_scale=5), OWN).sentiment
        assert scored is not None
        return scored.score

    assert score(1, "") < score(3, "") < score(5, "")
    assert score(1, "Acme bezorgde dinsdag.") < score(5, "Acme bezorgde dinsdag.")


def test_what_the_brand_says_itself_has_no_sentiment() -> None:
    assert kept(replace(ITEM, is_own=True, text="Wat vervelend, we lossen het op!")).sentiment is None


def test_an_item_about_something_else_is_set_apart_as_unmatched() -> None:
    other = replace(ITEM, text="Mooi weer vandaag")
    assert isinstance(record_of(ENRICHER, other, source=SEARCHED, platform="test", fetched_at=NOW), UnmatchedRecord)


def test_everything_on_the_own_forum_is_kept_for_the_own_brand() -> None:
    assert kept(replace(ITEM, text="Mooi weer vandaag"), OWN).brand_ids == ("acme",)


def test_a_message_to_the_brands_account_is_kept_whatever_its_words() -> None:
    assert "addressed" in kept(replace(ITEM, text="Help!", addressed=True)).flags


def test_a_post_that_names_two_brands_belongs_to_both() -> None:
    assert kept(replace(ITEM, text="Acme of Rival, wie is beter?")).brand_ids == ("acme", "rival")


def test_the_brands_own_posts_are_outbound_and_never_folded() -> None:
    record = kept(replace(ITEM, text="Acme hier: wij zoeken het voor je uit vandaag", is_own=True))
    assert (record.direction, record.dup_hash) == ("outbound", None)


def test_html_becomes_text_and_safe_html() -> None:
    record = kept(replace(ITEM, text=None, html="<p>Acme &amp; co<script>x</script></p>"))
    assert (record.text, record.html) == ("Acme & co", "<p>Acme &amp; co</p>")


def test_a_missing_date_and_one_in_the_future_are_flagged_not_guessed() -> None:
    assert kept(replace(ITEM, published_at=None)).flags == ("date_missing",)
    future = kept(replace(ITEM, published_at=datetime(2099, 1, 1, tzinfo=UTC)))
    assert future.flags == ("date_future",)
    assert future.published_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_a_megabyte_title_is_cut_and_flagged() -> None:
    record = kept(replace(ITEM, title="Acme " * 200_000))
    assert record.title is not None
    assert len(record.title) == 500
    assert "title_cut" in record.flags


def test_nul_bytes_and_lone_surrogates_do_not_reach_the_store() -> None:
    record = kept(replace(ITEM, text="Acme\x00 is \ud83d stuk", author=Author("a\x001", name="P\x00iet")))
    assert record.text == "Acme is \ufffd stuk"
    assert record.author is not None
    assert (record.author.external_id, record.author.name) == ("a1", "Piet")


@pytest.mark.parametrize(
    "broken",
    [
        replace(ITEM, external_id=" "),
        replace(ITEM, external_id="a\x00b"),
        replace(ITEM, external_id="x" * 2_000),
        replace(ITEM, text="  ", title=None),
        replace(ITEM, published_at=datetime(2026, 11, 20)),  # noqa: DTZ001 - naive on purpose
    ],
    ids=["no id", "NUL in id", "endless id", "nothing said", "naive time"],
)
def test_an_item_without_identity_words_or_a_time_zone_is_refused_with_a_reason(broken: Item) -> None:
    with pytest.raises(UnreadableItemError, match=r".{10}"):
        record_of(ENRICHER, broken, source=OWN, platform="test", fetched_at=NOW)


def test_a_review_with_stars_alone_is_kept() -> None:
    record = kept(replace(ITEM, text=None, kind=Kind.REVIEW, rating=4, rating_scale=5), OWN)
    assert (record.rating, record.text) == (0.8, "")


@pytest.mark.parametrize(("rating", "scale"), [(float("nan"), 5.0), (4.0, None), (4.0, 0.0), (float("inf"), 5.0)])
def test_a_rating_that_makes_no_sense_is_flagged_and_left_out(rating: float, scale: float | None) -> None:
    record = kept(replace(ITEM, rating=rating, rating_scale=scale))
    assert record.rating is None
    assert "rating_unclear" in record.flags


def test_missing_counts_stay_missing_and_absurd_ones_are_dropped() -> None:
    record = kept(replace(ITEM, counts=Counts(likes=None, replies=0, shares=-1, views=2**70)))
    assert (record.likes, record.replies, record.shares, record.views) == (None, 0, None, None)


def test_white_space_and_counts_are_no_edit_but_words_and_stars_are() -> None:
    same = kept(replace(ITEM, text="Acme,  waar blijft\nmijn pakket?", counts=Counts(likes=9)))
    assert same.content_hash == kept(ITEM).content_hash
    assert kept(replace(ITEM, text="Acme, waar blijft het?")).content_hash != kept(ITEM).content_hash
    one = kept(replace(ITEM, rating=1, rating_scale=5))
    assert one.content_hash != kept(replace(ITEM, rating=5, rating_scale=5)).content_hash


def test_the_thread_is_known_by_its_root_else_left_to_the_parent() -> None:
    root = kept(replace(ITEM, external_id="9"))
    assert kept(replace(ITEM, thread_external_id="9")).thread_key == root.thread_key
    assert kept(replace(ITEM, parent_external_id="9")).thread_key is None


def test_capabilities_are_stored_without_their_defaults() -> None:
    record = kept(replace(ITEM, url="https://x.example/1", capabilities=Capabilities(can_reply=True, max_length=500)))
    assert record.capabilities == {
        "can_reply": True,
        "max_length": 500,
        "length_unit": "code_points",
        "deep_link": "https://x.example/1",
    }


def test_a_script_link_is_no_permalink() -> None:
    assert kept(replace(ITEM, url="javascript:alert(1)")).url is None


def test_private_messages_stay_private() -> None:
    assert kept(replace(ITEM, visibility=Visibility.PRIVATE)).visibility == "private"


def test_a_platforms_language_hint_counts_only_where_words_do_not_tell() -> None:
    assert kept(replace(ITEM, text="Acme 😀", title=None, lang_hint="nl-NL"), OWN).lang in {"nl", "en"}
    assert kept(replace(ITEM, text="😀", lang_hint="nl-NL"), OWN).lang == "nl"


def test_terms_for_search_leave_out_what_is_excluded() -> None:
    assert ENRICHER.terms() == ("acme", "rival")


def test_a_brand_query_that_only_excludes_names_the_brand() -> None:
    with pytest.raises(QueryError, match="acme"):
        read_brand_query("acme", "NOT gym")


def test_a_brand_query_knows_what_the_platform_said_about_an_item() -> None:
    author = Author(external_id="7", handle="@JanDeVries", name="Jan de Vriés", followers=2_000)
    item = replace(ITEM, author=author, url="https://www.nu.nl/a", rating=1, rating_scale=5, kind=Kind.REVIEW)
    for query, fits in {
        "pakket source:news platform:test lang:nl": True,
        'author:"jan de vries" author:jandevr* -author:piet': True,
        "site:nu.nl kind:review visibility:public has:rating -is:reply -is:own": True,
        "rating<2 followers>1000": True,
        "lang:en OR rating>2 OR followers<1000 OR has:link,picture,title": False,
    }.items():
        brand = BrandSettings(id="acme", name="Acme", query=query)
        enricher = Enricher(CollectSettings(languages=("nl", "en"), brands=(brand,)), plain)
        record = record_of(enricher, item, source=SEARCHED, platform="test", fetched_at=NOW)
        assert isinstance(record, MentionRecord) is fits, query


def test_a_brand_query_that_asks_for_what_is_not_known_yet_names_the_brand_and_the_field() -> None:
    with pytest.raises(QueryError, match=r"acme.*sentiment"):
        read_brand_query("acme", "acme sentiment:negative")


def test_the_same_item_gives_the_same_record() -> None:
    assert kept(ITEM) == kept(ITEM)


def test_an_item_that_comes_again_gets_the_same_record_and_a_changed_one_a_new_one() -> None:
    enricher = Enricher(SETTINGS, plain)

    def again(item: Item) -> MentionRecord | UnmatchedRecord:
        return record_of(enricher, item, source=SEARCHED, platform="test", fetched_at=NOW)

    first = again(ITEM)
    assert again(replace(ITEM)) is first
    liked = again(replace(ITEM, counts=Counts(likes=3)))
    assert isinstance(liked, MentionRecord)
    assert liked.likes == 3


def test_a_date_in_the_future_is_flagged_only_as_long_as_it_lies_ahead() -> None:
    enricher = Enricher(SETTINGS, plain)
    item = replace(ITEM, published_at=NOW + timedelta(hours=1))
    early = record_of(enricher, item, source=SEARCHED, platform="test", fetched_at=NOW)
    late = record_of(enricher, item, source=SEARCHED, platform="test", fetched_at=NOW + timedelta(hours=2))
    assert isinstance(early, MentionRecord)
    assert isinstance(late, MentionRecord)
    assert (early.flags, late.flags) == (("date_future",), ())


def test_a_source_that_must_not_keep_personal_data_keeps_none_of_it() -> None:
    source = OWN.model_validate({"id": "forum", "connector": "discourse", "match": "all", "redact": "all"})
    enricher = Enricher(SETTINGS.model_copy(update={"order_numbers": ("AC-######",)}), plain)
    item = replace(ITEM, title="NL91 ABNA 0417 1643 00", text="Bel 06-12345678 over AC-123456")
    record = record_of(enricher, item, source=source, platform="test", fetched_at=NOW)
    assert isinstance(record, MentionRecord)
    assert (record.title, record.text) == ("[iban]", "Bel [phone] over [order]")
    assert record.payload is None
    assert "pii_redacted" in record.flags


def test_only_the_kinds_that_a_source_names_are_replaced() -> None:
    source = SourceSettings(id="forum", connector="discourse", match="all", redact=(Pii.IBAN,))
    html = '<p>Mail <a href="mailto:a@b.nl">a@b.nl</a> NL91ABNA0417164300</p>'
    record = kept(replace(ITEM, text=None, html=html), source)
    assert record.text == "Mail a@b.nl [iban]"
    assert record.html is None


def test_html_whose_link_holds_what_must_not_be_kept_is_not_kept() -> None:
    source = SourceSettings(id="forum", connector="discourse", match="all", redact=(Pii.EMAIL,))
    html = '<p>Mail <a href="mailto:jan@example.nl">Jan</a> van Acme</p>'
    record = kept(replace(ITEM, text=None, html=html), source)
    assert (record.text, record.html) == ("Mail Jan van Acme", None)
