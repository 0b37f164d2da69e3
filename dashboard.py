"""Entry of the dashboard: `klankbord dashboard`, or `streamlit run dashboard.py`.

Streamlit finds the app by reading this file, so the call to `st.App` must stand here literally. This is the shell's
side of the seam: it hands the composed inbox to the screens, which know nothing of the configuration.
"""

from __future__ import annotations

import streamlit as st

from klankbord.compose import inbox, public_address
from screens import reach, serve, state

serve.apply_settings()
reach.use_public_address(public_address())
state.use(inbox)

app = st.App(
    serve.PAGE,
    lifespan=serve.lifespan,
    routes=serve.routes(),
    middleware=serve.middleware(),
    on_script_error=serve.on_script_error,
)
