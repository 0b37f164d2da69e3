"""What a message holds: words, or something else that gets a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.fields import FieldError, number_of, part, text_of
from connectors.items import Json, Media, MediaKind

_MEDIA = {
    "photo": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "animation": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "live_photo": MediaKind.VIDEO,
    "voice": MediaKind.AUDIO,
    "audio": MediaKind.AUDIO,
    "document": MediaKind.FILE,
    "sticker": MediaKind.FILE,
}
WORDLESS = (
    *_MEDIA,
    "paid_media",
    "story",
    "contact",
    "dice",
    "game",
    "venue",
    "location",
    "poll",
    "checklist",
    "rich_message",
)
"""What a message can hold instead of a text; the first one found names it."""
SERVICE = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "chat_owner_left",
        "chat_owner_changed",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "message_auto_delete_timer_changed",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "invoice",
        "successful_payment",
        "refunded_payment",
        "users_shared",
        "chat_shared",
        "gift",
        "unique_gift",
        "gift_upgrade_sent",
        "connected_website",
        "write_access_allowed",
        "passport_data",
        "proximity_alert_triggered",
        "boost_added",
        "chat_background_set",
        "checklist_tasks_done",
        "checklist_tasks_added",
        "direct_message_price_changed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "giveaway_created",
        "giveaway",
        "giveaway_winners",
        "giveaway_completed",
        "managed_bot_created",
        "paid_message_price_changed",
        "poll_option_added",
        "poll_option_deleted",
        "suggested_post_approved",
        "suggested_post_approval_failed",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "web_app_data",
    }
)
"""What Telegram itself tells in a chat ("Jo joined the group"): no words of anybody."""


def is_service(message: Mapping[str, Json]) -> bool:
    """Whether Telegram tells something itself, or the message was not sent yet (number 0)."""
    return not SERVICE.isdisjoint(message) or message.get("message_id") == 0


def words_of(message: dict[str, Json]) -> str:
    """The text, the words under a picture, or a word for what was sent without any.

    Raises:
        FieldError: it holds nothing that this version knows.
    """
    words = text_of(message, "text") or text_of(message, "caption")
    if words is not None:
        return words
    found = next((name for name in WORDLESS if message.get(name)), None)
    if found is None:
        msg = "the message holds nothing that this version of Klankbord can read"
        raise FieldError(msg)
    inside = part(message, found)
    detail = next((text for name in ("question", "title", "file_name", "emoji") if (text := text_of(inside, name))), "")
    return f"[{found.replace('_', ' ')}] {detail}".strip()


def attached(message: dict[str, Json]) -> Iterator[Media]:
    """What is attached, by its id at Telegram: the address of a file holds the bot's token, so none is ever kept."""
    for name, kind in _MEDIA.items():
        value = message.get(name)
        sizes = value if isinstance(value, list) else [value]
        files = [each for each in sizes if isinstance(each, dict) and text_of(each, "file_id")]
        if files:
            best = files[-1]  # of a picture every size is told, the smallest first
            width, height = number_of(best, "width"), number_of(best, "height")
            yield Media(f"telegram:{text_of(best, 'file_id')}", kind, width=width, height=height)
