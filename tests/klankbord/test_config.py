"""`config.yaml`: mistakes are explained where a person looks, with the line and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from klankbord.config_file import ConfigError, load_config

GOOD = """\
database: sqlite:///data/test.db
timezone: Europe/Amsterdam
languages: [nl, en]
brands:
  - {id: acme, name: Acme, query: 'acme NOT "acme gym"'}
sources:
  - id: news
    connector: feeds
    every: 15m
    urls: ['https://news.example/rss']
teams:
  - {id: webcare, hours: 'mon-fri 09:00-17:00', holidays: NL, sla: {first_response: 1h}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(written(folder, text), environment)
    return [str(problem) for problem in caught.value.problems]


def test_a_sources_own_options_stand_beside_its_keys(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD), {})
    assert config.sources[0].options == {"urls": ["https://news.example/rss"]}
    assert config.sources[0].every.total_seconds() == 900


def test_a_relative_database_stands_beside_the_configuration_wherever_the_command_runs(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, GOOD), {}).database == f"sqlite:///{tmp_path}/data/test.db"


def test_an_unknown_key_is_refused_with_line_and_suggestion(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD.replace("timezone:", "timzone:")) == [
        "line 2: timzone: this key is not known; did you mean 'timezone'?"
    ]


def test_an_unknown_key_of_a_connector_is_refused_with_line_and_suggestion(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("    urls:", "    url:"))
    assert "line 10: sources[0].url: the feeds connector knows no such key; did you mean 'urls'?" in found


def test_an_unknown_connector_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("connector: feeds", "connector: fedes"))
    assert found.startswith("line 8: sources[0].connector")
    assert "feeds" in found


def test_a_wrong_type_is_refused_with_what_was_found(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + "concurrency: veel\n")
    assert found.startswith("line 13: concurrency")
    assert "'veel'" in found


def test_a_wrong_duration_says_how_to_write_one(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("every: 15m", "every: kwartier"))
    assert "line 9" in found
    assert "such as 15m" in found


def test_a_brand_query_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("""'acme NOT "acme gym"'""", "'acme AND ('"))
    assert found.startswith("line 5: brands[0].query")
    assert "character" in found


def test_a_time_zone_that_does_not_exist_gets_a_suggestion(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("Europe/Amsterdam", "Europe/Amsterdm"))
    assert "did you mean 'Europe/Amsterdam'" in found


def test_a_language_without_a_profile_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("[nl, en]", "[nl, klingon]"))
    assert "klingon" in found


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [("mon-fri 09:00-17:00", "maandag 9-17", "teams[0].hours"), ("holidays: NL", "holidays: XX", "teams[0].holidays")],
)
def test_opening_hours_and_holidays_that_cannot_be_read_are_told_with_their_line(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    (found,) = problems(tmp_path, GOOD.replace(right, wrong))
    assert found.startswith(f"line 12: {told}: ")


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    text = GOOD.replace("https://news.example/rss", "https://${HOST}/${PATH_PART:-rss}")
    assert load_config(written(tmp_path, text), {"HOST": "x.example"}).sources[0].options["urls"] == [
        "https://x.example/rss"
    ]


def test_a_variable_that_is_not_set_is_named_with_its_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("https://news.example/rss", "https://${NEWS_HOST}/rss"))
    assert found.startswith("line 10: sources[0].urls[0]")
    assert "NEWS_HOST" in found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, GOOD.replace("name: Acme", "naam: Acme") + "concurrency: 0\n")) == 3


def test_a_key_that_stands_twice_is_not_silently_dropped(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + "timezone: UTC\n") == ["line 13: the key 'timezone' stands here twice"]


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    again = "  - {id: news, connector: feeds, urls: ['https://b.example/rss']}\nteams:"
    (found,) = problems(tmp_path, GOOD.replace("teams:", again))
    assert "two sources are called 'news'" in found


def test_broken_yaml_is_explained_with_its_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "brands: [\n  {id: acme\n")
    assert "not YAML" in found
    assert found.startswith("line ")


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="klankbord init"):
        load_config(tmp_path / "none.yaml", {})


@pytest.mark.parametrize(
    "text", ["", "[]", "text", "42", "brands: 3", "sources: [3]", "sources: [{}]", "teams: {a: 1}"]
)
def test_any_shape_is_read_or_refused_with_problems(tmp_path: Path, text: str) -> None:
    try:
        load_config(written(tmp_path, text), {})
    except ConfigError as error:
        told = error.problems
    else:
        told = None
    assert told is None or all(problem.message for problem in told)
