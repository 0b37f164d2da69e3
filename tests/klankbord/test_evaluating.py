"""`klankbord evaluate`: anyone can check the answers on labels of their own, without a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from klankbord.cli import app
from tests.klankbord.conftest import Workspace
from understanding import vectors
from understanding.sentiment import tier_one


def asked(*words: str) -> Any:
    return CliRunner().invoke(app, ["evaluate", *words])


def lines(folder: Path, *rows: Any) -> str:
    file = folder / "labelled.jsonl"
    file.write_bytes(b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows))
    return str(file)


DUTCH = {"text": "Mijn pakket is nog steeds niet bezorgd", "lang": "nl"}
ENGLISH = {"text": "Nobody answers the telephone at your shop", "lang": "en"}


@pytest.mark.parametrize("detector", ["py3langid", "langdetect"])
def test_languages_are_counted(tmp_path: Path, detector: str) -> None:
    file = lines(tmp_path, DUTCH, ENGLISH, {**ENGLISH, "lang": "nl"}, b"{")
    found = orjson.loads(asked("language", file, "--detector", detector, "--json").stdout)
    assert (found["n"], found["languages"]) == (3, ["en", "nl"])
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["classes"]["nl"]["recall"] == 0.5
    assert [each["line"] for each in found["left_out"]] == [4]


def test_sentiment_is_counted_with_and_without_a_language(tmp_path: Path) -> None:
    file = lines(
        tmp_path,
        {"text": "Wat een geweldige service, bedankt!", "label": 1},
        {"text": "Waardeloos, nooit meer", "label": -1, "lang": "nl"},
        {"text": "Waardeloos, nooit meer", "label": 1, "lang": "nl"},
    )
    found = orjson.loads(asked("sentiment", file, "--json").stdout)
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert set(found["classes"]) == {"negative", "positive"}


def test_queries_are_counted_and_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = lines(
        tmp_path,
        {"text": "De app van Acme", "query": "acme NOT gym", "match": True},
        {"text": "De app van Acme", "query": "gym", "match": True},
        {"text": "De app van Acme", "query": '"acme', "match": True},
    )
    said = asked("query", file)
    assert "50.0% right of 2" in said.stdout
    assert "line 3 left out" in said.stderr
    assert "quotation mark" in said.stderr


def test_copies_are_counted_in_the_order_of_the_file(tmp_path: Path) -> None:
    first = "De app van Acme klapt er sinds vanochtend elke keer uit als ik wil betalen"
    other = "Mijn pakket zou vandaag komen maar er is niemand aan de deur geweest"
    file = lines(
        tmp_path,
        {"text": first, "group": "a"},
        {"text": f"RT @jan: {first} https://t.example/1", "group": "a"},
        {"text": other, "group": 2},
        {"text": first.upper(), "group": 2},
    )
    found = orjson.loads(asked("duplicates", file, "--json").stdout)
    assert found["classes"]["first"]["recall"] == 1.0
    assert (found["classes"]["copy"]["n"], found["classes"]["copy"]["recall"]) == (2, 0.5)


def test_what_is_told_to_people_holds_classes_and_lengths(tmp_path: Path) -> None:
    said = asked("language", lines(tmp_path, DUTCH, ENGLISH)).stdout
    assert "100.0% right of 2" in said
    assert "By length" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((), "holds no labelled text"),
        ((b'{"text": 1}',), '"text" must be a text'),
        (({**DUTCH, "lang": "qq"},), "does not know qq"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(tmp_path: Path, rows: tuple[Any, ...], words: str) -> None:
    said = asked("language", lines(tmp_path, *rows))
    assert said.exit_code == 1
    assert words in " ".join(said.stderr.split())


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = asked("query", str(tmp_path / "none.jsonl"))
    assert said.exit_code == 1
    assert "cannot read" in said.stderr


def test_the_second_tier_is_asked_or_says_what_it_lacks(tmp_path: Path) -> None:
    said = asked("sentiment", lines(tmp_path, {"text": "Top geholpen!", "label": 1}), "--tier", "2", "--json")
    if reason := vectors.why_not():
        assert said.exit_code == 1
        assert " ".join(reason.split()) in " ".join(said.stderr.split())
    else:
        assert orjson.loads(said.stdout)["model"] != tier_one().version


def test_the_words_that_an_installation_adjusted_count_where_they_are_asked_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = lines(tmp_path, {"text": "Wat een geweldige service, bedankt!", "label": 1, "lang": "nl"})
    found = orjson.loads(asked("sentiment", file, "--ours", "--config", str(workspace.config), "--json").stdout)
    assert (found["model"], found["accuracy"]) == (tier_one().version, 1.0)
