"""From what a platform sends to text that can be stored, searched and shown: plain text and safe HTML.

Text keeps what people wrote, emoji, direction and all; only what breaks stores and screens goes: NUL and
control characters, halves of surrogate pairs, runs of blank lines.
"""

from __future__ import annotations

import html as html_entities
import re
import unicodedata

import nh3

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?|\u0085|\u2028|\u2029")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ASCII = bytes(code for code in range(128) if chr(code).isprintable() or chr(code) in "\t\n")
"""What printable texts without accents are made of."""
_TRAILING = re.compile(r"[ \t\u00a0]+(?=\n)")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")

_SAFE_TAGS = {"a", "p", "br", "b", "i", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre"}
_BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "table",
    "article",
    "section",
}
_DROPPED = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "head"}
_BLOCK_NAMES = "|".join(sorted(_BLOCKS))
_BREAK = re.compile(rf"<br\s*/?>|</(?:{_BLOCK_NAMES})>|<(?:{_BLOCK_NAMES})(?:\s[^>]*)?>", re.ASCII)
_ITEM = re.compile(r"<li(?:\s[^>]*)?>", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = {"br", "img", "hr", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
_DROPPED_CONTENT = re.compile(
    r"<(script|style|template|iframe|object|svg|math)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_TO_TEXT = nh3.Cleaner(tags=_BLOCKS | {"br", "li"}, attributes={}, clean_content_tags=_DROPPED, link_rel=None)
_TO_SHOW = nh3.Cleaner(
    tags=_SAFE_TAGS,
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    clean_content_tags=_DROPPED,
    link_rel="noopener noreferrer nofollow",
)
_MAX_DEPTH = 250
_LOOKS_LIKE_HTML = re.compile(
    r"<(?:[a-zA-Z][a-zA-Z0-9]*|/[a-zA-Z])[^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});"
)


def printable(text: str) -> str:
    """Text any store and screen can take: no NUL, control characters or lone surrogates; NFC; plain line ends."""
    if text.isascii() and not text.encode().translate(None, _ASCII):
        return text
    if _UNPRINTABLE.search(text):
        text = _LINE_END.sub("\n", text)
        text = _CONTROL.sub("", text)
        text = _SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)


def tidy(text: str) -> str:
    """Printable text without trailing spaces, outer blank space, or more than one blank line in a row."""
    text = printable(text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text))
    return text.strip()


def one_line(text: str) -> str:
    """Printable text on a single line, for titles and names."""
    return " ".join(printable(text).split())


def html_to_text(html: str) -> str:
    """The plain text of untrusted HTML: paragraphs and breaks as line ends, list items dashed, entities decoded.

    Scripts, styles and the like are dropped with their content. Markup nested to break parsers is stripped
    without building a tree.
    """
    html = printable(html)
    if too_deep(html):
        bare = _TAG.sub(" ", _DROPPED_CONTENT.sub(" ", html))
        return tidy(html_entities.unescape(_SPACES.sub(" ", bare)))
    safe = _TO_TEXT.clean(html)
    text = " ".join(safe.split()) if "<pre" not in safe else safe
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _ITEM.sub("\n- ", text)))
    text = html_entities.unescape(text)
    return tidy("\n".join(line.strip(" ") for line in text.split("\n")))


def safe_html(html: str) -> str:
    """HTML that may be shown: a dozen tags, links to http, https and mailto, nothing remote, nothing that runs.

    Markup nested to break parsers gives its plain text, escaped.
    """
    html = printable(html)
    if too_deep(html):
        return html_entities.escape(html_to_text(html), quote=False)
    return _TO_SHOW.clean(html)


def too_deep(html: str) -> bool:
    """Whether tags are nested deeper than any text is.

    HTML parsing walks the open elements at each tag, so 200,000 nested `<div>` cost minutes; this look costs a
    pass over the tags.
    """
    if html.count("<") <= _MAX_DEPTH:
        return False
    depth = 0
    for closing, name in _ANY_TAG.findall(html):
        if closing:
            depth = max(0, depth - 1)
        elif name.lower() not in _VOID:
            depth += 1
            if depth > _MAX_DEPTH:
                return True
    return False


def looks_like_html(text: str) -> bool:
    """Whether a field that should be plain text carries markup or entities, as feed titles often do."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def cut(text: str, limit: int) -> tuple[str, bool]:
    """At most `limit` code points of a text, and whether something was cut off (then it ends in …)."""
    if len(text) <= limit:
        return text, False
    return text[: limit - 1].rstrip() + "…", True
