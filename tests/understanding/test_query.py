"""The query language: what it reads, what it refuses, and that anchors change nothing but the speed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.items import Kind, Visibility
from inbox.states import Status
from tests.understanding import queries
from understanding.match import Document, Rules, matches, spans
from understanding.query import (
    FIELDS,
    MAX_DEPTH,
    MAX_TERMS,
    And,
    Compare,
    Day,
    Facts,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Place,
    QueryError,
    Term,
    apart,
    hints,
    leaves,
    nears,
    needs_something,
    parse_query,
    spell,
)


def found(query: str, text: str) -> bool:
    return matches(parse_query(query), Document(text))


def test_and_binds_tighter_than_or_and_not_tighter_than_and() -> None:
    assert parse_query("a OR b AND NOT c") == Or((Term("a"), And((Term("b"), Not(Term("c"))))))


def test_words_next_to_each_other_mean_and() -> None:
    assert parse_query("rood blauw") == And((Term("rood"), Term("blauw")))


def test_a_minus_before_a_word_excludes_it_but_a_hyphen_inside_does_not() -> None:
    assert parse_query("acme -gratis") == And((Term("acme"), Not(Term("gratis"))))
    assert parse_query("e-mail") == Phrase(("e", "mail"))


def test_a_quoted_phrase_is_found_only_with_its_words_next_to_each_other() -> None:
    assert found('"klapt eruit"', "De app klapt eruit!")
    assert not found('"klapt eruit"', "eruit klapt hij")


def test_a_phrase_does_not_run_over_from_the_title_into_the_text() -> None:
    assert not matches(parse_query('"nieuwe storing"'), Document("Alweer een nieuwe", "storing in Zwolle"))


def test_a_phrase_is_found_after_a_false_start() -> None:
    assert found('"de de app"', "de app, de de app")


def test_a_star_finds_every_word_that_begins_so() -> None:
    assert found("web*", "Onze webshop ligt eruit")
    assert not found("web*", "de cobweb")


def test_case_accents_and_marks_of_mention_do_not_matter() -> None:
    assert found("cafe", "Het CAFÉ is dicht")
    assert found("@acme", "acme reageert niet")
    assert found("acme", "#Acme en @acme_nl")


def test_operators_work_only_in_capitals() -> None:
    assert found("or", "whether or not")
    assert parse_query("a OR b") == Or((Term("a"), Term("b")))


@pytest.mark.parametrize(
    ("query", "position", "hint", "suggestion"),
    [
        ("", 0, "empty", ""),
        ("   ", 3, "empty", ""),
        ("acme AND", 8, "missing", ""),
        ("OR acme", 0, "missing before", ""),
        ("(acme", 0, "never closed", "(acme)"),
        ("((acme", 1, "never closed", "((acme))"),
        ("()", 1, "missing before", ""),
        ("acme)", 4, "too many", "acme"),
        ('acme "gym', 5, "quotation", 'acme "gym"'),
        ("ac*me", 2, "end of a single word", "acme*"),
        ("acme !!", 5, "no letter", ""),
        ("acme | gym", 5, "no letter", "acme OR gym"),
        ("*", 0, "no letter", ""),
        ("e-mail*", 0, "single word", "mail*"),
        ("acme NOT", 5, "NOT needs something", ""),
        ("NOT AND acme", 4, "missing before", ""),
        ("app NEAR traag", 4, "needs a number", "app NEAR/5 traag"),
        ("app NEAR/x traag", 4, "needs a number", "app NEAR/5 traag"),
        ("app NEAR/0 traag", 4, "1 to 100", "app NEAR/1 traag"),
        ("app NEAR/999 traag", 4, "1 to 100", "app NEAR/100 traag"),
        ("app NEAR/3", 10, "missing at the end", ""),
        ("app NEAR/3 NOT traag", 11, "NOT cannot stand behind NEAR", ""),
        ("app NEAR/3 (a b)", 11, "NEAR stands between words", ""),
        ("soruce:reddit", 0, "you may mean source", "source:reddit"),
        ("acme ratng<3", 5, "you may mean rating", "acme rating<3"),
        ("foo:bar", 0, "no field “foo”", '"foo:bar"'),
        ("kind:revieuw", 5, "choose from post", "kind:review"),
        ("sentiment:negatief", 10, "choose from negative", "sentiment:negative"),
        ("lang:hollands", 5, "not a language", ""),
        ("lang:", 0, "value is missing after “lang:”", ""),
        ("lang: nl", 0, "value is missing after “lang:”", "lang:nl"),
        ("lang:nl, de", 8, "after the comma", "lang:nl,de"),
        ('author:"jan', 7, "quotation", 'author:"jan"'),
        ("author:j*n", 7, "end of a value", "author:jn"),
        ("author:*", 7, "value is missing", ""),
        ("rating<veel", 7, "compared with a number", "rating>=4"),
        ("rating>9", 7, "up to 5", ""),
        ("lang<3", 0, "cannot be compared", "lang:3"),
        ("after:31-01-2026", 6, "year-month-day", "after:2026-01-31"),
        ("since:gisteren", 6, "year-month-day", ""),
        ("after:2026-02-30", 6, "no day that can be looked for", ""),
        ("after:30/2/2026", 6, "“30/2/2026” is no day", ""),
        ("after:0000-01-01", 6, "no day that can be looked for", ""),
        ("after:0001-01-01", 6, "no day that can be looked for", ""),
        ("since:0001-12-31", 6, "no day that can be looked for", ""),
        ("acme before:0001-01-01", 12, "no day that can be looked for", ""),
        ("before:9999-12-31", 7, "no day that can be looked for", ""),
        ("until:9999-01-01", 6, "no day that can be looked for", ""),
        ("before:31-12-9999", 7, "no day that can be looked for", ""),
        ("hour:9.5", 5, "hour is compared with a whole number", "hour:9"),
        ("acme hour>= 9,30 gym", 12, "whole number", "acme hour>= 9 gym"),
        ("hour:8,9.5", 7, "whole number", "hour:8,9"),
        ("hour=23.5", 5, "up to 23", ""),
        ("hour:24", 5, "up to 23", ""),
        ("hour:9:30", 5, "compared with a number", "hour>=9"),
        ("likes>1.50", 6, "whole number", "likes>1"),
        ("weekday:3", 8, "choose from mon", ""),
        ("weekday<3", 0, "cannot be compared", "weekday:3"),
        ("weekday:mon,zondagg", 12, "choose from mon", ""),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_to_do(
    query: str, position: int, hint: str, suggestion: str
) -> None:
    with pytest.raises(QueryError, match=hint) as caught:
        parse_query(query)
    assert (caught.value.position, caught.value.suggestion) == (position, suggestion)


def test_words_near_each_other_are_found_in_both_orders_and_within_the_number() -> None:
    assert parse_query("app NEAR/2 traag") == Near(Term("app"), Term("traag"), 2)
    assert found("app NEAR/2 traag", "de app is traag")
    assert found("app NEAR/2 traag", "traag, die app")
    assert not found("app NEAR/2 traag", "de app is erg traag")
    assert found('"de app" NEAR/2 tra*', "de app is traag")
    assert not found("app NEAR/9 app", "een app"), "the same word twice must be there twice"
    assert not matches(parse_query("app NEAR/9 traag"), Document("De app", "traag weer"))


def test_near_holds_for_a_choice_of_words_and_in_chains() -> None:
    assert parse_query("(a OR b) NEAR/3 c") == Or((Near(Term("a"), Term("c"), 3), Near(Term("b"), Term("c"), 3)))
    assert parse_query("a NEAR/1 b NEAR/2 c") == And((Near(Term("a"), Term("b"), 1), Near(Term("b"), Term("c"), 2)))
    assert parse_query("NOT a NEAR/1 b c") == And((Not(Near(Term("a"), Term("b"), 1)), Term("c")))


def test_conditions_on_fields_are_read_and_folded() -> None:
    assert parse_query("lang:NL,Dutch,de") == Field("lang", ("nl", "de"))
    assert parse_query('author:"Jan de Vriés",@piet*') == Field("author", ("jan de vries", "piet*"))
    assert parse_query("from:jan -site:https://www.nu.nl/x") == And(
        (Field("author", ("jan",)), Not(Field("site", ("nu.nl",))))
    )
    assert parse_query("rating < 3,5") == parse_query("rating:<3.5") == Compare("rating", "<", 3.5)
    assert parse_query("rating:4,5") == Or((Compare("rating", "=", 4), Compare("rating", "=", 5)))
    assert parse_query("followers≥10.000") == parse_query("followers>=10k") == Compare("followers", ">=", 10_000)
    assert parse_query("followers>=2,3m") == Compare("followers", ">=", 2_300_000)
    assert parse_query("hour:9,0023") == Or((Compare("hour", "=", 9), Compare("hour", "=", 23)))
    assert parse_query("after:2026-1-3") == Day("after", date(2026, 1, 3))
    assert parse_query("since:0002-01-01 until:9998-12-31") == And(
        (Day("after", date(2, 1, 1)), Day("before", date(9998, 12, 31)))
    )


def test_a_fraction_is_spelt_as_it_can_be_read() -> None:
    for written in ("rating>0.00001", "rating<=4.999999999999999", "rating=0.5"):
        assert spell(parse_query(written)) == written


def test_what_only_looks_like_a_field_is_words() -> None:
    assert parse_query("https://nu.nl") == Phrase(("https", "nu", "nl"))
    assert parse_query("let op: 12:30") == And((Term("let"), Term("op"), Phrase(("12", "30"))))
    assert parse_query('"lang:nl"') == Phrase(("lang", "nl"))
    assert parse_query("rating AND x<3") == And((Term("rating"), Phrase(("x", "3"))))


def test_typographic_quotes_and_dashes_read_as_plain_ones() -> None:
    assert parse_query("“klapt eruit” \u2013gratis «x y»") == parse_query('"klapt eruit" -gratis "x y"')
    assert parse_query("after:2026\u201101\u201131") == Day("after", date(2026, 1, 31))


@pytest.mark.parametrize(
    ("query", "place", "told"),
    [
        ("acme tag:klacht", Place.BRAND, "brand cannot ask for tag"),
        ("acme sentiment:negative", Place.BRAND, "brand cannot ask for sentiment"),
        ("acme after:2026-01-01", Place.RULE, "rule cannot ask for after"),
        ("state:new", Place.RULE, "rule cannot ask for state"),
    ],
)
def test_a_field_that_cannot_be_known_somewhere_is_refused_there(query: str, place: Place, told: str) -> None:
    parse_query(query)
    with pytest.raises(QueryError, match=told):
        parse_query(query, place)


def test_fields_with_named_values_name_those_that_occur() -> None:
    assert set(FIELDS["kind"].values) == {kind.value for kind in Kind} | {"manual"}
    assert set(FIELDS["visibility"].values) == {visibility.value for visibility in Visibility}
    assert set(FIELDS["state"].values) == {status.value for status in Status}


def test_small_letters_and_unknown_names_draw_a_hint() -> None:
    told = hints('a or b "or" -not source:redit,reviews', known={"source": ["Reddit", "reviews"]})
    assert [(hint.position, hint.suggestion) for hint in told] == [
        (2, 'a OR b "or" -not source:redit,reviews'),
        (13, 'a or b "or" -NOT source:redit,reviews'),
        (17, 'a or b "or" -not source:Reddit,reviews'),
    ]
    assert "“redit”" in str(told[-1])
    assert hints("acme OR rival lang:nl") == ()


def test_the_largest_queries_are_read_and_matched() -> None:
    wide = parse_query(" OR ".join(f"w{number}" for number in range(MAX_TERMS)))
    assert matches(wide, Document("w1999"))
    deep = parse_query("(a OR NOT (" * (MAX_DEPTH // 3) + "b" + "))" * (MAX_DEPTH // 3))
    assert matches(deep, Document("a"))
    assert parse_query(spell(deep)) == deep
    steep = parse_query("(a OR a (" * (MAX_DEPTH // 2) + "b" + "))" * (MAX_DEPTH // 2))
    assert needs_something(steep)
    assert spell(parse_query(spell(steep))) == spell(steep)
    assert Rules({"steep": steep}).match(Document("a")) == ("steep",)
    assert parse_query("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == Term("a")
    with pytest.raises(QueryError, match="at most 2000"):
        parse_query(" ".join(["a"] * (MAX_TERMS + 1)))
    with pytest.raises(QueryError, match="deeper than 200"):
        parse_query("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1))
    with pytest.raises(QueryError, match="longer than"):
        parse_query("a" * 100_000)


def test_a_pattern_typed_as_a_query_is_only_words() -> None:
    assert parse_query("(a+)+b") == And((Term("a"), Term("b")))
    assert found(r"(x+x+)+y", "x x y " + "x" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a " * 50_000,
        "a" * 100_000,
        "😀" * 50_000,
        "a\u0335\u0336" * 30_000,
        "\u202eacme\u202c שלום acme",
        "a\0b acme",
    ],
)
def test_any_text_is_matched_and_marked(text: str) -> None:
    node = parse_query('acme OR a NEAR/100 b OR "a a a b" OR a* NEAR/9 "a a"')
    matches(node, Document(text, text))
    assert all(0 <= start < end <= len(text) for start, end in spans([node], text))


def test_nesting_without_end_is_refused_rather_than_crashing() -> None:
    for query in ("(" * 10_000 + "a" + ")" * 10_000, "NOT " * 4_000 + "a"):
        with pytest.raises(QueryError):
            parse_query(query)


def test_a_query_that_only_excludes_is_recognised() -> None:
    assert not needs_something(parse_query("NOT gym"))
    assert not needs_something(parse_query("acme OR NOT gym"))
    assert needs_something(parse_query("acme NOT gym"))


def test_marking_gives_code_points_also_after_emoji_and_accents() -> None:
    text = "😀 Café dicht, de app klapt eruit"
    marked = [text[start:end] for start, end in spans([parse_query('cafe "klapt eruit" NOT dicht')], text)]
    assert marked == ["Café", "klapt eruit"]


def test_words_near_each_other_are_marked_only_where_they_are() -> None:
    text = "Traag. En verder is alles goed met de app: niet traag."
    marked = [text[start:end] for start, end in spans([parse_query("app NEAR/2 traag NOT goed")], text)]
    assert marked == ["app", "traag"]
    assert spans([parse_query("lang:nl")], text) == []


MESSAGES = st.tuples(st.lists(queries.said, min_size=2, max_size=2), queries.facts)


@given(queries.nodes(), MESSAGES)
def test_a_query_means_what_the_book_says(node: Node, message: tuple[list[list[str]], Facts]) -> None:
    parts, known = message
    assert matches(node, queries.document(parts, known)) is queries.holds(node, parts, known)


@given(st.lists(queries.nodes(), min_size=1, max_size=6), st.lists(MESSAGES, min_size=1, max_size=3))
def test_rules_filed_under_anchors_answer_as_if_each_were_tried(
    nodes: list[Node], messages: list[tuple[list[list[str]], Facts]]
) -> None:
    rules = {str(number): node for number, node in enumerate(nodes)}
    filed = Rules(rules)
    for parts, known in messages:
        tried = tuple(name for name, node in rules.items() if queries.holds(node, parts, known))
        assert filed.match(queries.document(parts, known)) == tried


@given(queries.nodes(), MESSAGES)
def test_a_query_that_needs_something_never_matches_a_message_without_any_of_it(
    node: Node, message: tuple[list[list[str]], Facts]
) -> None:
    parts, known = message
    if needs_something(node) and queries.holds(node, parts, known):
        assert any(queries.holds(leaf, parts, known) for leaf in leaves(node))


@given(queries.nodes(deepest=20))
def test_a_printed_query_is_read_as_the_same_query(node: Node) -> None:
    assert parse_query(spell(node)) == node


@given(st.text(max_size=60) | st.text(alphabet='ab "():*-,<>=/“”\u2013NEAROTlg3', max_size=40))
def test_any_text_is_read_or_refused_with_a_query_error(text: str) -> None:
    try:
        node = parse_query(text)
    except QueryError as error:
        places = [error.position]
    else:
        matches(node, Document(text))
        spans([node], text)
        assert parse_query(spell(node)) == node
        places = [hint.position for hint in hints(text)]
    assert all(0 <= place <= len(text) for place in places)


@given(queries.said, st.lists(queries.nodes(), min_size=1, max_size=2))
def test_what_is_marked_are_the_wanted_words_and_pairs(words: list[str], nodes: list[Node]) -> None:
    text = " ".join(words)
    places = [(sum(len(word) + 1 for word in words[:at]), word) for at, word in enumerate(words)]
    marked = {at for start, end in spans(nodes, text) for at, word in places if start <= at < end}
    for at, word in places:
        alone = {leaf for node in nodes for leaf in apart(node) if not isinstance(leaf, Phrase)}
        if any(queries.holds(leaf, [[word]], Facts()) for leaf in alone):
            assert at in marked
    unwanted = not any(queries.holds(leaf, [words], Facts()) for node in nodes for leaf in [*apart(node), *nears(node)])
    assert not (unwanted and marked)
