"""Which addresses may be reached."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadRequest, Forbidden, Transient
from pipeline.http.guard import Guard, looks_inside, read_url, refusal
from pipeline.http.transport import PinnedResolver, addresses_in, name_of
from tests.manners.conftest import MakeClient, Serve, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.9", "192.88.99.1", "192.0.0.8", "::1", "::", "::127.0.0.1", "::ffff:8.8.8.8",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
        "2002:7f00:1::", "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fe80::1%eth0", "fec0::1",
        "fc00::1", "fd00:ec2::254", "ff02::1",
        "100::1", "2001:db8::1", "4000::1", "not an address", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_with_a_reason(address: Any) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:400e::1", "64:ff9b::808:808"]
)
def test_a_public_address_passes(address: Any) -> None:
    assert refusal(address) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_passes_is_global_for_python_too(address: Any) -> None:
    if refusal(str(address)) is None and address not in ipaddress.ip_network("64:ff9b::/96"):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_behind_nat64(address: Any) -> None:
    inside = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address))
    assert (refusal(str(inside)) is None) == (refusal(str(address)) is None)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host.example/", "file:///etc/passwd", "javascript:alert(1)", "//host.example/", "host.example", "", "http://",
        "http:///path", "http://user@host.example/", "http://user:pw@host.example/", "http://2130706433/", "http://0x7f000001/",
        "http://127.1/", "http://0177.0.0.1/", "http://127.0.0.1.:80/x 1", "http://host example/", "http://host.example\\@evil/",
        "http://host%2eexample/", "http://[::1%25eth0]/", "http://[v1.x]/", "http://[::1/", "http://a..b/", "http://-a-/",
        "http://host.example:99999/", "http://host.example:x/", "http://host.example/\r\nX: 1", "http://999.1.1.1/",
        "http://" + "a" * 9000, "ws://host.example/",
    ],
)  # fmt: skip
def test_a_malformed_or_disguised_url_is_refused(url: str) -> None:
    with pytest.raises(BadRequest):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://Host.Example/", ("http", "host.example", 80)),
        ("https://host.example:8443/a?b#c", ("https", "host.example", 8443)),
        ("https://bücher.example/", ("https", "xn--bcher-kva.example", 443)),
        ("http://[2606:4700::1111]:81/", ("http", "2606:4700::1111", 81)),
        ("http://under_score.example/", ("http", "under_score.example", 80)),
        ("http://127。0。0。1/", ("http", "127.0.0.1", 80)),
    ],
)
def test_an_honest_url_is_read(url: str, read: Any) -> None:
    assert read_url(url) == read


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_never_more(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}@host.example/", f"http://host.example/{text}"):
        try:
            scheme, host, port = read_url(url)
        except BadRequest:
            continue
        assert scheme in {"http", "https"}
        assert host.isascii()
        assert 0 <= port < 65536


async def test_every_address_of_a_name_must_be_public() -> None:
    guard = Guard(resolve=resolve)
    assert (await guard.check("http://public.test/")).addresses == ("93.184.216.34",)
    with pytest.raises(Forbidden, match=r"mixed.test leads to 127.0.0.1.*add 'mixed.test:80' to allow_private_hosts"):
        await guard.check("http://mixed.test/")
    with pytest.raises(Transient):
        await guard.check("http://unknown.test/")


async def test_a_host_and_port_opens_that_port_only() -> None:
    guard = Guard(allow_private_hosts=frozenset({"one.test:8080", "[::1]:9"}), resolve=resolve)
    await guard.check("http://one.test:8080/")
    await guard.check("http://ONE.test.:8080/")
    await guard.check("http://[::1]:9/")
    for url in ("http://one.test/", "http://two.test:8080/", "http://[::1]:10/"):
        with pytest.raises(Forbidden):
            await guard.check(url)


async def test_a_public_name_in_a_sources_settings_opens_nothing() -> None:
    guard = Guard(resolve=resolve)
    with pytest.raises(Forbidden):
        await guard.check("http://inside.test/", private_hosts=frozenset({"inside.test"}))


async def test_a_private_name_in_a_sources_settings_opens_itself_but_never_the_metadata_service() -> None:
    async def near(host: str, port: int) -> list[str]:
        del port
        return {"forum.internal": ["10.1.2.3"], "meta.internal": ["169.254.169.254"]}[host]

    guard = Guard(resolve=near)
    await guard.check("http://127.0.0.1:8000/", private_hosts=frozenset({"127.0.0.1"}))
    await guard.check("http://forum.internal/", private_hosts=frozenset({"forum.internal"}))
    for host in ("meta.internal", "169.254.169.254"):
        with pytest.raises(Forbidden):
            await guard.check(f"http://{host}/", private_hosts=frozenset({host}))


async def test_multicast_is_never_opened() -> None:
    with pytest.raises(Forbidden):
        await Guard(allow_private_hosts=frozenset({"224.0.0.1"})).check("http://224.0.0.1/")


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("localhost", True),
        ("nas", True),
        ("a.internal", True),
        ("10.0.0.1", True),
        ("::1", True),
        ("example.com", False),
    ],
)
def test_a_name_that_can_only_be_private_is_known(host: str, inside: bool) -> None:
    assert looks_inside(host) is inside


@given(st.lists(st.ip_addresses(), min_size=1, max_size=6))
async def test_the_transport_connects_to_the_judged_addresses_and_no_others(addresses: Any) -> None:
    name = name_of([str(address) for address in addresses])
    assert len(name) <= 253
    assert addresses_in(name) == [str(address) for address in addresses]
    assert [entry["host"] for entry in await PinnedResolver().resolve(name, 80)] == addresses_in(name)


async def test_the_transport_asks_no_dns_server() -> None:
    with pytest.raises(OSError, match="was not judged"):
        await PinnedResolver().resolve("public.test", 80)


async def test_a_second_dns_answer_is_never_asked_for(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name leads to a good address when judged and elsewhere afterwards."""
    from aiohttp import web

    from connectors.requests import HttpRequest
    from tests.manners import conftest

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.host)

    port = await serve(handler)
    answers = [["127.0.0.1"], ["10.0.0.7"]]
    monkeypatch.setitem(conftest.NAMES, "rebinding.test", answers[0])
    client = make_client(allow_private_hosts=frozenset({"rebinding.test"}))
    answer = await client.fetch(HttpRequest(f"http://rebinding.test:{port}/"))
    assert answer.body.decode() == f"rebinding.test:{port}"
