"""Waiting for a slot: served from what the engine shows, never without it, and never at the price of another's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from hub import slot_desk
from hub.slot_desk import SlotDesk
from hub.slots import Ledger, Session, Slot

ONE = Slot("GPU-1")


@dataclass
class FakeEngine:
    """Shows `containers`; `gate` holds an answer back; `broken` answers nothing."""

    containers: list[Session] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    broken: bool = False
    removed: list[str] = field(default_factory=list)
    asked: int = 0
    gpus: list[Slot] = field(default_factory=lambda: [ONE])

    def __post_init__(self) -> None:
        self.gate.set()

    def slots(self) -> list[Slot]:
        return list(self.gpus)

    def sessions(self) -> list[Session]:
        self.asked += 1
        assert self.gate.wait(timeout=10)
        if self.broken:
            raise ConnectionError("no engine")
        return list(self.containers)

    def remove(self, container: str) -> None:
        self.removed.append(container)
        self.containers = [session for session in self.containers if session.container != container]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    monkeypatch.setattr(slot_desk, "LOOK_EVERY_S", 0.01)
    return FakeEngine()


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, timeout=20))


def test_a_slot_that_is_free_is_had_at_once(fake: FakeEngine) -> None:
    async def story() -> None:
        desk = SlotDesk(Ledger(), fake, lambda: {"ada"})
        lease = await desk.acquire("ada")
        assert (lease.owner, lease.slot) == ("ada", ONE)

    run(story())


def test_without_an_engine_one_waits_and_is_served_when_it_is_back(fake: FakeEngine) -> None:
    async def story() -> None:
        fake.broken = True
        desk = SlotDesk(Ledger(), fake, lambda: {"ada"})
        waiting = asyncio.create_task(desk.acquire("ada"))
        await desk.look()
        await desk.look()
        assert not waiting.done()
        assert desk.ledger.position("ada") == 1
        fake.broken = False
        assert (await waiting).slot == ONE

    run(story())


def test_who_waits_is_served_when_the_container_before_has_gone(fake: FakeEngine) -> None:
    async def story() -> None:
        fake.containers = [Session("c1", "ada", "running", slot=ONE)]
        desk = SlotDesk(Ledger(), fake, lambda: {"ada", "bob"})
        waiting = asyncio.create_task(desk.acquire("bob"))
        await desk.look()
        await desk.look()
        assert not waiting.done()
        fake.containers = []
        assert (await waiting).owner == "bob"

    run(story())


def test_who_gives_up_waiting_leaves_the_queue(fake: FakeEngine) -> None:
    async def story() -> None:
        fake.containers = [Session("c1", "ada", "running", slot=ONE)]
        desk = SlotDesk(Ledger(), fake, lambda: {"ada", "bob"})
        waiting = asyncio.create_task(desk.acquire("bob"))
        await desk.look()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert desk.ledger.availability().waiting == ()

    run(story())


def test_who_gives_up_at_the_moment_of_being_served_loses_no_slot(fake: FakeEngine) -> None:
    async def story() -> None:
        desk = SlotDesk(Ledger(), fake, lambda: {"ada"})
        waiting = asyncio.create_task(desk.acquire("ada"))
        while desk.ledger.slot_of("ada") is None:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await desk.look()
        assert desk.ledger.availability().free == 1

    run(story())


def test_a_class_that_comes_at_once_is_one_question_and_who_comes_later_gets_a_later_answer(fake: FakeEngine) -> None:
    async def story() -> None:
        desk = SlotDesk(Ledger(), fake, set)
        await asyncio.gather(*(desk.look() for _ in range(20)))
        assert fake.asked == 1
        fake.gate.clear()
        early = asyncio.create_task(desk.look())
        while fake.asked == 1:
            await asyncio.sleep(0.01)
        fake.gpus = []  # after the early one has begun
        late = [asyncio.create_task(desk.look()) for _ in range(5)]
        late[0].cancel()
        await asyncio.sleep(0)
        fake.gate.set()
        await asyncio.gather(early, *late[1:])
        assert fake.asked == 3
        assert desk.ledger.availability().total == 0

    run(story())


def test_left_over_containers_are_removed_and_their_slot_is_given_on(fake: FakeEngine) -> None:
    async def story() -> None:
        foreign = Session("c2", "cleo", "running", slot=Slot("GPU-2"), is_ours=False)
        fake.containers = [Session("c1", "ada", "running", slot=ONE), foreign]
        fake.gpus = [ONE, Slot("GPU-2")]
        desk = SlotDesk(Ledger(), fake, lambda: {"bob"})
        assert (await desk.acquire("bob")).slot == ONE
        assert fake.removed == ["c1"]

    run(story())


def test_an_engine_that_hangs_holds_nobody_but_those_who_wait(fake: FakeEngine) -> None:
    async def story() -> None:
        fake.gate.clear()
        desk = SlotDesk(Ledger(), fake, lambda: {"ada"})
        waiting = asyncio.create_task(desk.acquire("ada"))
        await asyncio.sleep(0)  # the loop goes on
        assert not waiting.done()
        fake.gate.set()
        assert (await waiting).owner == "ada"

    run(story())


def test_a_gpu_that_appears_is_given_to_who_waits_and_one_that_goes_to_nobody(
    fake: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        two = Slot("GPU-2")
        fake.containers = [Session("c1", "ada", "running", slot=ONE)]
        desk = SlotDesk(Ledger(), fake, lambda: {"ada", "bob"})
        waiting = asyncio.create_task(desk.acquire("bob"))
        await desk.look()
        assert desk.ledger.position("bob") == 1
        fake.gpus = [two]
        assert (await waiting).slot == two
        assert desk.ledger.availability().stranded == (("ada", "GPU-1"),)
        assert "the GPU GPU-1 has gone, and the session of ada is still on it" in caplog.text
        fake.gpus = [ONE, two]
        await desk.look()
        assert desk.ledger.availability().stranded == ()

    run(story())


def test_a_desk_that_watches_notices_a_gpu_without_being_asked(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_desk, "REST_S", 0.01)

    async def story() -> None:
        fake.gpus = []
        desk = SlotDesk(Ledger(), fake, set)
        desk.watch()
        while not desk.ledger.availability().is_known:
            await asyncio.sleep(0.001)
        assert desk.ledger.availability().total == 0
        fake.gpus = [ONE]
        while not desk.ledger.availability().total:
            await asyncio.sleep(0.001)

    run(story())
