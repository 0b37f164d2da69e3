"""`klankbord query`: what is wrong with a text, trying one, keeping it, and writing it back into the file."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from inbox.lab import versions
from klankbord import compose, outside
from klankbord.cli import app
from klankbord.config_file import load_config
from klankbord.console import CommandError
from klankbord.query_file import put_query, with_query
from store.brands import save_query
from tests.klankbord.conftest import Workspace
from understanding.query import spell

FILE = """\
# what we listen to
brands:
  - id: acme      # ours
    name: Acme
    query: {query}
    # a remark behind it
  - {{id: rival, name: Rival, query: 'rival', competitor: true}}
sources: []   # none yet
"""


def test_a_text_is_checked_with_the_place_of_the_mistake() -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["query", "check", *arguments], catch_exceptions=False)

    assert run("acme NOT gym").exit_code == 0
    told = run('acme "gym')
    assert (told.exit_code, "     ^^^^" in told.output, 'perhaps: acme "gym"' in told.output) == (1, True, True)
    found = orjson.loads(run('acme "gym', "--json").stdout)
    assert (found["fits"], found["position"], found["suggestion"]) == (False, 5, 'acme "gym"')


def test_a_query_is_tried_without_changing_anything(collected: Workspace) -> None:
    found = collected.json("query", "test", 'acme NOT "story 2"', "--brand", "acme")
    assert (found["state"], found["added"], found["dropped"], found["kept"]) == ("done", 0, 1, 2)
    assert found["own_channels"] == 2
    assert [row["source"] for row in found["per_source"]] == ["news"]
    told = collected.run("query", "test", "acme NOT story*")
    assert told.exit_code == 0, told.output
    assert "-3 dropped" in told.output
    assert [row["text"] for row in collected.json("query", "history")] == ["acme"]


def test_a_saved_query_is_pulled_into_the_file_and_stays_what_counts(collected: Workspace) -> None:
    assert collected.run("query", "save", "acme NOT 'gym'").exit_code == 0
    assert [(row["text"], row["author"], row["current"]) for row in collected.json("query", "history")] == [
        ("acme NOT 'gym'", "cli", True),
        ("acme", "config", False),
    ]
    before = collected.config.read_text("utf-8")
    pulled = collected.run("query", "pull")
    assert "1 of 1 queries written" in pulled.output
    assert collected.config.read_text("utf-8") == before.replace("query: acme", "query: 'acme NOT ''gym'''")
    assert "0 of 1 queries written" in collected.run("query", "pull").output
    assert collected.run("query", "save", "acme NOT fiets").exit_code == 0
    assert collected.json("query", "history")[0]["text"] == "acme NOT fiets"


def test_what_cannot_be_saved_is_refused_in_words(collected: Workspace) -> None:
    for text, said in (("NOT acme", "only excludes"), ('acme "gym', "quotation mark"), ("acme", "says already")):
        told = collected.run("query", "save", text)
        assert (told.exit_code, said in told.output) == (1, True), told.output
    told = collected.run("query", "save", "acme*", "--author", "nobody")
    assert told.exit_code == 1
    told = collected.run("query", "save", "acme*", "--brand", "other")
    assert "there are: acme" in told.output


def test_a_running_worker_takes_what_was_saved_and_goes_on_with_what_it_can_read(
    collected: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "_KEPT_S", -1.0)  # look at every page
    config = load_config(collected.config)
    with compose.opened(config) as store:
        newest = outside.NewestEnricher(store, config.collect_settings(), compose.utc_now)
        assert spell(newest().queries["acme"]) == "acme"
        versions.save(compose.desk(store, config), "acme", "acme NOT gym", author="jo", user_id=None)
        assert spell(newest().queries["acme"]) == "acme NOT gym"
        with store.write() as conn:
            save_query(conn, store, "acme", 'acme "never closed', author="old release", now=compose.utc_now())
        assert spell(newest().queries["acme"]) == "acme NOT gym"
    told = {each["what"]: each["text"] for each in collected.json("doctor", exit_code=1)}
    assert "an earlier version counts" in told["queries"]


@pytest.mark.parametrize(
    "written",
    ["acme", "'acme'", '"acme"', ">-\n      acme\n      gym", "|\n      acme", "'acme'   # why"],
)
def test_only_the_one_value_changes(tmp_path: Path, written: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format(query=written), "utf-8")
    after = put_query(path, "acme", "acme NOT 'x' #gym \"a: b\"")
    assert [brand.query for brand in after.brands] == ["acme NOT 'x' #gym \"a: b\"", "rival"]
    kept = [line for line in FILE.splitlines() if "query: {" not in line]
    assert [line for line in path.read_text("utf-8").splitlines() if "query: 'acme" not in line] == [
        line.replace("{{", "{").replace("}}", "}") for line in kept
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_a_query_made_of_a_variable_is_left_alone_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "acme")
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format(query="${WORDS}"), "utf-8")
    with pytest.raises(CommandError, match="yourself"):
        put_query(path, "acme", "gym")
    assert path.read_text("utf-8") == FILE.format(query="${WORDS}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_whatever_a_query_says_it_is_read_back_as_it_was(text: str) -> None:
    plain = " ".join(text.split())
    if not plain or "${" in plain or any(sign in plain for sign in "\u0085\u2028\u2029\ufeff\ufffe\uffff"):
        return
    import yaml

    found = yaml.safe_load(with_query(FILE.format(query="acme"), "acme", text))
    assert found["brands"][0]["query"] == plain


def test_the_shipped_configuration_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    shipped = (Path(__file__).parents[2] / "config.yaml").read_text("utf-8")
    path.write_text(shipped, "utf-8")
    put_query(path, "lumerik", "lumerik* NOT vacature")
    assert path.read_text("utf-8") == shipped.replace("query: 'lumerik*'", "query: 'lumerik* NOT vacature'")
    assert load_config(path).brands[0].query == "lumerik* NOT vacature"
