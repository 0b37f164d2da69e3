"""What is attached to a message, as HTML: nothing of others gets through, and every reason has its words."""

from __future__ import annotations

import re

import pytest

from inbox.pictures.views import AttachmentView
from screens import attached, i18n
from store.pictures import Left

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_a_picture_is_shown_small_and_opens_large_with_its_description() -> None:
    drawn = attached.attachments([AttachmentView("image", "abc", "", "a broken parcel", 1600, 1200)])
    assert 'src="/pictures/abc/small" alt="a broken parcel" width="320" height="240"' in drawn
    assert 'src="/pictures/abc/large"' in drawn
    assert "<summary>" in drawn
    assert not re.search(r"https?:", drawn)


def test_without_a_description_a_picture_is_told_by_its_number() -> None:
    drawn = attached.attachments([AttachmentView("image", "a", "", ""), AttachmentView("image", "b", "", "")])
    assert "Picture 2 of 2, without a description" in drawn


def test_what_others_wrote_stays_text() -> None:
    for one in (AttachmentView("image", "a", "", HOSTILE), AttachmentView("image", None, "gone", HOSTILE)):
        drawn = attached.attachments([one])
        assert "<script" not in drawn
        assert "<img src=x" not in drawn
        assert "&lt;script&gt;" in drawn


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_reason_has_its_words(language: str) -> None:
    i18n.choose(language)
    told = {reason: attached.attachments([AttachmentView("image", None, reason, "")]) for reason in [*Left, "wanted"]}
    unknown = attached.attachments([AttachmentView("image", None, "made up", "")])
    assert unknown not in told.values()
    assert all("<img" not in drawn for drawn in told.values())
    assert ("Foto" in told["gone"]) == (language == "nl")


def test_a_message_without_attachments_shows_nothing() -> None:
    assert attached.attachments([]) == ""
