"""What each table holds of customers, and so what becomes of it: one list that erasing, retention and their tests walk.

A new table must be declared here, or a test fails; one that is not there (yet) does no harm. A table of `ITEM` needs
nothing else: its rows are removed by their `mention_id` together with the content of the mention. For any other kind
that holds personal data, see `store.erasing` and `store.forgetting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Holds(StrEnum):
    """What a table holds."""

    ITEM = "item"
    """Content of single mentions, by `mention_id`: its rows go with it."""
    SHELL = "shell"
    """Content beside what must stay (ids, counts, states): columns are emptied, rows stay."""
    WORK = "work"
    """The company's own words about a conversation: emptied once nobody else is in it, or where they name somebody."""
    PERSON = "person"
    """Somebody: rows go with the person."""
    INCOMING = "incoming"
    """Raw content that is no mention (yet): searched, and rows removed."""
    WORDS = "words"
    """The company's own words about anything; rows are emptied where they name somebody who is erased."""
    STAFF = "staff"
    """Of the company's own people only; their accounts are ended on screen."""
    NOTHING = "nothing"
    """Numbers, settings, hashes, and ids that the store made."""


TABLES: Mapping[str, Holds] = MappingProxyType(
    {
        "alert": Holds.WORDS,
        "alert_delivery": Holds.NOTHING,
        "alert_hour": Holds.NOTHING,
        "alert_receiver": Holds.STAFF,
        "alert_rule": Holds.WORDS,
        "api_token": Holds.STAFF,
        "author": Holds.PERSON,
        "backlog_snapshot": Holds.NOTHING,
        "brand": Holds.NOTHING,
        "calendar_day": Holds.NOTHING,
        "conversation": Holds.SHELL,
        "conversation_tag": Holds.WORK,
        "conversation_theme": Holds.NOTHING,
        "coverage": Holds.NOTHING,
        "dismissed_phrase": Holds.NOTHING,
        "draft": Holds.WORK,
        "dup_key": Holds.NOTHING,
        "event": Holds.WORK,
        "export_job": Holds.NOTHING,
        "export_schedule": Holds.NOTHING,
        "gap": Holds.NOTHING,
        "hand_over": Holds.WORDS,
        "handed": Holds.NOTHING,
        "id_lease": Holds.NOTHING,
        "intake": Holds.INCOMING,
        "kpi_fact": Holds.NOTHING,
        "label_item": Holds.NOTHING,
        "label_sample": Holds.NOTHING,
        "login": Holds.STAFF,
        "made_file": Holds.NOTHING,
        "media": Holds.ITEM,
        "media_picture": Holds.ITEM,
        "mention": Holds.SHELL,
        "mention_brand": Holds.NOTHING,
        "mention_edit": Holds.ITEM,
        "mention_html": Holds.ITEM,
        "mention_key": Holds.ITEM,
        "mention_raw": Holds.ITEM,
        "mention_search": Holds.SHELL,
        "mention_source": Holds.NOTHING,
        "meter": Holds.NOTHING,
        "meter_use": Holds.NOTHING,
        "near_key": Holds.NOTHING,
        "noise_declined": Holds.NOTHING,
        "noise_hit": Holds.NOTHING,
        "noise_rule": Holds.WORDS,
        "note": Holds.WORK,
        "note_mention": Holds.NOTHING,
        "outbox": Holds.WORK,
        "outgoing_mail": Holds.WORK,
        "person": Holds.PERSON,
        "person_clue": Holds.PERSON,
        "person_suggestion": Holds.PERSON,
        "phrase_day": Holds.WORDS,
        "presence": Holds.STAFF,
        "promise": Holds.WORK,
        "quarantine": Holds.INCOMING,
        "query_label": Holds.NOTHING,
        "query_state": Holds.NOTHING,
        "query_version": Holds.NOTHING,
        "recovery_code": Holds.STAFF,
        "report": Holds.NOTHING,
        "report_quote": Holds.ITEM,
        "report_schedule": Holds.STAFF,
        "rollup_day": Holds.NOTHING,
        "rollup_day_all": Holds.NOTHING,
        "rollup_day_brand": Holds.NOTHING,
        "rollup_day_source": Holds.NOTHING,
        "rollup_hour": Holds.NOTHING,
        "rollup_hour_all": Holds.NOTHING,
        "rule": Holds.NOTHING,
        "run": Holds.NOTHING,
        "saved_view": Holds.NOTHING,
        "setting": Holds.NOTHING,
        "sign_in_attempt": Holds.STAFF,
        "sign_in_link": Holds.STAFF,
        "source": Holds.NOTHING,
        "source_duty": Holds.NOTHING,
        "source_schedule": Holds.NOTHING,
        "specialist_link": Holds.WORK,
        "tag": Holds.NOTHING,
        "team": Holds.NOTHING,
        "template": Holds.NOTHING,
        "theme": Holds.WORDS,
        "theme_day": Holds.NOTHING,
        "theme_day_all": Holds.NOTHING,
        "theme_model": Holds.NOTHING,
        "theme_verdict": Holds.NOTHING,
        "thread_node": Holds.SHELL,
        "tombstone": Holds.NOTHING,
        "tone_fit": Holds.NOTHING,
        "tone_word": Holds.WORDS,
        "top_day": Holds.WORDS,
        "unmatched": Holds.INCOMING,
        "user_account": Holds.STAFF,
        "user_session": Holds.STAFF,
        "validator": Holds.NOTHING,
        "walk": Holds.NOTHING,
        "zdict": Holds.NOTHING,
    }
)
