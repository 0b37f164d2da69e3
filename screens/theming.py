"""The theme, read from the settings once.

Streamlit writes the whole theme into the message with which every run of the script begins, also that of one fragment,
and looks through all its settings for each of the six parts of it: a tenth of what the server spent on a click. The
settings are fixed when the server starts, so each part is made once and copied after that.
"""

from __future__ import annotations

from typing import Protocol

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


class Fill(Protocol):
    """Writes what a section of the settings says of the theme into its message."""

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None:
        """Fill `msg` from a section of the settings."""


def remember() -> None:
    """Fill the theme from memory from now on. Call when the settings are complete."""
    app_session._populate_theme_msg = from_memory(app_session._populate_theme_msg)  # noqa: SLF001


def from_memory(fill: Fill) -> Fill:
    """What `fill` does for a message and a section of the settings, asking it once per section."""
    made: dict[str, CustomThemeConfig] = {}

    def filled(msg: CustomThemeConfig, section: str = "theme") -> None:
        part = made.get(section)
        if part is None:
            part = CustomThemeConfig()
            fill(part, section)
            made[section] = part
        if part.ListFields():  # a part without settings stays absent
            msg.MergeFrom(part)

    return filled
