"""The filter between hub and engine: passes answers on as they are, and requests only as it has understood them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from hub.engine_filter import serve
from hub.engine_rules import Rules

RULES = Rules("class", "lab")


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


def talk(tmp_path: Path, request: bytes, engine: RecordingEngine) -> bytes:
    """The filter's answer to `request`."""
    ours, theirs = str(tmp_path / "ours.sock"), str(tmp_path / "engine.sock")

    async def story() -> bytes:
        server = await asyncio.start_unix_server(engine, theirs)
        filtering = asyncio.create_task(serve(RULES, ours, theirs))
        while not Path(ours).is_socket():
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_unix_connection(ours)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        filtering.cancel()
        server.close()
        return answer

    return asyncio.run(asyncio.wait_for(story(), timeout=10))


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_what_is_allowed_is_passed_on_and_so_is_the_answer(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, b"GET /version HTTP/1.1\r\nHost: x\r\nX-Odd: 1\r\n\r\n", engine)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'"Config": {}}')
    assert b"X-Odd" not in engine.got[0]


def test_what_is_refused_does_not_reach_the_engine_and_says_why(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, post("/containers/x/exec", b"{}"), engine)
    assert answer.startswith(b"HTTP/1.1 403")
    assert "refused by the workshop's engine filter" in json.loads(answer.partition(b"\r\n\r\n")[2])["message"]
    assert engine.got == []


def test_a_container_that_is_no_session_is_left_alone(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, b"DELETE /containers/abc?force=1 HTTP/1.1\r\nHost: x\r\n\r\n", engine)
    assert answer.startswith(b"HTTP/1.1 403")
    assert [request.split()[0] for request in engine.got] == [b"GET"]


def test_of_a_container_that_is_gone_the_engine_says_so_itself(tmp_path: Path) -> None:
    engine = RecordingEngine()
    answer = talk(tmp_path, b"POST /containers/gone/stop HTTP/1.1\r\nHost: x\r\n\r\n", engine)
    assert answer.startswith(b"HTTP/1.1 404")


def test_a_body_with_a_name_twice_is_passed_on_as_it_was_judged(tmp_path: Path) -> None:
    """The engine would merge the two."""
    engine = RecordingEngine()
    body = b'{"Name": "x", "Name": "class-lab-a", "Internal": true, "Driver": "bridge", "Options": {"parent": "eth0"},'
    body += b'"Options": {"com.docker.network.bridge.inhibit_ipv4": "true"}}'
    assert talk(tmp_path, post("/networks/create", body), engine).startswith(b"HTTP/1.1 200")
    assert b"eth0" not in engine.got[0]


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /networks/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /version HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
        b"GET /version HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 0\r\n\r\n",
        b"GET /version HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /version HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"GET  /version  HTTP/1.1\r\n\r\n",
        post("/networks/create", b"{"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(tmp_path: Path, request_: bytes) -> None:
    engine = RecordingEngine()
    assert talk(tmp_path, request_, engine).startswith(b"HTTP/1.1 403")
    assert engine.got == []
