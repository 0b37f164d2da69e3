"""What screens see of attachments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """Something attached to a message.

    Attributes:
        kind: image, video, audio or file.
        link: names its picture to `Pictures.jpeg`; None when there is none to be seen.
        reason: why there is none: wanted (on its way) or a code of `store.pictures.Left`; "" when there is.
        alt: what its author wrote to describe it, verbatim; "" when they did not.
        width, height: pixels of the large one.
    """

    kind: str
    link: str | None
    reason: str
    alt: str
    width: int | None = None
    height: int | None = None
