"""Which characters part words in the full text: all that are neither letter nor digit, on both engines alike.

Each engine has its own idea of letters. SQLite's `unicode61` knows Unicode 6.1 and takes what came later for one, so
that `acme🤗` was a word; PostgreSQL counts vowel signs, and writes signs such as ™ out. The matcher of queries parts
words at all of these (Unicode 14), so a search must as well, or it would miss what routing finds.
"""

from __future__ import annotations

from sqlalchemy import Connection

BREAKS = (
    "80-a9 ab-b1 b4 b6-b8 bb bf d7 f7 2c2-2c5 2d2-2df 2e5-2eb 2ed 2ef-2ff 305 30d-30e 310 312-31a 31c-322 "
    "329-32c 32f 332-36f 375 37e 384-385 387 3f6 482-489 55a-55f 589-58a 58d-58f 591-5c7 5f3-5f4 600-61f "
    "64b-65f 66a-66d 670 6d4 6d6-6e4 6e7-6ed 6fd-6fe 700-70d 70f 711 730-74a 7a6-7b0 7eb-7f3 7f6-7f9 7fd-7ff "
    "816-819 81b-823 825-827 829-82d 830-83e 859-85b 85e 888 890-891 898-89f 8ca-903 93a-93c 93e-94f 951-957 "
    "962-965 970 981-983 9bc 9be-9c4 9c7-9c8 9cb-9cd 9d7 9e2-9e3 9f2-9f3 9fa-9fb 9fd-9fe a01-a03 a3c a3e-a42 "
    "a47-a48 a4b-a4d a51 a70-a71 a75-a76 a81-a83 abc abe-ac5 ac7-ac9 acb-acd ae2-ae3 af0-af1 afa-aff b01-b03 "
    "b3c b3e-b44 b47-b48 b4b-b4d b55-b57 b62-b63 b70 b82 bbe-bc2 bc6-bc8 bca-bcd bd7 bf3-bfa c00-c04 c3c "
    "c3e-c44 c46-c48 c4a-c4d c55-c56 c62-c63 c77 c7f c81-c84 cbc cbe-cc4 cc6-cc8 cca-ccd cd5-cd6 ce2-ce3 "
    "d00-d03 d3b-d3c d3e-d44 d46-d48 d4a-d4d d4f d57 d62-d63 d79 d81-d83 dca dcf-dd4 dd6 dd8-ddf df2-df4 e31 "
    "e34-e3a e3f e47-e4f e5a-e5b eb1 eb4-ebc ec8-ecd f01-f1f f34-f3f f71-f87 f8d-f97 f99-fbc fbe-fcc fce-fda "
    "102b-103e 104a-104f 1056-1059 105e-1060 1062-1064 1067-106d 1071-1074 1082-108d 108f 109a-109f 10fb "
    "135d-1368 1390-1399 1400 166d-166e 1680 169b-169c 16eb-16ed 1712-1715 1732-1736 1752-1753 1772-1773 "
    "17b4-17d6 17d8-17db 17dd 1800-180f 1885-1886 18a9 1920-192b 1930-193b 1940 1944-1945 19de-19ff 1a17-1a1b "
    "1a1e-1a1f 1a55-1a5e 1a60-1a7c 1a7f 1aa0-1aa6 1aa8-1aad 1ab0-1ace 1b00-1b04 1b34-1b44 1b5a-1b7e 1b80-1b82 "
    "1ba1-1bad 1be6-1bf3 1bfc-1bff 1c24-1c37 1c3b-1c3f 1c7e-1c7f 1cc0-1cc7 1cd0-1ce8 1ced 1cf4 1cf7-1cf9 "
    "1dc0-1dff 1fbd 1fbf-1fc1 1fcd-1fcf 1fdd-1fdf 1fed-1fef 1ffd-1ffe 2000-2064 2066-206f 207a-207e 208a-208e "
    "20a0-20c0 20d0-20f0 2100-2101 2103-2106 2108-2109 2114 2116-2118 211e-2123 2125 2127 2129 212e 213a-213b "
    "2140-2144 214a-214d 214f 218a-218b 2190-2426 2440-244a 249c-24e9 2500-2775 2794-2b73 2b76-2b95 2b97-2bff "
    "2ce5-2cea 2cef-2cf1 2cf9-2cfc 2cfe-2cff 2d70 2d7f 2de0-2e2e 2e30-2e5d 2e80-2e99 2e9b-2ef3 2f00-2fd5 "
    "2ff0-2ffb 3000-3004 3008-3020 302a-3030 3036-3037 303d-303f 3099-309c 30a0 30fb 3190-3191 3196-319f "
    "31c0-31e3 3200-321e 322a-3247 3250 3260-327f 328a-32b0 32c0-33ff 4dc0-4dff a490-a4c6 a4fe-a4ff a60d-a60f "
    "a66f-a67e a69e-a69f a6f0-a6f7 a700-a716 a720-a721 a789-a78a a802 a806 a80b a823-a82c a836-a839 a874-a877 "
    "a880-a881 a8b4-a8c5 a8ce-a8cf a8e0-a8f1 a8f8-a8fa a8fc a8ff a926-a92f a947-a953 a95f a980-a983 a9b3-a9cd "
    "a9de-a9df a9e5 aa29-aa36 aa43 aa4c-aa4d aa5c-aa5f aa77-aa79 aa7b-aa7d aab0 aab2-aab4 aab7-aab8 aabe-aabf "
    "aac1 aade-aadf aaeb-aaf1 aaf5-aaf6 ab5b ab6a-ab6b abe3-abed fb1e fb29 fbb2-fbc2 fd3e-fd4f fdcf fdfc-fe19 "
    "fe20-fe52 fe54-fe66 fe68-fe6b feff ff01-ff0f ff1a-ff20 ff3b-ff40 ff5b-ff65 ffe0-ffe6 ffe8-ffee fff9-fffd "
    "10100-10102 10137-1013f 10179-10189 1018c-1018e 10190-1019c 101a0 101d0-101fd 102e0 10376-1037a 1039f "
    "103d0 1056f 10857 10877-10878 1091f 1093f 10a01-10a03 10a05-10a06 10a0c-10a0f 10a38-10a3a 10a3f "
    "10a50-10a58 10a7f 10ac8 10ae5-10ae6 10af0-10af6 10b39-10b3f 10b99-10b9c 10d24-10d27 10eab-10ead "
    "10f46-10f50 10f55-10f59 10f82-10f89 11000-11002 11038-1104d 11070 11073-11074 1107f-11082 110b0-110c2 "
    "110cd 11100-11102 11127-11134 11140-11143 11145-11146 11173-11175 11180-11182 111b3-111c0 111c5-111cf "
    "111db 111dd-111df 1122c-1123e 112a9 112df-112ea 11300-11303 1133b-1133c 1133e-11344 11347-11348 "
    "1134b-1134d 11357 11362-11363 11366-1136c 11370-11374 11435-11446 1144b-1144f 1145a-1145b 1145d-1145e "
    "114b0-114c3 114c6 115af-115b5 115b8-115d7 115dc-115dd 11630-11643 11660-1166c 116ab-116b7 116b9 "
    "1171d-1172b 1173c-1173f 1182c-1183b 11930-11935 11937-11938 1193b-1193e 11940 11942-11946 119d1-119d7 "
    "119da-119e0 119e2 119e4 11a01-11a0a 11a33-11a39 11a3b-11a47 11a51-11a5b 11a8a-11a9c 11a9e-11aa2 "
    "11c2f-11c36 11c38-11c3f 11c41-11c45 11c70-11c71 11c92-11ca7 11ca9-11cb6 11d31-11d36 11d3a 11d3c-11d3d "
    "11d3f-11d45 11d47 11d8a-11d8e 11d90-11d91 11d93-11d97 11ef3-11ef8 11fd5-11ff1 11fff 12470-12474 "
    "12ff1-12ff2 13430-13438 16a6e-16a6f 16af0-16af5 16b30-16b3f 16b44-16b45 16e97-16e9a 16f4f 16f51-16f87 "
    "16f8f-16f92 16fe2 16fe4 16ff0-16ff1 1bc9c-1bca3 1cf00-1cf2d 1cf30-1cf46 1cf50-1cfc3 1d000-1d0f5 "
    "1d100-1d126 1d129-1d1ea 1d200-1d245 1d300-1d356 1d6c1 1d6db 1d6fb 1d715 1d735 1d74f 1d76f 1d789 1d7a9 "
    "1d7c3 1d800-1da8b 1da9b-1da9f 1daa1-1daaf 1e000-1e006 1e008-1e018 1e01b-1e021 1e023-1e024 1e026-1e02a "
    "1e130-1e136 1e14f 1e2ae 1e2ec-1e2ef 1e2ff 1e8d0-1e8d6 1e944-1e94a 1e95e-1e95f 1ecac 1ecb0 1ed2e "
    "1eef0-1eef1 1f000-1f0ff 1f10d-1fbef 1fbfa-1fbff e0001 e0020-e007f e0100-e01ef "
)
"""Code points beyond ASCII that part words, as hexadecimal ranges; accents that are dropped aside."""
GLUE = (
    "58d-58e 605 61c-61d 7fd-7ff 888 890-891 898-89f 8ca-8e3 8ff 9fd-9fe a76 afa-aff b55 c00 c04 c3c c77 c81 "
    "c84 d00-d01 d3b-d3c d4f d81 eba 1715 180f 1885-1886 1ab0-1ace 1b7d-1b7e 1cf7-1cf9 1de7-1dfb 2066-2069 "
    "20ba-20c0 218a-218b 23f4-23ff 2700 2b4d-2b4f 2b5a-2b73 2b76-2b95 2b97-2bff 2e3c-2e5d 32ff a69e a82c a8c5 "
    "a8fc a8ff a9e5 aa7c-aa7d ab5b ab6a-ab6b fbc2 fd40-fd4f fdcf fdfe-fdff fe27-fe2f 1018c-1018e 1019c 101a0 "
    "102e0 10376-1037a 1056f 10877-10878 10ac8 10ae5-10ae6 10af0-10af6 10b99-10b9c 10d24-10d27 10eab-10ead "
    "10f46-10f50 10f55-10f59 10f82-10f89 11070 11073-11074 1107f 110c2 110cd 11145-11146 11173-11175 "
    "111c9-111cf 111db 111dd-111df 1122c-1123e 112a9 112df-112ea 11300-11303 1133b-1133c 1133e-11344 "
    "11347-11348 1134b-1134d 11357 11362-11363 11366-1136c 11370-11374 11435-11446 1144b-1144f 1145a-1145b "
    "1145d-1145e 114b0-114c3 114c6 115af-115b5 115b8-115d7 115dc-115dd 11630-11643 11660-1166c 116b9 "
    "1171d-1172b 1173c-1173f 1182c-1183b 11930-11935 11937-11938 1193b-1193e 11940 11942-11946 119d1-119d7 "
    "119da-119e0 119e2 119e4 11a01-11a0a 11a33-11a39 11a3b-11a47 11a51-11a5b 11a8a-11a9c 11a9e-11aa2 "
    "11c2f-11c36 11c38-11c3f 11c41-11c45 11c70-11c71 11c92-11ca7 11ca9-11cb6 11d31-11d36 11d3a 11d3c-11d3d "
    "11d3f-11d45 11d47 11d8a-11d8e 11d90-11d91 11d93-11d97 11ef3-11ef8 11fd5-11ff1 11fff 12474 12ff1-12ff2 "
    "13430-13438 16a6e-16a6f 16af0-16af5 16b30-16b3f 16b44-16b45 16e97-16e9a 16f4f 16f7f-16f87 16fe2 16fe4 "
    "16ff0-16ff1 1bc9c-1bca3 1cf00-1cf2d 1cf30-1cf46 1cf50-1cfc3 1d1de-1d1ea 1d800-1da8b 1da9b-1da9f "
    "1daa1-1daaf 1e000-1e006 1e008-1e018 1e01b-1e021 1e023-1e024 1e026-1e02a 1e130-1e136 1e14f 1e2ae "
    "1e2ec-1e2ef 1e2ff 1e8d0-1e8d6 1e944-1e94a 1e95e-1e95f 1ecac 1ecb0 1ed2e 1f02c-1f02f 1f094-1f09f "
    "1f0af-1f0b0 1f0bf-1f0c0 1f0d0 1f0e0-1f0ff 1f10d-1f10f 1f12f 1f16c-1f16f 1f19b-1f1e5 1f203-1f20f "
    "1f23b-1f23f 1f249-1f24f 1f252-1f2ff 1f321-1f32f 1f336 1f37d-1f37f 1f394-1f39f 1f3c5 1f3cb-1f3df "
    "1f3f1-1f3ff 1f43f 1f441 1f4f8 1f4fd-1f4ff 1f53e-1f53f 1f544-1f54f 1f568-1f5fa 1f641-1f644 1f650-1f67f "
    "1f6c6-1f6ff 1f774-1fbef 1fbfa-1fbff "
)
"""Those among them that `unicode61` takes for letters, and what is not assigned yet among emoji."""
LETTERS = "".join(map(chr, (*range(0x19B0, 0x19C1), 0x19C8, 0x19C9, 0x1CF2, 0x1CF3)))
"""Letters that `unicode61` takes for signs."""

_SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE mention_fts USING fts5(title, text, content='mention', content_rowid='id', "
    "tokenize=\"unicode61 remove_diacritics 2 separators '{glue}' tokenchars '{letters}'\")"
)
_FOLD = """
CREATE OR REPLACE FUNCTION klankbord_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
  SELECT left(btrim(regexp_replace(translate(lower(regexp_replace(normalize(
    regexp_replace(left(words, 200000), '[{breaks}]+', ' ', 'g'), NFKD),
    '[\\u0300-\\u036F]', '', 'g') COLLATE {collation}), '{final}', '{sigma}'), '{no_letter}', ' ', 'g')), 200000)
$fold$
"""
_ANEW = """
UPDATE mention_search SET tsv = klankbord_tsv(mention.title, mention.text) FROM mention
WHERE mention.id = mention_search.mention_id AND tsv IS DISTINCT FROM klankbord_tsv(mention.title, mention.text)
"""
_COLLATIONS = ("pg_c_utf8", "und-x-icu")
_SURELY_NOT = r"[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF]+"
"""ASCII and Latin-1 signs, for servers that know letters by their locale only."""


def part_words_alike(connection: Connection) -> None:
    """Let the full text part words where the matcher does, and index anew what that changes."""
    if connection.dialect.name == "sqlite":
        glue = "".join(chr(code) for first, last in _ranges(GLUE) for code in range(first, last + 1))
        connection.exec_driver_sql("DROP TABLE mention_fts")
        connection.exec_driver_sql(_SQLITE_TABLE.format(glue=glue, letters=LETTERS))
        connection.exec_driver_sql("INSERT INTO mention_fts(mention_fts) VALUES ('rebuild')")
        return
    present = set(connection.exec_driver_sql("SELECT collname FROM pg_collation").scalars())
    known = next((name for name in _COLLATIONS if name in present), None)
    fold = _FOLD.format(
        breaks="".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _ranges(BREAKS)),
        collation=f'"{known}"' if known else '"default"',
        no_letter="[^[:alnum:]]+" if known else _SURELY_NOT,
        final="\N{GREEK SMALL LETTER FINAL SIGMA}",
        sigma="\N{GREEK SMALL LETTER SIGMA}",
    )
    connection.exec_driver_sql(fold)
    connection.exec_driver_sql(_ANEW)


def _ranges(written: str) -> list[tuple[int, int]]:
    pairs = [part.partition("-") for part in written.split()]
    return [(int(first, 16), int(last or first, 16)) for first, _, last in pairs]
