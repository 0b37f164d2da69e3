"""One agent over a raw websocket: Streamlit's own protocol, with the messages of the installed wheel.

Stands for a browser as the server sees it: it keeps what the list and the detail show, sends triggers as the
components do, and asks for the runs that fragments want by the clock (`run_every`).
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from screens.gate import COOKIE

_LIST = "klankbord_mention_list"
_TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"
_ENDED = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
_HEAD = re.compile(r'class="kb-head" data-conversation="(\d+)" data-version="(\d+)"')
LONGEST_S = 30.0


@dataclass(slots=True)
class Screen:
    """What this agent's page shows."""

    list_id: str = ""
    list_fragment: str = ""
    rows: dict[int, int] = field(default_factory=dict)
    selected: int | None = None
    opened: tuple[int, int] | None = None
    notice: str = ""
    ticks: dict[str, float] = field(default_factory=dict)
    page: str = ""


class Agent:
    """A signed-in agent with one page open."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._due: dict[str, float] = {}
        self.screen = Screen()

    @classmethod
    async def enter(cls, base: str, token: str, view: str) -> Agent:
        """Open the page on a view and wait until it is drawn."""
        url = base.replace("http", "ws", 1) + "/_stcore/stream"
        headers = {"Cookie": f"{COOKIE}={token}"}
        socket = await connect(
            url, additional_headers=headers, subprotocols=["streamlit"], max_size=None, compression=None
        )
        agent = cls(socket)
        await agent._run(f"view={view}")
        return agent

    async def leave(self) -> None:
        """Close the page."""
        await self._socket.close()

    async def act(self, what: str) -> float:
        """Press a key of the list on the conversation that is open; seconds until the run is over."""
        here = self.screen
        number = 0 if what == "next" else (here.opened or (here.selected or 0, 0))[0]
        sent = {"id": number, "version": here.rows.get(number), "what": what}
        here.notice = ""
        return await self._run("", here.list_fragment, {"event": "act", "value": sent})

    async def idle(self, seconds: float) -> None:
        """Think, while fragments run by the clock as a browser would let them."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            for fragment, every in self.screen.ticks.items():
                if now >= self._due.setdefault(fragment, now + every):
                    self._due[fragment] = now + every
                    await self._run("", fragment, tick=True)
            await asyncio.sleep(min(0.25, max(0.0, until - time.monotonic())))

    async def _run(
        self, query: str, fragment: str = "", trigger: dict[str, Any] | None = None, *, tick: bool = False
    ) -> float:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = query, fragment, tick
        asked.page_script_hash = self.screen.page  # without it the server takes this for a change of page
        asked.context_info.timezone, asked.context_info.locale = "Europe/Amsterdam", "en-GB"
        if trigger is not None:
            state = asked.widget_states.widgets.add()
            state.id = _TRIGGERS.format(id=self.screen.list_id)
            state.json_trigger_value = orjson.dumps([trigger]).decode()
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_S):
            while True:
                told = ForwardMsg.FromString(await self._socket.recv(decode=False))
                if told.WhichOneof("type") == "script_finished" and told.script_finished in _ENDED:
                    return time.perf_counter() - began
                self._hear(told)

    def _hear(self, told: ForwardMsg) -> None:
        here, kind = self.screen, told.WhichOneof("type")
        if kind == "navigation":
            here.page = told.navigation.page_script_hash
        elif kind == "auto_rerun":
            here.ticks[told.auto_rerun.fragment_id] = told.auto_rerun.interval
        elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
            element = told.delta.new_element
            if element.WhichOneof("type") == "html":
                body = element.html.body
                if found := _HEAD.search(body):
                    here.opened = (int(found[1]), int(found[2]))
                if 'id="kb-notice"' in body:
                    here.notice = re.sub(r"<[^>]+>", "", body)
            elif element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == _LIST:
                component = element.bidi_component
                here.list_id, here.list_fragment = component.id, told.delta.fragment_id
                data = orjson.loads(component.json or component.mixed.json)
                here.selected = data["selected"]
                here.rows = {row["id"]: row["version"] for row in data["rows"]}
