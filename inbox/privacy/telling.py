"""What of each table stands in the file for somebody who asks what we keep: the one list of it, walked by its tests.

A table of `store.personal` without a decision here fails a test. Of a table that is `Told`, every column is told but
those named under `without` and the ids that the store made; of a table that `Names`, the words in which somebody is
named for sure; of any other table, in the file itself, why nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """Why something stays out; in words in `inbox.privacy.left_out`."""

    COLLEAGUES = "colleagues"
    OTHERS = "others"
    FIGURES = "figures"
    SETTINGS = "settings"
    MACHINERY = "machinery"
    REPEATED = "repeated"
    HASHES = "hashes"


@dataclass(frozen=True, slots=True)
class Told:
    """Rows about somebody are told. `without`: columns that are not, and why."""

    without: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """Words in which somebody is named are told, of these columns. `at`: when they were written, where that is kept."""

    columns: tuple[str, ...]
    at: str | None = None


Decision = Told | Names | Reason

_C, _O, _S, _M = Reason.COLLEAGUES, Reason.OTHERS, Reason.SETTINGS, Reason.MACHINERY
_F, _R, _H = Reason.FIGURES, Reason.REPEATED, Reason.HASHES
_LEASE = {"lease_owner": _M, "lease_until": _M}

DECISIONS: Mapping[str, Decision] = MappingProxyType(
    {
        "alert": Told(
            {
                **dict.fromkeys(("hour", "window_h", "n", "at_least", "expected", "sd", "n_earlier", "basis"), _F),
                **dict.fromkeys(("verdict", "verdict_at", "seen_at"), _F),
            }
        ),
        "alert_delivery": Reason.COLLEAGUES,
        "alert_hour": Reason.FIGURES,
        "alert_receiver": Reason.COLLEAGUES,
        "alert_rule": Names(("name", "query", "trouble"), "created_at"),
        "api_token": Reason.COLLEAGUES,
        "author": Told(),
        "backlog_snapshot": Reason.FIGURES,
        "brand": Reason.SETTINGS,
        "calendar_day": Reason.SETTINGS,
        "conversation": Told(
            {
                **dict.fromkeys(("title", "snippet", "author_name", "url", "lang", "brand_ids", "source_id"), _R),
                **dict.fromkeys(("is_open", "reply_state", "promise_due_at"), _R),
                **dict.fromkeys(("key", "version", "routing_pending", "sort_at", "cycle", "cycle_started_at"), _M),
                **dict.fromkeys(("claimed_at", "claimed_until", "active_at", "active_s"), _C),
            }
        ),
        "conversation_tag": Told(),
        "conversation_theme": Told({"source_id": _R, "brand_ids": _R}),
        "coverage": Reason.MACHINERY,
        "dismissed_phrase": Reason.HASHES,
        "draft": Told({"rev": _M, "base_version": _M}),
        "dup_key": Reason.REPEATED,
        "event": Told({"object_type": _R, "object_id": _R, "cycle": _M}),
        "export_job": Names(("name", "wanted", "manifest", "withheld", "trouble", "delivered_to", "file"), "asked_at"),
        "export_schedule": Names(("name", "wanted", "place"), "made_at"),
        "gap": Names(("text",), "found_at"),
        "hand_over": Names(("text",), "at"),
        "handed": Told({"person": _C, "platform": _R}),
        "id_lease": Reason.MACHINERY,
        "intake": Told({"digest": _H, "held_by": _M, "not_before": _M, "tries": _M}),
        "kpi_fact": Told({"team_id": _C, "source_id": _R, "brand_ids": _R, "cycle": _M}),
        "label_item": Told({"lang": _R, "place": _M}),
        "label_sample": Reason.FIGURES,
        "login": Reason.MACHINERY,
        "made_file": Told({"path": _M, "form": _M}),
        "media": Told(
            {
                "address": _M,
                "identity": _H,
                "host": _M,
                "link": _M,
                "source_id": _R,
                "place": _M,
                "due_at": _M,
                "tries": _M,
                **_LEASE,
            }
        ),
        "media_picture": Told({"small": _R, "place": _R}),
        "mention": Told(
            {
                "platform": _R,
                "namespace": _M,
                "direction": _M,
                "enriched": _M,
                "parent_external_id": _O,
                "thread_external_id": _O,
                "capabilities": _M,
            }
        ),
        "mention_brand": Told(),
        "mention_edit": Told({"revision": _M}),
        "mention_html": Told(),
        "mention_key": Reason.REPEATED,
        "mention_raw": Told({"query_id": _R}),
        "mention_search": Reason.REPEATED,
        "mention_source": Told(),
        "meter": Reason.MACHINERY,
        "meter_use": Reason.MACHINERY,
        "near_key": Reason.REPEATED,
        "noise_declined": Told({"value": _R}),
        "noise_hit": Told(),
        "noise_rule": Told({"keys": _H}),
        "note": Told({"author_name": _C}),
        "note_mention": Reason.COLLEAGUES,
        "outbox": Told(
            {
                "idempotency_key": _M,
                "cycle": _M,
                "source_id": _R,
                "base_version": _M,
                "attempts": _M,
                "namespace": _M,
                "not_before": _M,
                **_LEASE,
            }
        ),
        "outgoing_mail": Told(
            {"dedupe_key": _M, "to_address": _C, "html": _R, "not_before": _M, "attempts": _M, "lease_until": _M}
        ),
        "person": Told(),
        "person_clue": Told(),
        "person_suggestion": Told(),
        "phrase_day": Told({"n_texts": _F}),
        "presence": Reason.COLLEAGUES,
        "promise": Told({"cycle": _M}),
        "quarantine": Told({"query_id": _M, "payload_sha256": _H, "tries": _M}),
        "query_label": Told({"text_key": _H}),
        "query_state": Names(("label", "error_text")),
        "query_version": Names(("text",), "valid_from"),
        "recovery_code": Reason.COLLEAGUES,
        "report": Names(("document",), "made_at"),
        "report_quote": Told(),
        "report_schedule": Reason.COLLEAGUES,
        "rollup_day": Reason.FIGURES,
        "rollup_day_all": Reason.FIGURES,
        "rollup_day_brand": Reason.FIGURES,
        "rollup_day_source": Reason.FIGURES,
        "rollup_hour": Reason.FIGURES,
        "rollup_hour_all": Reason.FIGURES,
        "rule": Names(("name", "conditions", "actions"), "created_at"),
        "run": Names(("error_text",), "started_at"),
        "saved_view": Names(("name", "filters"), "created_at"),
        "setting": Names(("value",)),
        "sign_in_attempt": Reason.COLLEAGUES,
        "sign_in_link": Reason.COLLEAGUES,
        "source": Told(
            {
                **dict.fromkeys(("connector", "own", "enabled", "every_s", "archive_after_s"), _S),
                **dict.fromkeys(("health", "health_text", "error_class", "error_since"), _M),
                **dict.fromkeys(("last_ok_at", "last_item_at", "paused_at"), _M),
            }
        ),
        "source_duty": Told(
            {
                **dict.fromkeys(("recheck_s", "profiles_s", "erase_s", "may_export", "export_per_day", "basis"), _S),
                **dict.fromkeys(("walk_at", "walk_id", "not_before", "failures", "trouble"), _M),
                **_LEASE,
            }
        ),
        "source_schedule": Reason.MACHINERY,
        "specialist_link": Told({"token_sha256": _H}),
        "tag": Names(("tag", "description"), "created_at"),
        "team": Reason.SETTINGS,
        "template": Names(("name", "text"), "created_at"),
        "theme": Names(("name", "description", "query", "examples"), "created_at"),
        "theme_day": Reason.FIGURES,
        "theme_day_all": Reason.FIGURES,
        "theme_model": Reason.FIGURES,
        "theme_verdict": Told(),
        "thread_node": Reason.REPEATED,
        "tombstone": Reason.HASHES,
        "tone_fit": Reason.FIGURES,
        "tone_word": Names(("word",), "made_at"),
        "top_day": Told({"n_texts": _F}),
        "unmatched": Told({"query_id": _M, "namespace": _M}),
        "user_account": Reason.COLLEAGUES,
        "user_session": Reason.COLLEAGUES,
        "validator": Names(("url", "moved_to")),
        "walk": Reason.MACHINERY,
        "zdict": Reason.MACHINERY,
    }
)


def left_out() -> dict[Reason, tuple[str, ...]]:
    """Tables of which nothing is told, by reason."""
    found: dict[Reason, list[str]] = {}
    for name, decision in DECISIONS.items():
        if isinstance(decision, Reason):
            found.setdefault(decision, []).append(name)
    return {reason: tuple(found[reason]) for reason in Reason if reason in found}


def without(table: str) -> Mapping[str, Reason]:
    """Columns of a told table that stay out."""
    decision = DECISIONS[table]
    return decision.without if isinstance(decision, Told) else {}
