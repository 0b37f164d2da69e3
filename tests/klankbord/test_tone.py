"""A word that somebody adjusted reaches new messages and kept ones, through what the worker composes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from inbox import people, sessions
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.tone.catching_up import progress
from klankbord import outside
from klankbord.again import Shift
from klankbord.config_file import load_config
from klankbord.work import duties
from pipeline.again import begin
from pipeline.reenriching import Reenrichment
from store import schema
from store.engine import open_store
from store.ingest import commit_page
from store.rollups import check_rollups
from tests.klankbord.conftest import Workspace
from tests.store.making import mention, page

ZONE = "Europe/Amsterdam"


def test_a_word_reaches_kept_messages_in_the_background_and_leaves_what_an_agent_said(workspace: Workspace) -> None:
    store = open_store(f"sqlite:///{workspace.database}")
    store.migrate()
    config = load_config(workspace.config)
    now = datetime.now(UTC)
    moments = [now]
    texts = {"1": "Wat een waardeloze week", "2": "Wat een waardeloze dag", "3": "Waar is mijn pakket"}
    commit_page(store, page(*(mention(key, text=text, lang="nl") for key, text in texts.items()), timezone=ZONE))
    enricher = outside.NewestEnricher(store, config.collect_settings(), lambda: moments[0])
    owner = Shift(
        store,
        config,
        lambda: Reenrichment(enricher().meaning),
        owner="w",
        clock=lambda: moments[0],
        rest=lambda _: None,
    )
    owner.run()

    def tones() -> dict[str, str]:
        with store.read() as conn:
            found = select(schema.mention.c.external_id, schema.mention.c.sentiment)
            return {row.external_id: row.sentiment for row in conn.execute(found)}

    assert tones()["1"] == tones()["2"] == "negative"
    inbox = Inbox(store, config.inbox_settings(), clock=lambda: moments[0])
    desk = Desk(store, config.inbox_settings(), lambda: moments[0])
    lead = people.add(desk, login="femke", name="Femke", role=Role.LEAD)
    who = sessions.start_for(desk, lead.user.id).token
    with store.read() as conn:
        second = conn.execute(select(schema.mention.c.id).where(schema.mention.c.external_id == "2")).scalar_one()
    inbox.tones.correct(who, second, "negative")
    inbox.tones.put_word(who, "waardeloze")
    found = inbox.tones.recount(who, "waardeloze", weight=None)
    assert found.n_changed == 0, "it counts already for whoever scores now"

    moments[0] = now + timedelta(minutes=5)
    later = outside.NewestEnricher(store, config.collect_settings(), lambda: moments[0])
    work = Reenrichment(later().meaning)
    begin(store, work, now=moments[0])
    walking = progress(desk)
    assert walking is not None
    assert (walking.done, walking.total) == (0, 3)
    Shift(store, config, lambda: work, owner="w", clock=lambda: moments[0], rest=lambda _: None).run()
    assert tones()["1"] != "negative"
    assert tones()["2"] == "negative", "an agent said so"
    assert progress(desk) is None
    assert check_rollups(store, timezone=ZONE) == []
    store.close()


def test_the_worker_learns_at_night_and_draws_samples(workspace: Workspace) -> None:
    store = open_store(f"sqlite:///{workspace.database}")
    store.migrate()
    names = {duty.name for duty in duties(store, load_config(workspace.config))}
    assert {"learning from corrected tones", "drawing the sample to label"} <= names
    store.close()
