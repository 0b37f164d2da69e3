"""The description of the API as a plain page: no script, nothing from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#667;--tint:#8881}
@media (prefers-color-scheme:dark){:root{--soft:#9aa}}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font:600 1rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere;margin:2rem 0 .25rem}
h3 b{display:inline-block;min-width:3.2rem}
.soft{color:var(--soft)}code{font:.9em ui-monospace,monospace;background:var(--tint);padding:0 .2em;border-radius:3px}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
details{margin:.5rem 0}summary{cursor:pointer}
"""


def page(description: Mapping[str, Any]) -> str:
    """The page of a description in OpenAPI 3.1."""
    info = description["info"]
    parts = [
        f"<h1>{_safe(info['title'])}: API</h1>",
        f"<p class=soft>Version {_safe(info['version'])} · <a href='openapi.json'>openapi.json</a></p>",
        *(f"<p>{_text(part)}</p>" for part in info.get("description", "").split("\n\n")),
    ]
    for tag, found in _by_tag(description).items():
        parts.append(f"<h2>{_safe(tag.capitalize())}</h2>")
        parts += [_operation(path, method, each) for path, method, each in found]
    parts.append("<h2>What answers hold</h2>")
    parts += [_schema(name, each) for name, each in sorted(description["components"]["schemas"].items())]
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Klankbord: API</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _by_tag(description: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    found: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    base = description["servers"][0]["url"]
    for path, methods in description["paths"].items():
        for method, each in methods.items():
            found.setdefault((each.get("tags") or ["more"])[0], []).append((base + path, method.upper(), each))
    return found


def _operation(path: str, method: str, told: Mapping[str, Any]) -> str:
    scopes = sorted({scope for need in told.get("security", ()) for names in need.values() for scope in names})
    needs = f" <span class=soft>needs {', '.join(f'<code>{_safe(one)}</code>' for one in scopes)}</span>"
    rows = "".join(
        f"<tr><td><code>{_safe(one['name'])}</code><td>{_safe(_kind(one['schema']))}"
        f"<td>{_text(one.get('description') or one['schema'].get('description') or '')}"
        for one in told.get("parameters", ())
    )
    body = "".join(
        f"<p>Body: {_safe(_kind(content['schema']))}</p>"
        for content in told.get("requestBody", {}).get("content", {}).values()
    )
    answers = "".join(
        f"<li><code>{_safe(status)}</code> {_safe(', '.join(_kinds(each)) or each.get('description', ''))}"
        for status, each in told["responses"].items()
    )
    table = f"<div class=wide><table><tr><th>parameter<th>kind<th>{rows}</table></div>" if rows else ""
    return (
        f"<h3 id='{_safe(told['operationId'])}'><b>{method}</b> {_safe(path)}</h3>"
        f"<p>{_text(told.get('description') or told.get('summary') or '')}{needs if scopes else ''}</p>{table}{body}"
        f"<details><summary>Answers</summary><ul>{answers}</ul></details>"
    )


def _schema(name: str, told: Mapping[str, Any]) -> str:
    must = set(told.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{_safe(field)}</code>{'' if field in must else ' <span class=soft>optional</span>'}"
        f"<td>{_safe(_kind(each))}<td>{_text(each.get('description', ''))}"
        for field, each in told.get("properties", {}).items()
    )
    said = _text(told.get("description", ""))
    if not rows:
        return f"<h3 id='{_safe(name)}'>{_safe(name)}</h3><p>{said} {_safe(_kind(told))}</p>"
    return f"<h3 id='{_safe(name)}'>{_safe(name)}</h3><p>{said}</p><div class=wide><table>{rows}</table></div>"


def _kinds(answer: Mapping[str, Any]) -> Iterator[str]:
    for media, content in answer.get("content", {}).items():
        yield f"{_kind(content.get('schema', {}))} ({media})"


def _kind(schema: Mapping[str, Any]) -> str:
    """The kind of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _text(text: str) -> str:
    """Words of ours, with `code` as code."""
    parts = _safe(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _safe(text: object) -> str:
    return html.escape(str(text))
