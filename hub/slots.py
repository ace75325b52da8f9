"""Who holds which GPU slot, who waits for one, and for how long: pure logic, without clock, engine or hub.

Guarantees:
  * Two containers that ever ran never share a slot.
  * A slot is granted only while an observation of the engine is in hand. No engine, no grant.
  * What holds a slot is read from the labels of the containers that exist. Until a start has ended, its lease stands
    for the container that is not there yet. A slot is free again only when an observation that began after the end
    of the start shows no container of it.
  * Whoever waits longest is served first. Whoever comes back gets the slot of last time, if it is free.

Assumes: containers of one owner have one name, which the engine gives only once; a container is started only by the
holder of the lease that it was created under. So a container that appears late, after its start was given up, has
never run, and never will: `Ledger.stale` names it, and it can be removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

HOLDING = frozenset({"created", "running", "paused", "restarting", "removing"})


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One share of one GPU (or MIG instance): share `share` of `shares`, with `memory_mb` if that is known."""

    device: str
    share: int = 0
    shares: int = 1
    memory_mb: int | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """How a container says which slot it holds."""
        return f"{self.device}/{self.share}/{self.shares}"

    @classmethod
    def from_label(cls, label: str) -> Slot | None:
        """The slot that `label` names; None if it names none."""
        device, _, rest = label.partition("/")
        share, _, shares = rest.partition("/")
        return cls(device, int(share), int(shares)) if device and share.isdigit() and shares.isdigit() else None

    def clashes(self, other: Slot) -> bool:
        """Whether the two cannot be held at once: the same share, or one GPU cut in two ways."""
        return self.device == other.device and (self.share == other.share or self.shares != other.shares)


@dataclass(frozen=True, slots=True)
class Session:
    """A container as the engine shows it. `lease` is the number of the lease that it was created under.

    Other workshops' containers hold slots too, and are none of our business otherwise: not `is_ours`.
    """

    container: str
    owner: str
    state: str
    lease: str = ""
    slot: Slot | None = None
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to create and start one container on one slot. `ended` is set once that start has ended."""

    number: str
    owner: str
    slot: Slot
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """What to tell people: `free` of `total` slots, since when (`full_since`) there are none, who waits, in order.

    `stranded` are owners and the GPUs that they hold though these have gone.
    """

    total: int
    free: int
    full_since: float | None
    waiting: tuple[str, ...]
    is_known: bool
    stranded: tuple[tuple[str, str], ...] = ()


class Ledger:
    """The slots of one engine. All methods are called from one thread."""

    def __init__(self, slots: Iterable[Slot] = (), epoch: str = ""):
        self._slots: tuple[Slot, ...] = tuple(sorted(slots))
        self._epoch = epoch
        self._leases: dict[str, Lease] = {}
        self._held: dict[Slot, set[str]] = {}
        self._ours: dict[str, Slot] = {}
        self._waiting: list[str] = []
        self._last: dict[str, Slot] = {}
        self._full_since: float | None = None
        self._moment = 0
        self._observed: int | None = None

    def request(self, owner: str) -> None:
        """Queue for a slot; who queues already keeps the place. The next observations grant it."""
        lease = self._leases.get(owner)
        if lease and lease.ended is None:
            raise ValueError(f"{owner} is starting already")
        if owner not in self._waiting:
            self._waiting.append(owner)

    def withdraw(self, owner: str) -> None:
        """Leave the queue. Nothing happens to somebody who is not in it."""
        if owner in self._waiting:
            self._waiting.remove(owner)

    def end_start(self, lease: Lease) -> None:
        """The start under `lease` has ended, well or badly. May be repeated."""
        current = self._leases.get(lease.owner)
        if current and current.number == lease.number and current.ended is None:
            self._leases[lease.owner] = replace(current, ended=self._tick())

    def may_start(self, lease: Lease) -> bool:
        """Whether a container created under `lease` may be started now."""
        current = self._leases.get(lease.owner)
        return current is not None and current.number == lease.number and current.ended is None

    def begin_observation(self) -> int:
        """Call before asking the engine; hand the result to `observe`."""
        return self._tick()

    def observe(self, began: int, sessions: Sequence[Session], now: float) -> list[Lease]:
        """Take in all containers that exist, of every state; what is granted to those who waited, in their order.

        An answer that is older than one that was taken in already changes nothing.
        """
        if self._observed is not None and began < self._observed:
            return []
        self._observed = began
        self._held, self._ours = {}, {}
        for session in sessions:
            if session.slot and session.state in HOLDING:
                self._held.setdefault(session.slot, set()).add(session.owner)
                if session.is_ours:
                    self._last[session.owner] = self._ours[session.owner] = session.slot
        self._leases = {
            owner: lease for owner, lease in self._leases.items() if lease.ended is None or lease.ended > began
        }
        granted = self._grant()
        self._note_fullness(now)
        return granted

    def lose_sight(self) -> None:
        """The engine did not answer: what we know of it is void until it does."""
        self._observed = None

    def replace_slots(self, slots: Iterable[Slot]) -> None:
        """GPUs came or went. Slots that went are granted no more; who holds one is left alone."""
        self._slots = tuple(sorted(slots))

    def stale(self, sessions: Iterable[Session], active: Collection[str]) -> list[Session]:
        """The containers that nobody will use: their owner is not `active` or starts anew, or they came too late.

        `active` must be as new as `sessions`, or newer.
        """
        return [session for session in sessions if session.is_ours and self._is_stale(session, active)]

    def position(self, owner: str) -> int | None:
        """1 for the next to be served; None for somebody who does not wait."""
        return self._waiting.index(owner) + 1 if owner in self._waiting else None

    def slot_of(self, owner: str) -> Slot | None:
        """The slot that `owner` holds, or is starting on."""
        if owner in self._leases:
            return self._leases[owner].slot
        return next((slot for slot, owners in self._held.items() if owner in owners), None)

    def availability(self) -> Availability:
        """What to tell people."""
        free = len(self._free()) if self._observed is not None else 0
        return Availability(
            len(self._slots),
            free,
            self._full_since,
            tuple(self._waiting),
            is_known=self._observed is not None,
            stranded=self._stranded(),
        )

    def _stranded(self) -> tuple[tuple[str, str], ...]:
        there = {slot.device for slot in self._slots}
        return tuple(sorted((owner, slot.device) for owner, slot in self._ours.items() if slot.device not in there))

    def _tick(self) -> int:
        self._moment += 1
        return self._moment

    def _is_stale(self, session: Session, active: Collection[str]) -> bool:
        if session.owner not in active or session.owner in self._waiting:
            return True
        lease = self._leases.get(session.owner)
        if lease is None:
            return session.slot is not None and session.state == "created"
        return lease.number != session.lease

    def _grant(self) -> list[Lease]:
        granted = []
        while self._waiting and (slot := self._choose(self._waiting[0])):
            owner = self._waiting.pop(0)
            lease = Lease(f"{self._epoch}{self._tick()}", owner, slot)
            self._leases[owner] = lease
            self._last[owner] = slot
            granted.append(lease)
        return granted

    def _choose(self, owner: str) -> Slot | None:
        """The slot of last time; else one of the emptiest GPU, rather one that nobody may come back to."""
        free = self._free()
        last = self._last.get(owner)  # as a label says it: without the memory
        if last in free:
            return free[free.index(last)]
        taken = [slot.device for slot in self._slots if slot not in free]
        remembered = set(self._last.values())
        return min(free, key=lambda slot: (taken.count(slot.device), slot in remembered, slot), default=None)

    def _free(self) -> list[Slot]:
        busy = [*self._held, *(lease.slot for lease in self._leases.values())]
        return [slot for slot in self._slots if not any(slot.clashes(other) for other in busy)]

    def _note_fullness(self, now: float) -> None:
        if self._free():
            self._full_since = None
        elif self._full_since is None:
            self._full_since = now
