"""The measure: a Streamlit app with three keyed fragments and one small component, which a key makes run again.

Nothing is read and next to nothing is drawn; the heap is frozen as in the dashboard. What this costs, no inbox on
Streamlit can go below.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

PAGE = Path(__file__).with_name("bare_page.py")


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, Any]]:
    """Import what the page needs and freeze the heap."""
    import pandas as pd  # noqa: F401
    import pyarrow as pa  # noqa: F401

    gc.collect()
    gc.freeze()
    yield {}


app = st.App(PAGE, lifespan=lifespan)
