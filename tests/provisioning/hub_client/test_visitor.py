"""A visit to a real hub with real sessions, as a browser makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from images.lab.kernels import GIL_OFF
from provisioning.hub_client.client import Client, VisitError
from provisioning.hub_client.kernel import KERNEL, run_code, start_kernel
from provisioning.hub_client.visitor import Visitor
from tests.provisioning.hub_client.test_client import reply, told_of_reply
from tests.provisioning.rehearsal.local_class import LocalClass, local_class


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, lab_python: Path) -> Iterator[LocalClass]:
    with local_class(tmp_path_factory.mktemp("class"), lab_python) as running:
        yield running


def visitor(hub: LocalClass, name: str, secret: str = "") -> Visitor:
    return Visitor(hub.url, name, secret or hub.seats.class_password)


def never(_page: Mapping[str, str]) -> str:
    raise AssertionError("there is nothing to choose")


def test_code_runs_in_a_session_and_afterwards_there_is_none(hub: LocalClass) -> None:
    async def go() -> None:
        async with visitor(hub, "ada") as ada:
            await ada.log_in()
            await ada.start(never)
            kernel = await start_kernel(ada)
            code = "import sys; print('warned', file=sys.stderr); print(6 * 7, sys._is_gil_enabled())"
            assert await run_code(ada, kernel, code) == "42 False\n"
            with pytest.raises(VisitError, match=r"^the code raised ZeroDivisionError: division by zero$"):
                await run_code(ada, kernel, "1 / 0")
            assert await run_code(ada, kernel, "pass") == ""
            await ada.stop()
            await ada.stop()  # of what has ended there is nothing to end
            assert (await ada.api("GET", "/hub/api/users/ada"))["servers"] == {}

    asyncio.run(go())
    assert hub.sessions == []


def test_a_wrong_secret_is_told_from_a_hub_that_is_broken(hub: LocalClass) -> None:
    async def go() -> None:
        async with visitor(hub, "ben", "wrong") as ben:
            await ben.log_in()

    with pytest.raises(VisitError, match=r"^ben is not let in: wrong password or code$"):
        asyncio.run(go())


def test_the_pages_on_the_way_say_which_they_are(hub: LocalClass) -> None:
    async def go() -> None:
        async with visitor(hub, "cleo") as cleo:
            assert (await cleo.page("/hub/login")).data == {"page": "login"}
            await cleo.log_in()
            with hub.starts_held():
                assert (await cleo.page("/hub/spawn")).data == {"page": "spawn-pending"}
            await cleo.start(never)  # goes on with that one
            await cleo.stop()

    asyncio.run(go())


def test_a_start_that_fails_is_told_with_the_reason_on_the_hubs_page(hub: LocalClass) -> None:
    (hub.state / "homes" / "dan").write_text("a file, and no folder for a home")

    async def go() -> None:
        async with visitor(hub, "dan") as dan:
            await dan.log_in()
            await dan.start(never)

    with pytest.raises(VisitError, match="was answered 500 Internal Server Error: Unhandled error starting server dan"):
        asyncio.run(go())
    (hub.state / "homes" / "dan").unlink()


def test_a_page_before_the_start_that_says_nothing_to_programs_is_told() -> None:
    async def go(ada: Client) -> None:
        assert isinstance(ada, Visitor)
        await ada.start(never)

    page = reply("200 OK", "text/html", '<form><input name="where" value="gpu">2 of 2 GPU slots are free.</form>')
    told = told_of_reply(page, go, lambda url: Visitor(url, "ada", "secret"))
    assert told == "/hub/spawn does not say what there is to choose: an older workshop, or another hub"


def test_the_kernel_is_one_that_sessions_have() -> None:
    assert KERNEL == GIL_OFF
