"""A GPU slot has one holder, is never lost, and is given out in order: by example, and against a treacherous engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.slots import Lease, Ledger, Session, Slot

ONE, TWO = Slot("GPU-1"), Slot("GPU-2")


def observe(ledger: Ledger, *sessions: Session, now: float = 0.0) -> dict[str, Slot]:
    return {lease.owner: lease.slot for lease in ledger.observe(ledger.begin_observation(), sessions, now)}


def lease(ledger: Ledger, owner: str, *sessions: Session) -> Lease:
    ledger.request(owner)
    (granted,) = ledger.observe(ledger.begin_observation(), sessions, 0.0)
    assert granted.owner == owner
    return granted


def running(owner: str, slot: Slot, state: str = "running", number: str = "") -> Session:
    return Session(f"session-{owner}", owner, state, number, slot)


def test_nothing_is_granted_before_the_engine_has_answered() -> None:
    ledger = Ledger([ONE])
    ledger.request("ada")
    assert ledger.slot_of("ada") is None
    assert ledger.availability().free == 0
    assert not ledger.availability().is_known
    assert observe(ledger) == {"ada": ONE}


def test_after_a_restart_what_runs_keeps_its_slot() -> None:
    ledger = Ledger([ONE, TWO])
    ledger.request("bob")
    assert observe(ledger, running("ada", ONE)) == {"bob": TWO}
    assert ledger.slot_of("ada") == ONE


@pytest.mark.parametrize("state", ["created", "running", "paused", "restarting", "removing"])
def test_a_container_that_exists_holds_its_slot(state: str) -> None:
    ledger = Ledger([ONE])
    ledger.request("bob")
    assert observe(ledger, running("ada", ONE, state)) == {}


def test_who_comes_back_to_a_slot_has_its_memory_too() -> None:
    small = Slot("GPU-2", memory_mb=6000)
    ledger = Ledger([ONE, small])
    observe(ledger, running("ada", TWO))  # a label says nothing of memory
    observe(ledger)
    assert lease(ledger, "ada").slot.memory_mb == 6000


@pytest.mark.parametrize("state", ["exited", "dead"])
def test_a_container_that_has_ended_holds_none(state: str) -> None:
    ledger = Ledger([ONE])
    ledger.request("bob")
    assert observe(ledger, running("ada", ONE, state)) == {"bob": ONE}


def test_a_start_that_is_under_way_keeps_its_slot_though_no_container_is_there_yet() -> None:
    ledger = Ledger([ONE])
    lease(ledger, "ada")
    ledger.request("bob")
    assert observe(ledger) == {}
    assert observe(ledger) == {}


def test_a_failed_start_gives_its_slot_back_when_no_container_is_seen() -> None:
    ledger = Ledger([ONE])
    ada = lease(ledger, "ada")
    ledger.request("bob")
    ledger.end_start(ada)
    assert observe(ledger, running("ada", ONE, "created", ada.number)) == {}
    assert observe(ledger) == {"bob": ONE}


def test_an_answer_asked_for_before_the_start_ended_releases_nothing() -> None:
    ledger = Ledger([ONE])
    ada = lease(ledger, "ada")
    began = ledger.begin_observation()
    ledger.end_start(ada)
    ledger.request("bob")
    assert ledger.observe(began, [], 0.0) == []
    assert observe(ledger) == {"bob": ONE}


def test_an_answer_that_was_overtaken_changes_nothing() -> None:
    ledger = Ledger([ONE])
    began = ledger.begin_observation()
    observe(ledger, running("ada", ONE))
    ledger.request("bob")
    assert ledger.observe(began, [], 0.0) == []
    assert ledger.slot_of("ada") == ONE


def test_the_longest_waiting_is_served_first_and_knows_the_place_in_the_queue() -> None:
    ledger = Ledger([ONE])
    for owner in ("bob", "cleo", "dan"):
        ledger.request(owner)
    assert observe(ledger, running("ada", ONE)) == {}
    assert [ledger.position(owner) for owner in ("ada", "bob", "cleo", "dan")] == [None, 1, 2, 3]
    ledger.request("bob")
    ledger.withdraw("cleo")
    assert [ledger.position(owner) for owner in ("bob", "cleo", "dan")] == [1, None, 2]
    assert observe(ledger) == {"bob": ONE}
    assert ledger.position("dan") == 1


def test_who_comes_back_gets_the_slot_of_last_time() -> None:
    ledger = Ledger([ONE, TWO])
    ledger.end_start(lease(ledger, "ada"))
    bob = lease(ledger, "bob", running("ada", ONE))
    assert bob.slot == TWO
    ledger.end_start(bob)
    observe(ledger)
    ledger.request("bob")
    ledger.request("ada")
    assert observe(ledger) == {"bob": TWO, "ada": ONE}


def test_shares_fill_the_emptiest_gpu_first() -> None:
    slots = [Slot(gpu, share, 2) for gpu in ("GPU-1", "GPU-2") for share in (0, 1)]
    ledger = Ledger(slots)
    for owner in "abcde":
        ledger.request(owner)
    granted = observe(ledger)
    assert [granted[owner].device for owner in "abcd"] == ["GPU-1", "GPU-2", "GPU-1", "GPU-2"]
    assert len(set(granted.values())) == 4
    assert "e" not in granted


def test_a_gpu_that_was_cut_otherwise_is_not_shared_with_what_still_runs_on_it() -> None:
    ledger = Ledger([Slot("GPU-1", share, 2) for share in (0, 1)])
    ledger.request("bob")
    assert observe(ledger, running("ada", Slot("GPU-1", 0, 1))) == {}


def test_a_gpu_that_went_is_given_to_nobody() -> None:
    ledger = Ledger([ONE, TWO])
    ledger.replace_slots([TWO])
    ledger.request("ada")
    ledger.request("bob")
    assert observe(ledger) == {"ada": TWO}
    ledger.replace_slots([ONE, TWO])
    assert observe(ledger) == {"bob": ONE}


def test_a_full_house_says_since_when() -> None:
    ledger = Ledger([ONE])
    observe(ledger, now=10.0)
    assert ledger.availability().full_since is None
    observe(ledger, running("ada", ONE), now=20.0)
    observe(ledger, running("ada", ONE), now=30.0)
    assert ledger.availability().full_since == 20.0
    observe(ledger, now=40.0)
    assert ledger.availability().full_since is None


def test_two_starts_of_one_owner_are_refused() -> None:
    ledger = Ledger([ONE, TWO])
    lease(ledger, "ada")
    with pytest.raises(ValueError, match="ada is starting already"):
        ledger.request("ada")


def test_left_over_containers_are_named() -> None:
    ledger = Ledger([ONE, TWO])
    ada = lease(ledger, "ada")
    ledger.request("bob")
    sessions = [
        running("ada", ONE, "created", ada.number),
        running("bob", TWO),  # bob starts anew
        running("cleo", ONE, "created", "earlier"),  # came after its start was given up
        running("dan", TWO),
        running("eve", TWO),  # the hub knows of no session of eve's
    ]
    found = ledger.stale(sessions, active={"ada", "bob", "cleo", "dan"})
    assert [session.owner for session in found] == ["bob", "cleo", "eve"]
    assert [session.owner for session in ledger.stale([running("ada", ONE, "running", "earlier")], {"ada"})] == ["ada"]


@pytest.mark.parametrize("slot", [ONE, Slot("MIG-1", 2, 3)])
def test_a_slot_is_read_back_from_its_label(slot: Slot) -> None:
    assert Slot.from_label(slot.label) == slot


@pytest.mark.parametrize("label", ["", "GPU-1", "GPU-1/0", "GPU-1/x/1", "/0/1"])
def test_a_label_of_no_slot_is_none(label: str) -> None:
    assert Slot.from_label(label) is None


@dataclass
class Start:
    """A start as the hub sees it: under which lease, and whether the engine has been asked for the container."""

    lease: Lease
    created: bool = False


@dataclass
class TreacherousEngine:
    """Containers by name. A create may fail, fail after creating, or be carried out long after everybody gave up."""

    containers: dict[str, Session] = field(default_factory=dict)
    late: list[Session] = field(default_factory=list)

    def create(self, session: Session) -> bool:
        if session.container in self.containers:
            return False  # a name is given once
        self.containers[session.container] = session
        return True

    def start(self, name: str) -> None:
        self.containers[name] = replace(self.containers[name], state="running")

    def remove(self, name: str) -> None:
        self.containers.pop(name, None)


OWNERS = ("ada", "bob", "cleo", "dan", "eve")


class Workshop(RuleBasedStateMachine):
    """Attendees, hub and engine, each step in any order: hangs, failures, late answers, a hub that is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = [Slot("GPU-1", 0, 2), Slot("GPU-1", 1, 2)]
        self.engine = TreacherousEngine()
        self.reachable = True
        self.now = 0.0
        self.lives = 0
        self.start_hub()

    def start_hub(self) -> None:
        self.lives += 1
        self.ledger = Ledger(self.slots, f"{self.lives}-")
        self.starts: dict[str, Start] = {}
        self.ready: set[str] = {
            session.owner for session in self.engine.containers.values() if session.state in ("running", "paused")
        }
        self.wanting: list[str] = []
        self.asked: list[tuple[int, tuple[Session, ...]]] = []

    @property
    def to_create(self) -> list[str]:
        return [owner for owner, start in self.starts.items() if not start.created]

    @property
    def to_start(self) -> list[str]:
        """The starts whose container is there, under their own lease."""
        there = {(session.owner, session.lease) for session in self.engine.containers.values()}
        return [owner for owner, start in self.starts.items() if (owner, start.lease.number) in there]

    @property
    def active(self) -> set[str]:
        return self.ready | set(self.starts) | set(self.wanting)

    @precondition(lambda self: len(self.active) < len(OWNERS))
    @rule(data=st.data())
    def want(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from([owner for owner in OWNERS if owner not in self.active]))
        self.ledger.request(owner)
        self.wanting.append(owner)

    @precondition(lambda self: self.reachable)
    @rule(owner=st.sampled_from(OWNERS))
    def walk_straight_in(self, owner: str) -> None:
        """As far as it goes without trouble, so that the trouble has something to meet."""
        if owner not in self.active:
            self.ledger.request(owner)
            self.wanting.append(owner)
            self.look()
            self.ask()  # its answer comes when all has changed
        if owner in self.to_create:
            self.ask_for_container(owner, "works")
        if owner in self.to_start:
            self.ask_to_start(owner)

    @precondition(lambda self: self.wanting)
    @rule(data=st.data())
    def change_ones_mind(self, data: st.DataObject) -> None:
        self.leave_the_queue(data.draw(st.sampled_from(self.wanting)))

    def leave_the_queue(self, owner: str) -> None:
        self.ledger.withdraw(owner)
        self.wanting.remove(owner)

    @precondition(lambda self: self.reachable)
    @rule()
    def look(self) -> None:
        """An answer that comes at once."""
        self.ask()
        self.take_in(self.asked.pop())

    @precondition(lambda self: self.reachable)
    @rule()
    def ask(self) -> None:
        self.asked.append((self.ledger.begin_observation(), tuple(self.engine.containers.values())))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """Answers may overtake one another, and find somebody waiting."""
        for owner in OWNERS:
            if owner not in self.active and not self.wanting:
                self.ledger.request(owner)
                self.wanting.append(owner)
        self.take_in(self.asked.pop(data.draw(st.integers(0, len(self.asked) - 1))))

    def take_in(self, answer: tuple[int, tuple[Session, ...]]) -> None:
        began, sessions = answer
        self.now += 1
        for granted in self.ledger.observe(began, sessions, self.now):
            assert self.wanting[0] == granted.owner, "nobody overtakes"
            self.wanting.pop(0)
            self.starts[granted.owner] = Start(granted)

    @precondition(lambda self: self.reachable)
    @rule()
    def sweep(self) -> None:
        for session in self.ledger.stale(list(self.engine.containers.values()), self.active):
            assert session.owner not in self.ready, "a session in use is not swept away"
            self.engine.remove(session.container)

    @precondition(lambda self: self.to_create)
    @rule(data=st.data(), outcome=st.sampled_from(["works", "works", "fails", "fails after creating", "hangs"]))
    def create(self, data: st.DataObject, outcome: str) -> None:
        self.ask_for_container(data.draw(st.sampled_from(self.to_create)), outcome)

    def ask_for_container(self, owner: str, outcome: str) -> None:
        start = self.starts[owner]
        session = Session(f"session-{owner}", owner, "created", start.lease.number, start.lease.slot)
        start.created = True
        if outcome == "hangs" or not self.reachable:
            self.engine.late.append(session)
        elif outcome == "fails" or not self.engine.create(session) or outcome == "fails after creating":
            self.end_badly(owner)

    @precondition(lambda self: self.engine.late)
    @rule(data=st.data())
    def create_late(self, data: st.DataObject) -> None:
        """The engine carries out what was asked of it, whoever still waits for it."""
        self.engine.create(self.engine.late.pop(data.draw(st.integers(0, len(self.engine.late) - 1))))

    @precondition(lambda self: self.reachable and self.to_start)
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        self.ask_to_start(data.draw(st.sampled_from(self.to_start)))

    def ask_to_start(self, owner: str) -> None:
        assert self.ledger.may_start(self.starts[owner].lease)
        self.engine.start(f"session-{owner}")
        self.ledger.end_start(self.starts.pop(owner).lease)
        self.ready.add(owner)

    @precondition(lambda self: self.starts)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        """The hub's time limit has passed."""
        self.end_badly(data.draw(st.sampled_from(sorted(self.starts))))

    def end_badly(self, owner: str) -> None:
        lease = self.starts.pop(owner).lease
        self.ledger.end_start(lease)
        assert not self.ledger.may_start(lease)

    @precondition(lambda self: self.ready)
    @rule(data=st.data(), how=st.sampled_from(["stopped", "exits", "paused"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """By the attendee, by itself, or by somebody at the engine. A paused one is still a session to the hub."""
        owner = data.draw(st.sampled_from(sorted(self.ready)))
        name = f"session-{owner}"
        if how == "stopped":
            self.engine.remove(name)
        else:
            state = "exited" if how == "exits" else "paused"
            self.engine.containers[name] = replace(self.engine.containers[name], state=state)
        if how != "paused":
            self.ready.discard(owner)

    @precondition(lambda self: self.reachable or self.starts)
    @rule()
    def engine_comes_and_goes(self) -> None:
        self.reachable = not self.reachable
        self.asked.clear()
        self.ledger.lose_sight()

    @precondition(lambda self: self.starts or self.engine.late)
    @rule()
    def kill_the_hub(self) -> None:
        self.start_hub()

    @invariant()
    def no_slot_has_two_live_containers(self) -> None:
        live = [
            session.slot
            for session in self.engine.containers.values()
            if session.slot and session.state in ("running", "paused")
        ]
        assert len(live) == len(set(live))

    @invariant()
    def no_start_is_on_a_slot_where_another_runs(self) -> None:
        for owner, start in self.starts.items():
            others = [
                session.owner
                for session in self.engine.containers.values()
                if session.state in ("running", "paused") and session.slot == start.lease.slot
            ]
            assert set(others) <= {owner}

    @invariant()
    def nothing_is_free_while_the_engine_is_out_of_sight(self) -> None:
        if not self.ledger.availability().is_known:
            assert self.ledger.availability().free == 0

    def teardown(self) -> None:
        """When everybody has left, every slot is free again: none is lost."""
        self.reachable = True
        for owner in list(self.starts):
            self.end_badly(owner)
        for session in self.engine.late:
            self.engine.create(session)
        for owner in list(self.wanting):
            self.leave_the_queue(owner)
        self.ready.clear()
        self.sweep()
        observe(self.ledger, *self.engine.containers.values())
        assert self.ledger.availability().free == len(self.slots)


Workshop.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestAnyOrder = Workshop.TestCase
