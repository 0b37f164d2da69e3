"""Hearing what somebody says the tone of a message is: its buttons stand in the thread (`screens.tone`)."""

from __future__ import annotations

from screens import actions, components


def listen() -> None:
    """Hear the buttons and keys of the tone in the thread above."""
    components.mount("tone", {}, correct=_on_correct)


def _on_correct() -> None:
    sent = components.sent("tone", "correct")
    mention, said, conversation = sent.get("mention"), sent.get("tone"), sent.get("conversation")
    if isinstance(mention, int) and isinstance(said, str) and isinstance(conversation, int):
        actions.take(lambda box, who: box.tones.correct(who, mention, said), conversation_id=conversation)
    actions.redraw(*actions.ALL)
