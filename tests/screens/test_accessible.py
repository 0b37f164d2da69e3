"""Every page against WCAG 2.1 A and AA, by axe-core in a real browser: light, dark, and on a phone.

What is Streamlit's own and known stands in `KNOWN`, by rule and by what axe points at; everything else fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from screens.navigation import PLACES

pytestmark = pytest.mark.slow

KNOWN: tuple[tuple[str, str], ...] = (
    # On a phone Streamlit draws the menu's headings inside the list of pages.
    ("list", 'data-testid="stSidebarNavItems"'),
    ("listitem", '<li class="st-emotion-cache-1ag8dug e1o1t1hb4">'),
)
"""(rule, part of the markup): violations in Streamlit's own parts, which we cannot mend from outside."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
_A_WHILE_MS = 300
_CALM = """(most) => {
  const calm = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale="true"]');
  window.kbCalm = calm ? window.kbCalm ?? performance.now() : undefined;
  return calm && performance.now() - window.kbCalm >= most;
}"""
_OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def violations(page: Any) -> list[str]:
    """What axe finds, without what is known: rule, help, and the first markup of each.

    What is fading in or out is waited for, and what is about to go: halfway nothing has its contrast.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_function(
        """() => !document.querySelector('[data-stale="true"]')
          && document.getAnimations().every(one => !(one instanceof CSSTransition) || one.playState !== 'running')"""
    )
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:300]}"
        for rule in found
        for node in rule["nodes"]
        if not any(rule["id"] == known and part in node["html"] for known, part in KNOWN)
    ]


def settled(page: Any) -> None:
    """Wait until the app has drawn and is calm for a while: what a click begins takes a moment to begin."""
    page.evaluate("delete window.kbCalm")
    page.wait_for_function(_CALM, arg=_A_WHILE_MS)
    page.locator("h1, .card, .kb-empty, .kb-head").locator("visible=true").first.wait_for()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", [place.path for place in PLACES])
def test_a_page_has_no_barriers(visit: Callable[..., Any], path: str, look: str) -> None:
    page = visit("sanne", "/" if path == "inbox" else f"/{path}", **LOOKS[look])
    settled(page)
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/login", "/logout", "/welcome/no-such-link"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pages_of_signing_in_have_no_barriers(visit: Callable[..., Any], path: str, look: str) -> None:
    assert violations(visit("", path, **LOOKS[look])) == []
