"""Starts are served in order, so many at a time, whatever becomes of those before."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from hub.start_queue import StartQueue


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, timeout=10))


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_no_more_than_the_width_start_at_once_and_the_rest_in_order() -> None:
    async def story() -> None:
        queue = StartQueue(2)
        called: list[str] = []

        async def come(owner: str) -> None:
            await queue.enter(owner)
            called.append(owner)

        everybody = [asyncio.create_task(come(owner)) for owner in "abcde"]
        await settle()
        assert called == ["a", "b"]
        assert [queue.position(owner) for owner in "abcde"] == [None, None, 1, 2, 3]
        queue.leave("b")
        await settle()
        assert called == ["a", "b", "c"]
        assert [queue.position(owner) for owner in "de"] == [1, 2]
        for owner in "acd":
            queue.leave(owner)
        await asyncio.gather(*everybody)
        assert called == list("abcde")

    run(story())


def test_who_gives_up_makes_room_and_is_not_called() -> None:
    async def story() -> None:
        queue = StartQueue(1)
        await queue.enter("a")
        b, c = asyncio.create_task(queue.enter("b")), asyncio.create_task(queue.enter("c"))
        await settle()
        b.cancel()
        await settle()
        assert queue.position("c") == 1
        queue.leave("a")
        await c
        assert b.cancelled()

    run(story())


def test_who_is_cancelled_at_the_moment_of_being_called_takes_no_room_away() -> None:
    async def story() -> None:
        queue = StartQueue(1)
        await queue.enter("a")
        b = asyncio.create_task(queue.enter("b"))
        await settle()
        queue.leave("a")  # b is called, but has not run yet
        b.cancel()
        await asyncio.gather(b, return_exceptions=True)
        await queue.enter("c")

    run(story())


def test_leaving_twice_makes_room_once() -> None:
    async def story() -> None:
        queue = StartQueue(1)
        await queue.enter("a")
        b, c = asyncio.create_task(queue.enter("b")), asyncio.create_task(queue.enter("c"))
        await settle()
        queue.leave("a")
        queue.leave("a")
        await settle()
        assert b.done()
        assert not c.done()
        queue.leave("b")
        await c

    run(story())


def test_entering_twice_is_refused() -> None:
    async def story() -> None:
        queue = StartQueue(1)
        await queue.enter("a")
        with pytest.raises(ValueError, match="a is in the queue already"):
            await queue.enter("a")

    run(story())


def test_a_queue_that_serves_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="width 0"):
        StartQueue(0)
