"""The filter between hub and engine: passes answers on as they are, and requests only as it has understood them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.engine_filter import plain, serve
from hub.engine_rules import RefusedError, Rules

RULES = Rules("class", "lab")
NETWORK = {
    "Name": "class-lab-ada",
    "Driver": "bridge",
    "Internal": True,
    "Options": {"com.docker.network.bridge.inhibit_ipv4": "true"},
}
Engine = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Story = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


class RecordingEngine:
    """An engine that keeps what reaches it, and knows one container, which is no session."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
        self.got.append(head + await reader.readexactly(length))
        status = b"404 Not Found" if b"/gone/" in head else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b'\r\nConnection: close\r\n\r\n{"Name": "/class-hub-1", "Config": {}}')
        await writer.drain()
        writer.close()


def through_the_filter(tmp_path: Path, engine: Engine, story: Story) -> bytes:
    """What `story` returns, told on a connection to a filter before `engine`."""
    ours, theirs = str(tmp_path / "ours.sock"), str(tmp_path / "engine.sock")

    async def told() -> bytes:
        server = await asyncio.start_unix_server(engine, theirs)
        filtering = asyncio.create_task(serve(RULES, ours, theirs))
        while not Path(ours).is_socket():
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_unix_connection(ours)
        try:
            return await story(reader, writer)
        finally:
            writer.close()
            filtering.cancel()
            server.close()

    return asyncio.run(asyncio.wait_for(told(), timeout=10))


def talk(tmp_path: Path, request: bytes, engine: Engine) -> bytes:
    """The filter's answer to `request`."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(request)
        return await reader.read()

    return through_the_filter(tmp_path, engine, story)


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def get(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def body_of(request: bytes) -> Any:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def test_what_is_allowed_is_passed_on_and_so_is_the_answer(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, get("/version", "X-Odd: 1"), engine)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'"Config": {}}')
    assert b"X-Odd" not in engine.got[0]


def test_what_is_refused_does_not_reach_the_engine_and_says_why(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, post("/containers/x/exec", b"{}"), engine)
    assert answer.startswith(b"HTTP/1.1 403")
    assert "refused by the workshop's engine filter" in body_of(answer)["message"]
    assert engine.got == []


def test_a_container_that_is_no_session_is_left_alone(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, b"DELETE /containers/abc?force=1 HTTP/1.1\r\nHost: x\r\n\r\n", engine)
    assert answer.startswith(b"HTTP/1.1 403")
    assert [request.split()[0] for request in engine.got] == [b"GET"]


def test_of_a_container_that_is_gone_the_engine_says_so_itself(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, post("/containers/gone/stop", b""), engine)
    assert answer.startswith(b"HTTP/1.1 404")
    assert [request.split()[0] for request in engine.got] == [b"GET", b"POST"]


def test_a_body_with_a_name_twice_is_passed_on_as_it_was_judged(tmp_path: Path) -> None:
    """The engine would merge the two."""
    engine = RecordingEngine()
    twice = json.dumps(NETWORK).replace('"Options"', '"Options": {"parent": "eth0"}, "Options"').encode()
    assert talk(tmp_path, post("/networks/create", twice), engine).startswith(b"HTTP/1.1 200")
    assert body_of(engine.got[0]) == NETWORK
    assert b"eth0" not in engine.got[0]


def test_a_chunked_body_is_passed_on_whole_with_its_length(tmp_path: Path) -> None:
    engine, body = RecordingEngine(), json.dumps(NETWORK).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]))
    head = b"POST /networks/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(tmp_path, head + chunks + b"0\r\n\r\n", engine).startswith(b"HTTP/1.1 200")
    assert b"chunked" not in engine.got[0]
    assert b"Content-Length: %d" % len(json.dumps(NETWORK)) in engine.got[0]
    assert body_of(engine.got[0]) == NETWORK


def test_a_chunked_body_is_judged_too(tmp_path: Path) -> None:
    engine = RecordingEngine()
    head = b"POST /networks/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(tmp_path, head + b"2\r\n{}\r\n0\r\n\r\n", engine).startswith(b"HTTP/1.1 403")
    assert engine.got == []


@pytest.mark.parametrize(
    "request_",
    [
        get("/version", "Upgrade: h2c", "Connection: Upgrade"),
        get("/version", "Upgrade: tcp", "Connection: Upgrade"),
        get("/version", "Expect: 100-continue"),
        get("/version", "Content-Length: 1", "Content-Length: 0") + b"x",
        get("/version", "Content-Length: 1, 0") + b"x",
        get("/version", "Content-Length: 0", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        get("/version", "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
        get("/version", "Transfer-Encoding : chunked") + b"0\r\n\r\n",
        get("/version", "Transfer-Encoding: chunked") + b"zz\r\n\r\n",
        get("/version", "Content-Length: -1"),
        get("/version", "Content-Length: +1") + b"x",
        get("/version", "Content-Length: 99999999"),
        get("/version", "X-Long: " + "x" * 140_000),
        get("/version").replace(b" HTTP", b"  HTTP"),
        get("/version").replace(b"GET ", b"GET  "),
        get("/version").replace(b"HTTP/1.1", b"HTTP/2"),
        get("/version").replace(b"Host: x\r\n", b""),
        get("http://engine/version"),
        get("//exec/version"),
        get("/containers/../version"),
        get("/containers/%2e%2e/json"),
        get("/containers/%2E/json"),
        get("/containers//json"),
        get("/version#/exec"),
        b"CONNECT engine:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        post("/networks/create", b"{"),
        post("/networks/create", b"[" * 100_000),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(tmp_path: Path, request_: bytes) -> None:
    engine = RecordingEngine()
    assert talk(tmp_path, request_, engine).startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert engine.got == []


@pytest.mark.parametrize("path", ["/v1.45/containers/abc/attach?stream=1", "/v1.45/exec/abc/start"])
def test_no_request_takes_the_engines_connection_over(tmp_path: Path, path: str) -> None:
    engine = RecordingEngine()
    asked = f"POST {path} HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{{}}"
    assert talk(tmp_path, asked.encode(), engine).startswith(b"HTTP/1.1 403")
    assert engine.got == []


@pytest.mark.parametrize("more", [get("/info"), post("/containers/x/exec", b"{}"), b"\r\n\r\nGET /exec/x HTTP/1.1\r\n"])
def test_what_follows_a_request_on_its_connection_is_never_read(tmp_path: Path, more: bytes) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, get("/version", "Connection: keep-alive") + more, engine)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert [request.split()[:2] for request in engine.got] == [[b"GET", b"/version"]]


def test_what_a_body_has_beyond_its_length_is_never_read(tmp_path: Path) -> None:
    engine, body = RecordingEngine(), json.dumps(NETWORK).encode()
    answer = talk(tmp_path, post("/networks/create", body) + post("/containers/x/exec", b"{}"), engine)
    assert answer.startswith(b"HTTP/1.1 200")
    assert [body_of(request) for request in engine.got] == [NETWORK]


def test_an_answer_that_the_engine_gives_piece_by_piece_comes_piece_by_piece(tmp_path: Path) -> None:
    """As a log that is followed: the second piece is there only once the first has been read."""
    has_first = asyncio.Event()

    async def engine(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await writer.drain()
        await has_first.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(get("/containers/abc/logs?follow=1&stdout=1"))
        first = await reader.readuntil(b"first\r\n")
        has_first.set()
        return first + await reader.read()

    answer = through_the_filter(tmp_path, engine, story)
    assert answer.endswith(b"\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n")


def test_if_the_engine_breaks_off_the_connection_ends_and_the_next_is_served(tmp_path: Path) -> None:
    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post("/containers/abc/stop", b""))
        assert await reader.read() == b""
        reader, second = await asyncio.open_unix_connection(str(tmp_path / "ours.sock"))
        with closing(second):
            second.write(get("/exec"))
            return await reader.read()

    assert through_the_filter(tmp_path, breaks_off, twice).startswith(b"HTTP/1.1 403")


def test_a_connection_without_a_request_is_closed(tmp_path: Path) -> None:
    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        return await reader.read()

    engine = RecordingEngine()
    assert through_the_filter(tmp_path, engine, story) == b""
    assert engine.got == []


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("/v1.45/images/registry%2Fgilfree/lab:3.13t/json", "/v1.45/images/registry/gilfree/lab:3.13t/json"),
        ("/containers/json?all=1&limit=-1", "/containers/json?all=1&limit=-1"),
        ("/networks?filters=%7B%22label%22:%20%22a=b%22%7D", "/networks?filters=%7B%22label%22%3A+%22a%3Db%22%7D"),
        ("/containers/create?a;name=evil&name=class-lab-a", "/containers/create?a%3Bname=evil&name=class-lab-a"),
        ("/containers/create?name=a%zz&name=b", "/containers/create?name=a%25zz&name=b"),
        ("/containers/a%252e/json", "/containers/a%252e/json"),
        ("/containers/a%3Fb/json", "/containers/a%3Fb/json"),
        ("/images/a?#x", None),
        ("*", None),
        ("", None),
        ("version", None),
    ],
)
def test_a_target_is_passed_on_as_it_was_understood(target: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(RefusedError, match="no plain path"):
            plain(target)
    else:
        assert plain(target) == meant
        assert plain(meant) == meant
