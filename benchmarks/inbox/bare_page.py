"""The page of the bare app; see `benchmarks.inbox.bare`."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".box");
  box.textContent = data.n;
  const keys = (event) => { if (event.key === "g") setTriggerValue("act", { at: Date.now() }); };
  box.stop?.();
  document.addEventListener("keydown", keys);
  box.stop = () => document.removeEventListener("keydown", keys);
  return box.stop;
}
"""
_component = st.components.v2.component("bare", html='<div class="box"></div>', js=_JS)


def _again() -> None:
    st.session_state["n"] = st.session_state.get("n", 0) + 1
    st.rerun(["nav", "list", "detail"])


@st.fragment(key="nav")
def _nav() -> None:
    st.html(f"<p>nav {st.session_state.get('n', 0)}</p>")


@st.fragment(key="list")
def _list() -> None:
    _component(key="bare", data={"n": st.session_state.get("n", 0)}, on_act_change=_again)


@st.fragment(key="detail")
def _detail() -> None:
    n = st.session_state.get("n", 0)
    st.html(f'<div class="kb-head" data-conversation="{n}" data-version="{n}">detail {n}</div>')


_nav()
_list()
_detail()
