"""A source is added to a configuration, and every other byte stays as it was."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.config_file import load_config
from klankbord.connecting.writing import add_source, entry_of, lines_of, with_source
from klankbord.console import CommandError

ENTRY = entry_of("bird", "bluesky", {"handle": "acme.example", "messages": True, "service": None})
LINES = "- id: bird\n  connector: bluesky\n  handle: acme.example\n  messages: true\n"
TWO = LINES.replace("\n", "\n  ").rstrip(" ")
LONG = "sources:\n  - id: news\n    connector: hackernews\n    name: |\n      News\n      and more\n\n"
NEWS = "id: news, connector: hackernews"

SHAPES = {
    "a list": ("sources:\n  - {%s}  # kept\n", "sources:\n  - {%s}  # kept\n  " + TWO),
    "a comment behind it": (
        "sources:\n  - {%s}\n  # more\n\nteams: []\n",
        "sources:\n  - {%s}\n  " + TWO + "  # more\n\nteams: []\n",
    ),
    "not indented": ("sources:\n- {%s}\nteams: []\n", "sources:\n- {%s}\n" + LINES + "teams: []\n"),
    "no end of line": ("sources:\n- {%s}", "sources:\n- {%s}\n" + LINES),
    "in the middle": ("sources:\n- {%s}\n\n# x\nteams: []\n", "sources:\n- {%s}\n" + LINES + "\n# x\nteams: []\n"),
    "empty": ("sources: []  # none yet\n", None),
    "brackets": ("sources: [{%s}] # one\nteams: []\n", None),
    "brackets over lines": ("sources: [\n  {%s}, # one\n]\n", None),
    "none": ("# mine\nteams: []\n", "# mine\nteams: []\nsources:\n  " + TWO),
    "an empty file": ("", "sources:\n  " + TWO),
    "only a comment": ("# mine", "# mine\nsources:\n  " + TWO),
    "a long text at the end": (
        "sources:\n  - id: news\n    connector: hackernews\n    name: |\n      News\n      and more\n\nteams: []\n",
        "sources:\n  - id: news\n    connector: hackernews\n    name: |\n      News\n      and more\n\n  "
        + TWO
        + "teams: []\n",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_comes_at_the_end_of_the_list(shape: str, tmp_path: Path) -> None:
    text, expected = (None if each is None else each.replace("%s", NEWS) for each in SHAPES[shape])
    assert text is not None
    path = tmp_path / "config.yaml"
    path.write_text(text, "utf-8")
    before = load_config(path)
    path.chmod(0o640)
    after = add_source(path, ENTRY)
    assert after.sources[:-1] == before.sources
    assert after.sources[-1].options == {"handle": "acme.example", "messages": True}
    assert after == load_config(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]
    if expected is not None:
        assert path.read_text("utf-8") == expected


def test_line_ends_of_windows_stay() -> None:
    written = with_source("sources:\r\n- {id: news, connector: hackernews}\r\n", ENTRY)
    assert written == "sources:\r\n- {id: news, connector: hackernews}\r\n" + LINES.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "text",
    [
        '{"sources": []}',
        "x: &all\n- {id: news, connector: hackernews}\nsources: *all\n",
    ],
)
def test_a_shape_that_has_no_place_stays_as_it_is_and_says_what_to_write(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(CommandError) as refused:
        add_source(path, ENTRY)
    assert lines_of(ENTRY) in str(refused.value)
    assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_platform_calls_itself_reaches_no_variable(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources: []\n", "utf-8")
    with pytest.raises(CommandError, match="could not be changed"):
        add_source(path, entry_of("bird", "bluesky", {"terms": ["${HOME}"]}))
    assert path.read_text("utf-8") == "sources: []\n"


def test_a_configuration_behind_a_link_is_changed_where_it_stands(tmp_path: Path) -> None:
    real = tmp_path / "etc" / "config.yaml"
    real.parent.mkdir()
    real.write_text("sources: []\n", "utf-8")
    link = tmp_path / "config.yaml"
    link.symlink_to(real)
    add_source(link, ENTRY)
    assert link.is_symlink()
    assert "acme.example" in real.read_text("utf-8")


@settings(max_examples=20)
@given(words=st.lists(st.text(max_size=20), max_size=3), name=st.text(min_size=1, max_size=30))
def test_whatever_a_platform_says_is_written_as_it_was_said_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], name: str
) -> None:
    path = tmp_path_factory.mktemp("said") / "config.yaml"
    text = "# mine\nsources:\n  - {id: news, connector: hackernews} # one\n# end\n"
    path.write_text(text, "utf-8")
    try:
        after = add_source(path, entry_of("bird", "bluesky", {"terms": words, "name": name}))
    except CommandError:
        assert path.read_text("utf-8") == text
        return
    assert (after.sources[-1].options["terms"], after.sources[-1].name) == (words, name)
    head, tail = text.split("# end\n", maxsplit=1)[0], "# end\n"
    written = path.read_bytes().decode()
    assert written.startswith(head)
    assert written.endswith(tail)
