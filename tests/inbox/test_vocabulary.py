"""Every code that the inbox writes or raises is known to those who tell it: sentences, lines on the screen, Dutch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import inbox
from inbox import timeline
from inbox.errors import Explained, InboxError, NotSignedIn
from inbox.replying.states import State
from inbox.states import Status
from screens import events, words
from screens.record_words import ACTIONS

HERE = Path(inbox.__file__).parent
ACTS = ("reply", "like", "hide", "delete_own")


def texts(node: ast.AST) -> Iterator[str]:
    """The words that an expression can be: a word, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def codes() -> set[str]:
    """Codes of events of a conversation, as they stand in the code of the inbox."""
    found: set[str] = set()
    for file in sorted({*HERE.rglob("*.py")} - {HERE / "errors.py"}):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                wanted = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "code")]
                if name == "Step":
                    found |= {text for one in wanted for text in texts(one)}
                elif name == "code_of" and len(node.args) == 2:
                    found |= {f"reply_{text}" for text in texts(node.args[1])}
            elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "code" for one in node.targets):
                found |= set(texts(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name == "_code":
                found |= {text for one in ast.walk(node) if isinstance(one, ast.Return) and one.value
                          for text in texts(one.value)}  # fmt: skip
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "promises" in file.parts:
                found |= {node.value} if re.fullmatch(r"promise_[a-z]+(_good)?", node.value) else set()
    found |= {status.value for status in Status if status not in {Status.NEW, Status.OPEN, Status.ARCHIVED}}
    return found - NO_CODES


NO_CODES = {"promise_id", "promise_for", "promise_due"}
"""Words that look like a code and are none: names of columns, functions and mails."""


def test_every_event_that_is_written_has_a_sentence() -> None:
    found = codes()
    assert len(found) > 40, "the search finds them"
    assert found - timeline.CODES == set()


def test_every_sentence_has_a_line_on_the_screen() -> None:
    assert set() == timeline.CODES - events.CODES
    assert set() == events.CODES - timeline.CODES


def test_every_state_of_the_outbox_that_is_told_has_a_sentence() -> None:
    told = {f"{act}_{state}" for act in ACTS for state in (State.QUEUED, State.SENT, State.FAILED, State.CANCELLED)}
    told |= {f"reply_{state}" for state in State if state is not State.SENDING}
    assert told - timeline.CODES == set()


def test_every_refusal_brings_its_own_sentence_or_is_known_by_its_code() -> None:
    kinds, todo = set(), [InboxError]
    while todo:
        kind = todo.pop()
        kinds.add(kind)
        todo += kind.__subclasses__()
    own = tuple(kind for kind in kinds if issubclass(kind, Explained | NotSignedIn) or kind is InboxError)
    assert {kind.code for kind in kinds if kind not in own} == words.KNOWN_REFUSALS


def test_every_line_of_the_record_is_told_in_words() -> None:
    found: set[str] = set()
    for file in sorted(HERE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
            if isinstance(node, ast.Call) and name in {"record", "_record"}:
                given = [one for arg in node.args for one in (arg.elts if isinstance(arg, ast.Tuple) else [arg])]
                kind = "hand_over_" if "hand_over" in file.parts else ""
                found |= {kind + text for one in given for text in texts(one)}
    assert len(found) > 40
    assert found - ACTIONS.keys() == set()
