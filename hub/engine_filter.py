"""`python -m hub.engine_filter`: the one process that holds the engine's socket, and passes on what the rules allow.

It listens on a socket of its own, in a volume that only the hub has. Each connection carries one request: what follows
on it is never read. A request is passed on as it was understood, written anew; the engine's answer as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import h11

from hub.engine_rules import RefusedError, Rules

ENGINE = "/var/run/docker.sock"
OURS = "/run/engine/engine.sock"
HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
PIECE = 64 * 1024
NEVER_SENT = {b"upgrade", b"expect"}  # by a hub. With the first an engine hands its connection over (exec, attach)


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read whole."""

    method: str
    target: str
    body: Any = None

    def forwarded(self) -> bytes:
        """As the engine gets it: what was understood, written anew, so that it cannot be read in another way."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        headers = [("Host", "engine"), ("Connection", "close"), ("Content-Type", "application/json")]
        head = h11.Request(method=self.method, target=self.target, headers=[*headers, _length(body)])
        return _written(h11.Connection(h11.CLIENT), head, body)


async def serve(rules: Rules, ours: str = OURS, engine: str = ENGINE) -> None:
    """Pass requests on until cancelled."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, h11.RemoteProtocolError):  # no engine, or one that ends in mid-sentence
                await answer(rules, engine, reader, writer)
        finally:
            writer.close()

    with contextlib.suppress(FileNotFoundError):
        os.unlink(ours)  # noqa: PTH108 - of an earlier life
    server = await asyncio.start_unix_server(connected, ours)
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
        writer.write(refusal(refused))
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
    """One request. Raises RefusedError for what no hub sends, and ConnectionError if nothing comes."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
    try:
        head = await _next_event(connection, reader)
        if not isinstance(head, h11.Request):
            raise ConnectionError("no request came")
        _require_usual(dict(head.headers))
        body = await _body(connection, reader)
    except h11.RemoteProtocolError as error:
        raise RefusedError(f"this is no HTTP that a hub sends: {error}") from error
    return Request(head.method.decode(), plain(head.target.decode()), _parsed(body))


def plain(target: str) -> str:
    """A request's `target` written anew. Raises RefusedError if a router could understand it in two ways."""
    parts = urlsplit(target)
    path = unquote(parts.path)
    root, *segments = path.split("/")
    odd = parts.scheme or parts.netloc or parts.fragment or {"", ".", ".."}.intersection(segments)
    if odd or root or not segments:
        raise RefusedError(f"{target} is no plain path")
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return quote(path, safe="/:") + (f"?{query}" if query else "")


def refusal(refused: RefusedError) -> bytes:
    """The answer to a request that is not passed on."""
    body = json.dumps({"message": f"refused by the workshop's engine filter: {refused}"}).encode()
    headers = [("Content-Type", "application/json"), ("Connection", "close"), _length(body)]
    return _written(
        h11.Connection(h11.SERVER), h11.Response(status_code=403, reason=b"Forbidden", headers=headers), body
    )


async def inspect(engine: str, container: str) -> dict[str, Any] | None:
    """What the engine says of `container`; None if there is none."""
    reader, writer = await asyncio.open_unix_connection(engine)
    connection = h11.Connection(h11.CLIENT)
    try:
        head = h11.Request(
            method="GET", target=f"/containers/{quote(container, safe='')}/json", headers=[("Host", "engine")]
        )
        writer.write(_written(connection, head, b""))
        answered = await _next_event(connection, reader)
        body = await _body(connection, reader)
    finally:
        writer.close()
    if answered.status_code == 404:
        return None
    found = _parsed(body) if answered.status_code == 200 else None
    return found if isinstance(found, dict) else {}


async def _next_event(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(PIECE))
    return event


async def _body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while isinstance(event := await _next_event(connection, reader), h11.Data):
        body += event.data
        _require_room(len(body))
    return bytes(body)


def _require_usual(headers: dict[bytes, bytes]) -> None:
    """h11 refuses two lengths that differ, and a length that is no number; the rest is refused here."""
    _require_room(int(headers.get(b"content-length", b"0")))
    odd = NEVER_SENT & headers.keys() or {b"content-length", b"transfer-encoding"} <= headers.keys()
    if odd:
        raise RefusedError("a kind of request that no hub sends")


def _require_room(length: int) -> None:
    if length > BODY_LIMIT:
        raise RefusedError("too long a body")


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError) as error:
        raise RefusedError("a body that is no JSON") from error


def _written(connection: h11.Connection, head: h11.Request | h11.Response, body: bytes) -> bytes:
    return b"".join(connection.send(event) or b"" for event in (head, h11.Data(data=body), h11.EndOfMessage()))


def _length(body: bytes) -> tuple[str, str]:
    return "Content-Length", str(len(body))


if __name__ == "__main__":
    asyncio.run(serve(Rules(os.environ["WORKSHOP_NAME"], os.environ["LAB_IMAGE"])))
