"""`re-enrich` and the worker's duty: kept mentions are told again, whatever ends in between."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from klankbord.again import Shift, keys_are_needed, meaning, refolding
from klankbord.config_file import load_config
from pipeline.again import begin, waits
from pipeline.meaning import outdated
from pipeline.reenriching import AGAIN, Reenrichment
from store import schema, walks
from store.engine import Store, open_store
from store.ingest import commit_page
from store.rollups import check_rollups, rebuild_rollups
from tests.klankbord.conftest import Workspace
from tests.store.copying import folded, saying
from tests.store.making import NOW, mention, page

ROOT = Path(__file__).resolve().parents[2]
ZONE = "Europe/Amsterdam"


def fill(workspace: Workspace, count: int, source_id: str = "news") -> Store:
    """Mentions from before there was any enrichment."""
    store = open_store(f"sqlite:///{workspace.database}")
    store.migrate()
    for start in range(0, count, 200):
        rows = [
            mention(f"{n}", namespace=source_id, text=f"Acme, wat een waardeloze service, nummer {n}", lang="en")
            for n in range(start, min(count, start + 200))
        ]
        commit_page(store, page(*rows, source_id=source_id, timezone=ZONE))
    return store


def left(store: Store, workspace: Workspace) -> int:
    code = meaning(store, load_config(workspace.config)).code
    with store.read() as conn:
        return sum(bool(outdated(row.enriched, code, AGAIN)) for row in conn.execute(select(schema.mention.c.enriched)))


def test_re_enrich_tells_kept_mentions_again_and_says_how_many(workspace: Workspace) -> None:
    store = fill(workspace, 5)
    told = workspace.json("re-enrich")
    assert (told["read"], told["done"], told["total"], told["changed"]) == (5, 5, 5, 5)
    assert left(store, workspace) == 0
    assert check_rollups(store, timezone=ZONE) == []
    assert "told 0 of them again" in workspace.run("re-enrich").output
    store.close()


def test_re_enrich_takes_a_source_a_time_and_a_part(workspace: Workspace) -> None:
    fill(workspace, 3).close()
    store = fill(workspace, 2, "mail")
    told = workspace.json("re-enrich", "--source", "mail", "--what", "language", "--since", "3650d")
    assert (told["read"], told["changed"]) == (2, 2)
    assert left(store, workspace) == 5, "their sentiment is still to come"
    store.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--source", "nowhere"), "there is no source 'nowhere'"), (("--since", "soon"), "'soon' is not a duration")],
)
def test_re_enrich_says_what_it_cannot_do(workspace: Workspace, arguments: tuple[str, ...], said: str) -> None:
    result = workspace.run("re-enrich", *arguments)
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())


def test_the_workers_duty_goes_on_in_slices_until_all_is_told(workspace: Workspace) -> None:
    store = fill(workspace, 450)
    config = load_config(workspace.config)
    rests: list[float] = []
    shift = Shift(
        store,
        config,
        lambda: Reenrichment(meaning(store, config)),
        owner="this one",
        clock=lambda: NOW,
        rest=rests.append,
    )
    shift.run()
    assert left(store, workspace) == 0
    assert len(rests) == 2, "after each slice but the last one agents and collecting have their turn"
    with store.read() as conn:
        done = walks.find_walk(conn, "enrichment")
    assert done is not None
    assert done.ended_at == NOW
    assert not waits(store, Reenrichment(meaning(store, config)), now=NOW)
    store.close()


def test_a_duty_leaves_the_work_to_the_process_that_has_it(workspace: Workspace) -> None:
    store = fill(workspace, 5)
    config = load_config(workspace.config)
    work = Reenrichment(meaning(store, config))
    walks.begin(store, work.name, work.aim, now=NOW)
    assert walks.take(store, work.name, owner="another", now=NOW, lease=walks.SETTLED)
    Shift(store, config, lambda: work, owner="this one", clock=lambda: NOW, rest=lambda _s: None).run()
    assert left(store, workspace) == 5
    store.close()


@pytest.mark.slow
def test_killed_again_and_again_every_mention_is_told_once(workspace: Workspace) -> None:
    count = 6_000
    store = fill(workspace, count)

    def walk() -> Any:
        with store.read() as conn:
            return walks.find_walk(conn, "re-enrich")

    seen = 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "klankbord", "re-enrich", "--config", str(workspace.config)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < ends and (walk() is None or walk().done <= seen):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert walk().done > seen, "it went on where it was"
        seen = walk().done
    assert workspace.run("re-enrich").exit_code == 0
    assert (walk().done, walk().total, walk().changed) == (count, count, count)
    assert left(store, workspace) == 0
    assert check_rollups(store, timezone=ZONE) == []
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(schema.mention)).scalar() == count
    store.close()


def lose_folds(store: Store) -> None:
    """As a store that never knew what says the same."""
    with store.write() as conn:
        conn.execute(delete(schema.dup_key))
        conn.execute(delete(schema.near_key))
        conn.execute(update(schema.mention).values(dup_of=None))
        conn.execute(update(schema.conversation).values(n_duplicates=0))
    rebuild_rollups(store, timezone=ZONE)


def test_the_command_and_the_duty_fold_kept_messages_anew(workspace: Workspace) -> None:
    store = fill(workspace, 5)
    said = "Vanochtend viel in heel Utrecht het internet weg en de storing duurt volgens het bedrijf tot vanavond"
    commit_page(store, page(*(saying(f"copy {n}", said) for n in range(3)), timezone=ZONE))
    lose_folds(store)
    told = workspace.json("re-enrich", "--what", "duplicates")
    assert (told["read"], told["done"], told["total"], told["changed"]) == (8, 8, 8, 2)
    assert sum(each is not None for each in folded(store).values()) == 2
    config = load_config(workspace.config)
    code = meaning(store, config).code
    assert not keys_are_needed(store, NOW)
    begin(store, refolding(config, code), now=NOW)
    assert keys_are_needed(store, NOW), "while kept messages are folded anew their keys are not forgotten"
    Shift(
        store, config, lambda: refolding(config, code), owner="this one", clock=lambda: NOW, rest=lambda _s: None
    ).run()
    assert not keys_are_needed(store, NOW)
    assert check_rollups(store, timezone=ZONE) == []
    store.close()


@pytest.mark.slow
def test_killed_while_folding_anew_a_second_run_completes_it(workspace: Workspace) -> None:
    store = fill(workspace, 0)
    for start in range(0, 600, 200):
        said = [
            saying(str(n), " ".join(f"verhaal{n % 150}deel{part}" for part in range(12)))
            for n in range(start, start + 200)
        ]
        commit_page(store, page(*said, timezone=ZONE))
    before = folded(store)
    assert sum(first is not None for first in before.values()) == 450
    lose_folds(store)
    process = subprocess.Popen(
        [sys.executable, "-m", "klankbord", "re-enrich", "--what", "duplicates", "--config", str(workspace.config)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def done() -> int:
        with store.read() as conn:
            found = walks.find_walk(conn, "refold all")
        return 0 if found is None else found.done

    ends = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < ends and done() == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < done() < 600
    assert check_rollups(store, timezone=ZONE) == []
    assert workspace.run("re-enrich", "--what", "duplicates").exit_code == 0
    assert done() == 600
    assert folded(store) == before
    assert check_rollups(store, timezone=ZONE) == []
    store.close()
