"""The theme is read from Streamlit's settings once, and says what Streamlit itself would say."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig, NewSession
from streamlit.runtime import app_session

from screens import theming
from screens.serve import apply_settings

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


def _whole(fill: theming.Fill) -> NewSession:
    """The theme as the message of a run holds it."""
    message = NewSession()
    theme = message.custom_theme
    parts = (theme, theme.light, theme.dark, theme.sidebar, theme.light.sidebar, theme.dark.sidebar)
    for part, section in zip(parts, SECTIONS, strict=True):
        fill(part, section)
    return message


def test_the_remembered_theme_is_streamlits_own_also_the_second_time() -> None:
    apply_settings()
    own = app_session._populate_theme_msg
    remembered = theming.from_memory(own)
    expected = _whole(own)
    assert expected.custom_theme.HasField("dark")
    assert _whole(remembered) == _whole(remembered) == expected


def test_a_part_without_settings_stays_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_options_for_section", lambda _section: {"base": None, "primaryColor": None})
    assert not _whole(theming.from_memory(app_session._populate_theme_msg)).HasField("custom_theme")


def test_settings_are_asked_once_for_each_part() -> None:
    asked: list[str] = []

    def fill(msg: CustomThemeConfig, section: str = "theme") -> None:
        asked.append(section)
        msg.primary_color = section

    remembered = theming.from_memory(fill)
    assert _whole(remembered) == _whole(remembered)
    assert sorted(asked) == sorted(SECTIONS)
