"""`python -m hub.engine_filter`: the one process that holds the engine's socket, and passes on what the rules allow.

It listens on a socket of its own, in a volume that only the hub has. Each connection carries one request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hub.engine_rules import RefusedError, Rules

ENGINE = "/var/run/docker.sock"
OURS = "/run/engine/engine.sock"
HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read whole."""

    method: str
    target: str
    body: Any

    def forwarded(self) -> bytes:
        """As the engine gets it: what was understood, written anew, so that it cannot be read in another way."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def serve(rules: Rules, ours: str = OURS, engine: str = ENGINE) -> None:
    """Pass requests on until cancelled."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await answer(rules, engine, reader, writer)
        writer.close()

    with contextlib.suppress(FileNotFoundError):
        os.unlink(ours)  # noqa: PTH108 - of an earlier life
    server = await asyncio.start_unix_server(connected, ours, limit=HEAD_LIMIT)
    os.chmod(ours, 0o666)  # noqa: PTH101 - its folder is the hub's alone
    async with server:
        await server.serve_forever()


async def answer(rules: Rules, engine: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request, and answer it with what the engine says or with 403."""
    try:
        request = await read(reader)
        container = rules.container_to_look_up(request.method, request.target, request.body)
        if container is not None and (found := await inspect(engine, container)) is not None:
            rules.must_be_a_session(found)
    except RefusedError as refused:
        print(f"refused: {refused}", file=sys.stderr, flush=True)
        message = json.dumps({"message": f"refused by the workshop's engine filter: {refused}"}).encode()
        writer.write(
            b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(message) + message
        )
        await writer.drain()
        return
    from_engine, to_engine = await asyncio.open_unix_connection(engine)
    to_engine.write(request.forwarded())
    try:
        while piece := await from_engine.read(PIECE):
            writer.write(piece)
            await writer.drain()
    finally:
        to_engine.close()


async def read(reader: asyncio.StreamReader) -> Request:
    """One request. Raises RefusedError for what this filter does not understand: it passes on only what it has read."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise RefusedError("too long a head") from error
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    fields = [tuple(part.strip().lower() for part in line.split(b":", 1)) for line in lines]
    lengths = [field[1] for field in fields if field[0] == b"content-length"]
    if len(words) != 3 or any(field[0] in (b"transfer-encoding", b"upgrade") for field in fields) or len(lengths) > 1:
        raise RefusedError("a kind of request that no hub sends")
    length = lengths[0] if lengths else b"0"
    if not length.isdigit() or int(length) > BODY_LIMIT:
        raise RefusedError("too long a body")
    body = await reader.readexactly(int(length))
    return Request(words[0].decode("latin-1"), words[1].decode("latin-1"), _parsed(body))


async def inspect(engine: str, container: str) -> dict[str, Any] | None:
    """What the engine says of `container`; None where there is none."""
    reader, writer = await asyncio.open_unix_connection(engine)
    writer.write(f"GET /containers/{quote(container, safe='')}/json HTTP/1.0\r\nHost: engine\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status = head.split(b" ", 2)[1]
    if status == b"404":
        return None
    found: Any = _parsed(body) if status == b"200" else None
    return found if isinstance(found, dict) else {}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError as error:
        raise RefusedError("a body that is no JSON") from error


if __name__ == "__main__":
    asyncio.run(serve(Rules(os.environ["WORKSHOP_NAME"], os.environ["LAB_IMAGE"])))
