"""Reports: what they tell, that they stay as they were, and that each goes out once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.kpis.catalogue import KPIS
from inbox.permissions import Role
from inbox.reports import making, pdf, scheduling
from inbox.reports.gathering import unsigned
from inbox.reports.periods import EVERY, before
from inbox.reports.words import Tongue
from inbox.settings import InboxSettings
from inbox.themes.views import Draft
from inbox.whole_periods import Every, ended_before, period_at
from screens import i18n
from store.rollups import rebuild_rollups
from store.schema import alert, mention, outgoing_mail, report, report_quote, report_schedule
from tests.inbox.conftest import SETTINGS, World

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 15)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def answered(world: World) -> World:
    """A week with two messages, one of them answered after a quarter of an hour."""
    who = world.token(world.person())
    first = world.conversation("Mijn pakket is kwijt, wat nu?")
    world.conversation("Waar blijft mijn geld?")
    world.clock.step(timedelta(minutes=15))
    world.inbox.answered_by_hand(who, first, text="Wij zoeken het uit.")
    rebuild_rollups(world.store, timezone=SETTINGS.timezone)
    world.clock.step(timedelta(days=7))
    return world


def text_of(world: World, report_id: int, lang: str | None = None) -> str:
    return making.file_of(world.desk, report_id, "html", lang).body.decode()


def test_a_report_tells_the_figures_of_the_period_in_both_languages(answered: World) -> None:
    boss = answered.token(answered.person(Role.LEAD))
    report_id = answered.inbox.reports.make(boss, FIRST, LAST, lang="nl")
    dutch, english = text_of(answered, report_id), text_of(answered, report_id, "en")
    assert '<html lang="nl">' in dutch
    assert re.search(r"Eerste reactietijd</td><td[^>]*>15 min", dutch)
    assert re.search(r"First response time</td><td[^>]*>15 min", english)
    assert re.search(r"Instroom</td><td[^>]*>2<", dutch)
    assert "9 maart 2026 tot en met 15 maart 2026" in dutch
    assert "niemand heeft berichten beoordeeld" in dutch or "Toon" not in dutch


def test_the_same_report_is_the_same_page_whatever_changes_afterwards(answered: World) -> None:
    report_id = making.make(answered.desk, FIRST, LAST, lang="nl", made_by=None)
    first = text_of(answered, report_id)
    answered.conversation("Nog een bericht", said_at=answered.clock() - timedelta(days=6))
    rebuild_rollups(answered.store, timezone=SETTINGS.timezone)
    assert text_of(answered, report_id) == first


def test_nothing_in_a_page_is_loaded_or_run(answered: World) -> None:
    page = text_of(answered, making.make(answered.desk, FIRST, LAST, lang="en", made_by=None))
    assert not re.search(r"<(script|img|link|iframe|object)|url\(|@import|\shref=|\ssrc=|\son\w+=", page)


@pytest.mark.skipif(pdf.why_not() is not None, reason=f"no PDF on this machine: {pdf.why_not()}")
def test_a_report_is_a_pdf_too_and_always_the_same_one(answered: World) -> None:
    report_id = making.make(answered.desk, FIRST, LAST, lang="nl", made_by=None)
    first, again = (making.file_of(answered.desk, report_id, "pdf").body for _ in range(2))
    assert first.startswith(b"%PDF-")
    assert first == again


def test_an_empty_workspace_has_a_report_that_says_so(world: World) -> None:
    page = text_of(world, making.make(world.desk, FIRST, LAST, lang="nl", made_by=None))
    assert "In deze periode is niets binnengekomen" in page


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (LAST, FIRST, "ends before it begins"),
        (date(2021, 1, 1), date(2026, 1, 1), "at most"),
        (date(2027, 1, 1), date(2027, 1, 2), "not begun yet"),
    ],
)
def test_impossible_days_are_refused_in_words(world: World, first: date, last: date, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        making.make(world.desk, first, last, lang="nl", made_by=None)


def test_who_may_not_see_figures_makes_and_reads_none(world: World) -> None:
    watching = world.token(world.person(Role.READ_ONLY))
    with pytest.raises(NotAllowed):
        world.inbox.reports.make(watching, FIRST, LAST, lang="nl")
    with pytest.raises(NotAllowed):
        world.inbox.reports.file(watching, 1, "html")
    agent = world.token(world.person())
    with pytest.raises(NotAllowed):
        world.inbox.reports.schedule(agent, every="week", lang="nl", receivers=["lea@shop.example"])
    with pytest.raises(NotFound):
        world.inbox.reports.file(agent, 1, "html")


def raised(world: World, text: str, **values: object) -> tuple[int, int]:
    """A conversation that raises a theme, and the theme."""
    lead = world.token(world.person(Role.LEAD))
    number = world.conversation(text)
    theme_id = world.inbox.themes.make(lead, Draft("Bezorging"))
    world.inbox.themes.link(lead, number, theme_id)
    if values:
        with world.store.write() as conn:
            conn.execute(mention.update().where(mention.c.conversation_id == number).values(**values))
    return number, theme_id


def test_quotes_are_without_names_links_and_personal_data_and_go_with_their_message(world: World) -> None:
    number, _theme = raised(
        world, "@jan kijk op https://jan.example/x, bel me op 06-12345678 want mijn pakket is nog steeds kwijt"
    )
    report_id = making.make(world.desk, FIRST, LAST, lang="nl", made_by=None)
    page = text_of(world, report_id)
    assert "want mijn pakket is nog steeds kwijt" in page
    assert not re.search(r"jan|06-12345678", page)
    with world.store.write() as conn:
        wanted = select(mention.c.id).where(mention.c.conversation_id == number)
        conn.execute(report_quote.delete().where(report_quote.c.mention_id.in_(wanted)))
    assert "pakket is nog steeds kwijt" not in text_of(world, report_id)


def test_what_is_private_is_not_quoted(world: World) -> None:
    raised(world, "Mijn adres is anders dan u denkt, verander het graag", visibility="private")
    page = text_of(world, making.make(world.desk, FIRST, LAST, lang="nl", made_by=None))
    assert "Bezorging" in page
    assert "verander het graag" not in page


MAILING = SETTINGS.model_copy(update={"can_mail": True})


def scheduled(world: World, every: str = "week") -> int:
    desk = Desk(world.store, MAILING, world.clock)
    lead = world.person(Role.LEAD)
    return scheduling.add(desk, lead, every=every, lang="nl", receivers=["lea@shop.example", " jo@shop.example"])


def tick(world: World, settings: InboxSettings = MAILING) -> int:
    return scheduling.tick(world.store, settings, world.clock())


def mails(world: World) -> list[tuple[str, int | None]]:
    with world.store.read() as conn:
        rows = conn.execute(select(outgoing_mail).order_by(outgoing_mail.c.to_address)).all()
    return [(row.to_address, row.report_id) for row in rows if row.kind == "report"]


def test_a_schedule_sends_each_week_once_to_everybody(world: World, later: Callable[..., datetime]) -> None:
    scheduled(world)
    assert tick(world) == 0  # Tuesday: the first is made next Monday
    later(days=6)
    assert tick(world) == 1
    assert tick(world) == 0
    with world.store.read() as conn:
        made = conn.execute(select(report)).one()
    assert (made.first, made.last) == (date(2026, 3, 9), date(2026, 3, 15))
    assert mails(world) == [("jo@shop.example", made.id), ("lea@shop.example", made.id)]
    later(days=21)  # nothing ran for three weeks: the last one is made, not three
    assert tick(world) == 1
    with world.store.read() as conn:
        assert conn.execute(select(report_schedule.c.due_on)).scalar() == date(2026, 4, 13)


def test_a_schedule_that_ended_sends_nothing(world: World, later: Callable[..., datetime]) -> None:
    schedule_id = scheduled(world)
    scheduling.end(world.desk, world.person(Role.LEAD), schedule_id)
    later(days=6)
    assert tick(world) == 0
    assert mails(world) == []
    with pytest.raises(NotFound):
        scheduling.end(world.desk, world.person(Role.LEAD), schedule_id)


def test_a_schedule_needs_mail_and_addresses(world: World) -> None:
    lead = world.person(Role.LEAD)
    with pytest.raises(BadInput, match="No mail goes out"):
        scheduling.add(world.desk, lead, every="week", lang="nl", receivers=["lea@shop.example"])
    desk = Desk(world.store, MAILING, world.clock)
    for receivers in ([], [" "], ["lea"], [f"a{n}@shop.example" for n in range(51)]):
        with pytest.raises(BadInput):
            scheduling.add(desk, lead, every="week", lang="nl", receivers=receivers)


@given(st.sampled_from(EVERY), DAYS)
def test_the_report_that_is_due_on_a_day_is_of_the_period_that_ended_the_day_before(every: Every, day: date) -> None:
    due = period_at(every, day).after
    told = ended_before(every, due)
    first, last = told.first, told.last
    assert day < due
    assert last == due - timedelta(days=1)
    assert first <= day
    assert (last - first).days + 1 == (7 if every is Every.WEEK else (due - first).days)


@given(DAYS, st.integers(0, 400))
def test_the_period_before_ends_where_this_one_begins(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    began, ended = before(first, last)
    assert ended == first - timedelta(days=1)
    assert began <= ended
    if not (first.day == 1 and (last + timedelta(days=1)).day == 1):
        assert ended - began == last - first


@pytest.mark.parametrize(
    ("seconds", "dutch", "english"),
    [(0, "0 s", "0 s"), (59.6, "1 min", "1 min"), (3_661, "1 u 01 min", "1 h 01 min"), (90_000, "1 d 1 u", "1 d 1 h")],
)
def test_durations_are_read_in_their_two_largest_units(seconds: float, dutch: str, english: str) -> None:
    assert (Tongue("nl").duration(seconds), Tongue("en").duration(seconds)) == (dutch, english)


def test_a_share_changes_by_points_and_a_count_by_per_cent() -> None:
    assert Tongue("nl").change(0.5, 0.475, "share") == "+2,5 punten"
    assert Tongue("en").change(90, 120, "count") == "-25 %"
    assert Tongue("en").change(3, 0, "count") == "\u2013"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mijn nota klopt niet. Groet, Imane uit Nijmegen", "Mijn nota klopt niet"),
        ("Nog steeds niets ontvangen, mvg J. de Vries", "Nog steeds niets ontvangen"),
        ("Still waiting for my parcel! Kind regards, Anna Smith", "Still waiting for my parcel"),
        (
            "De groeten aan de monteur, die nooit kwam en ook niet belde",
            "De groeten aan de monteur, die nooit kwam en ook niet belde",
        ),
        ("Groet, Imane", "Groet, Imane"),
        ("", ""),
    ],
)
def test_a_signature_is_no_part_of_a_quote(text: str, left: str) -> None:
    assert unsigned(text) == left


def test_figures_are_called_as_on_the_page_of_service_levels() -> None:
    dutch = i18n.load("nl").texts
    assert {kpi.name: Tongue("nl").say(kpi.name) for kpi in KPIS} == {kpi.name: dutch[kpi.name] for kpi in KPIS}


def test_what_alerts_fired_about_stands_in_the_report(world: World) -> None:
    row = {
        "id": 5,
        "rule_id": 3,
        "hour": datetime(2026, 3, 11, 9, tzinfo=UTC),
        "window_h": 3,
        "n": 41,
        "at_least": 30,
        "expected": 7.5,
        "fired_at": datetime(2026, 3, 11, 10, tzinfo=UTC),
        "explanation": {},
    }
    with world.store.write() as conn:
        conn.execute(alert.insert().values(**row))
        conn.execute(alert.insert().values(**{**row, "id": 6, "hour": datetime(2026, 3, 16, 9, tzinfo=UTC)}))
    page = text_of(world, making.make(world.desk, FIRST, LAST, lang="nl", made_by=None))
    assert re.findall(r"<td>(\d+ maart 2026 \d\d:\d\d)</td>", page) == ["11 maart 2026 10:00"]
    assert "41</td>" in page
