"""What a page shows stands in its address, so that it can be sent to a colleague, kept as a bookmark, and gone back to.

A page asks `shown` at each run what it is to show, and says with `keep` what it shows from now on. Who comes back to a
page by the menu, where the address is bare, finds it as it was left in this tab. This module knows no page and no
meaning of a value: values are short strings, of an address that anybody may have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

LONGEST = 2_000
"""Code points of a value that are read; the rest is dropped."""
_KEY = "klankbord_address"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is to show.

    Attributes:
        values: by name; what the address does not name is missing.
        turn: grows when an address brings something else than the fields of the page show, so that they begin anew.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    turn: int = 0


def shown(page: str, names: Sequence[str]) -> Shown:
    """What the page is to show: what its address says, else what it showed last in this tab."""
    here = {name: st.query_params[name][:LONGEST] for name in names if name in st.query_params}
    last = _kept(page)
    if here and here != last.values:
        last = Shown(here, last.turn + 1)
        st.session_state[f"{_KEY}_{page}"] = last
    return last


def keep(page: str, values: Mapping[str, str]) -> None:
    """Let the address tell this."""
    st.session_state[f"{_KEY}_{page}"] = Shown(dict(values), _kept(page).turn)
    if st.query_params.to_dict() != values:
        st.query_params.from_dict(dict(values))


def _kept(page: str) -> Shown:
    found = st.session_state.get(f"{_KEY}_{page}")
    return found if isinstance(found, Shown) else Shown()
