"""The door to the sentiment: checks who is there, and delegates."""

from __future__ import annotations

from datetime import date

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.tone import catching_up, correcting, recount, refitting, sampling, words
from inbox.tone.views import Accuracy, CatchingUp, Labelled, Learning, Recount, ToLabel, WordRow
from inbox.views import Done


class Tones:
    """The sentiment and what is known of it. Everybody may read; agents correct and label; leads adjust."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    # In a conversation

    def correct(self, token: str, mention_id: int, tone: str) -> Done:
        """Say what the tone of a message is: negative, neutral, positive, or `machine` to let the model judge again.

        Raises:
            BadInput, NotFound: see `inbox.errors`.
        """
        return correcting.correct(self._desk, self._entrance.agent(token), mention_id, tone)

    # How good it is

    def accuracy(self, token: str, month: str | None = None) -> Accuracy | None:
        """How often the sentiment of a month (`2026-11`) is right, overall and per language, with 95 % intervals.

        Without a month: of the latest one of which anything was labelled. None when there is nothing. To be printed
        beside every figure of sentiment.
        """
        self._entrance.user(token)
        return sampling.accuracy(self._desk, month)

    def months(self, token: str) -> tuple[Accuracy, ...]:
        """All samples with what was labelled of them, the newest month first."""
        self._entrance.user(token)
        return sampling.months(self._desk)

    def draw(self, token: str) -> str:
        """Draw the sample of the month that runs, of what came in so far; gives the month. Raises: BadInput."""
        return sampling.start(self._desk, self._entrance.require(token, Permission.MANAGE_WORK))

    def next_text(self, token: str, month: str | None = None) -> ToLabel | None:
        """A text that nobody labelled yet, of the newest sample that has one; None when all are done."""
        return sampling.next_text(self._desk, self._entrance.agent(token), month)

    def label(self, token: str, month: str, place: int, said: str) -> Labelled:
        """Say what a text is: negative, neutral, positive, or unclear. Raises: BadInput, NotFound."""
        return sampling.label(self._desk, self._entrance.agent(token), month, place, said)

    def take_back(self, token: str, month: str) -> ToLabel | None:
        """Take back what one labelled last in a month, and give that text again; None when there is nothing."""
        return sampling.take_back(self._desk, self._entrance.agent(token), month)

    # Words

    def words(self, token: str) -> tuple[WordRow, ...]:
        """The words that were adjusted and count now."""
        self._entrance.user(token)
        return words.listing(self._desk)

    def past_words(self, token: str) -> tuple[WordRow, ...]:
        """What was said about words, newest first, ended ones too."""
        self._entrance.user(token)
        return words.past(self._desk)

    def recount(self, token: str, word: str, *, lang: str = "", weight: float | None = None) -> Recount:
        """What adjusting a word would do to the newest messages that hold it; changes nothing. Raises: BadInput."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return recount.recount(self._desk, word, lang=lang, weight=weight)

    def put_word(self, token: str, word: str, *, lang: str = "", weight: float | None = None) -> None:
        """Let a word count for -1 to 1, or (None) for nothing: new messages at once, older ones in the background.

        Raises:
            BadInput: see `inbox.tone.words.put`.
        """
        words.put(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), word, lang=lang, weight=weight)

    def free_word(self, token: str, number: int) -> None:
        """Let a word count again as it did by itself. Raises: NotFound."""
        words.end(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), number)

    def catching_up(self, token: str) -> CatchingUp | None:
        """How far kept messages are with being read again after a change; None when nothing is being read."""
        self._entrance.user(token)
        return catching_up.progress(self._desk)

    # What was learnt

    def learning(self, token: str) -> Learning:
        """The nightly fits to what agents corrected, newest first, and which model counts."""
        self._entrance.user(token)
        return refitting.learning(self._desk)

    def use_model(self, token: str, night: date | None) -> None:
        """Let the model of a night count, or (None) the one that came with the program. Raises: NotFound."""
        refitting.choose(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), night)
