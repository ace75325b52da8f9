"""What does not work is told in one sentence: by whom it was asked, what it was, and why."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

import pytest

from provisioning.hub_client.client import Client, VisitError, why
from tests.driven_workshop import free_port


def told(url: str, act: Callable[[Client], Awaitable[object]]) -> str:
    """What the VisitError says that `act` ends by at `url`."""

    async def go() -> None:
        async with Client(url) as client:
            await act(client)

    with pytest.raises(VisitError) as raised:
        asyncio.run(go())
    return str(raised.value)


async def version(client: Client) -> None:
    await client.api("GET", "/hub/api/")


def told_of_reply(
    reply: bytes, act: Callable[[Client], Awaitable[object]] = version, make: Callable[[str], Client] = Client
) -> str:
    """What is told by `act` of a server that sends `reply` and hangs up."""

    async def go() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with make(f"http://127.0.0.1:{port}") as client:
                await act(client)

    with pytest.raises(VisitError) as raised:
        asyncio.run(go())
    return str(raised.value)


def reply(status: str, kind: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_nobody_at_the_address_is_told_in_the_systems_words() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert told(url, lambda client: client.page("/hub/login")) == "GET /hub/login: Connection refused"

    async def open_socket(client: Client) -> None:
        async with client.websocket("/x"):
            pass

    assert told(url, open_socket) == "websocket /x: Connection refused"


def test_an_answer_that_says_no_is_told_with_its_reason() -> None:
    page = '<p>Sorry</p><div data-workshop-page="error" data-workshop-reason="too many">'
    told = "GET /hub/api/ was answered 403 Forbidden"
    assert told_of_reply(reply("403 Forbidden", "text/html", page)) == f"{told}: too many"
    assert told_of_reply(reply("403 Forbidden", "application/json", '{"message": "no scope"}')) == f"{told}: no scope"
    assert told_of_reply(reply("403 Forbidden", "text/html", "<p>Sorry")) == told


def test_an_answer_that_breaks_off_is_told() -> None:
    whole = reply("200 OK", "application/json", '{"version": "6"}')
    assert told_of_reply(whole[:-5]).startswith("GET /hub/api/: ")
    assert told_of_reply(b"").startswith("GET /hub/api/: ")


def test_time_that_is_over_is_told_with_what_was_said_last() -> None:
    async def wait(client: Client) -> None:
        async with client.within(0):
            await asyncio.Event().wait()

    async def hear_and_wait(client: Client) -> None:
        client.said = "You are next"
        await wait(client)

    assert told("http://x", wait) == "no end after 0 s"
    assert told("http://x", hear_and_wait) == "no end after 0 s; last said: You are next"


def test_the_innermost_cause_is_the_one_that_is_told() -> None:
    def wrapped(cause: Exception) -> str:
        try:
            raise OSError("Cannot connect") from cause
        except OSError as error:
            return why(error)

    assert wrapped(ConnectionResetError(104, "Connect call failed ('192.0.2.1', 443)")) == "Connection reset by peer"
    assert wrapped(socket.gaierror(-2, "Name or service not known")) == "[Errno -2] Name or service not known"
    assert wrapped(ssl.SSLCertVerificationError(1, "certificate verify failed")).endswith("certificate verify failed")
    assert wrapped(ValueError()) == "ValueError"
