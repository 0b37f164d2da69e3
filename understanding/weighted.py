"""Length as X counts it (twitter-text, configuration 3): most other scripts and emoji 2, a link 23, the rest 1.

The composer counts the same in the browser (`screens/components/composer/composer.js`); both are held to twitter-text's
own test data. A link without `https://` counts as one when its ending is a country's or one of the usual ones; where
that is unsure, the higher count is taken, so that what fits here is never refused there.
"""

from __future__ import annotations

import unicodedata

import regex

LINK = 23
_ONE = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_COUNTRIES = frozenset(
    """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc
    cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga
    gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp
    ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms
    mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro
    rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt
    tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
    """.split()  # noqa: SIM905 -- so many quoted strings are no easier to read
)
_USUAL = frozenset(
    "com org net edu gov mil int info biz name pro aero coop museum app dev shop store online site".split()  # noqa: SIM905
)

_BIT = r"\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:[\U000E0020-\U000E007E]+\U000E007F)?"
EMOJI = regex.compile(
    rf"\p{{Regional_Indicator}}{{2}}|[#*0-9]\uFE0F?\u20E3|[\u00A9\u00AE]\uFE0F|(?![\u00A9\u00AE]){_BIT}(?:\u200D{_BIT})*"
)
_ASCII_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,9}[A-Za-z]{2,24}(?![A-Za-z0-9@_-]|\.[A-Za-z0-9])"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}])?"
_ANY_HOST = rf"(?:{_LABEL}\.){{1,9}}(?:[A-Za-z]{{2,24}}|[\p{{L}}\p{{M}}]{{2,24}})(?![A-Za-z0-9_@-])"
_NO_MAIL = r"(?![A-Za-z0-9._+-]{0,64}@)"
_TAIL = r"(?::\d+)?(?:[/?][A-Za-z0-9!*';:=+,.$/%#\[\]\-_~@|&()?\u00C0-\u024F\u0400-\u04FF\u2013]*)?"
_URL = regex.compile(
    rf"(?<![A-Za-z0-9@$#＠＃])https?://(?P<host>{_ASCII_HOST}|{_ANY_HOST})(?P<tail>{_TAIL})"  # noqa: RUF001
    rf"|(?<![A-Za-z0-9@$#＠＃_./-])(?P<bare>{_ASCII_HOST}){_NO_MAIL}(?P<rest>{_TAIL})",  # noqa: RUF001
    regex.IGNORECASE,
)
_AFTER = ".,;:!?'*[]"


def weighted(text: str) -> int:
    """Length of a text on X, whose posts take 280.

    Source: twitter-text, config/v3.json (weights of 100 and 200, scale 100).
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    total, at = 0, 0
    for match in _URL.finditer(text):
        url = match[0][: len(match[0]) - _beyond(match["tail"] or match["rest"] or "")]
        host = match["host"] or match["bare"]
        if not _resolvable(host):
            continue
        plain = _plain(url)
        sure = match["host"] is not None or host.rpartition(".")[2].casefold() in _COUNTRIES | _USUAL
        total += _plain(text[at : match.start()]) + (LINK if sure else max(LINK, plain))
        at = match.start() + len(url)
    return total + _plain(text[at:])


def _plain(text: str) -> int:
    """Length of a piece without links."""
    rest, count = EMOJI.subn("", text)
    return 2 * int(count) + sum(1 if _light(ord(sign)) else 2 for sign in rest)


def _light(point: int) -> bool:
    return any(low <= point <= high for low, high in _ONE)


def _beyond(tail: str) -> int:
    """How many signs at the end of an address belong to the sentence around it."""
    kept = tail.rstrip(_AFTER)
    while kept.endswith(")") and kept.count(")") > kept.count("("):
        kept = kept[:-1].rstrip(_AFTER)
    return len(tail) - len(kept)


def _resolvable(host: str) -> bool:
    """Whether every part of a name is at most 63 bytes long in the domain name system."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True
