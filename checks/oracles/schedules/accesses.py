"""What one step of a thread touches, and which touches of two threads may not be swapped."""

from __future__ import annotations

from collections.abc import Hashable
from enum import IntEnum

Place = Hashable  # one attribute, one item, one lock: two steps meet only where they touch the same place
Access = tuple[Place, "Mode"]


class Mode(IntEnum):
    """How a step touches a place."""

    READ = 0
    WRITE = 1
    KEY_READ = 2  # of a container as a whole: one of its items is read, or written ...
    KEY_WRITE = 3
    ALL_READ = 4  # ... or it is read from end to end, or changed in any way
    ALL_WRITE = 5
    ACQUIRE = 6  # waits until the lock is free
    TRY = 7  # looks whether the lock is free, and gets it ...
    MISS = 8  # ... or not, and goes on
    RELEASE = 9
    SIGNAL = 10  # what others wait for has come: a thread has ended, an event is set, an item is put
    AWAIT = 11  # waits until it has come
    LOOK = 12  # looks whether it has come, and goes on in either case
    CLEAR = 13  # it has to come anew


# Two steps on one place depend on each other if their order can be seen. Whatever comes first happens before the other.
DEPENDENT: dict[Mode, tuple[Mode, ...]] = {
    Mode.READ: (Mode.WRITE,),
    Mode.WRITE: (Mode.READ, Mode.WRITE),
    Mode.KEY_READ: (Mode.ALL_WRITE,),
    Mode.KEY_WRITE: (Mode.ALL_READ, Mode.ALL_WRITE),
    Mode.ALL_READ: (Mode.KEY_WRITE, Mode.ALL_WRITE),
    Mode.ALL_WRITE: (Mode.KEY_READ, Mode.KEY_WRITE, Mode.ALL_READ, Mode.ALL_WRITE),
    Mode.ACQUIRE: (Mode.ACQUIRE, Mode.TRY, Mode.MISS, Mode.RELEASE),
    Mode.TRY: (Mode.ACQUIRE, Mode.TRY, Mode.MISS, Mode.RELEASE),
    Mode.MISS: (Mode.ACQUIRE, Mode.TRY, Mode.RELEASE),
    Mode.RELEASE: (Mode.ACQUIRE, Mode.TRY, Mode.MISS),
    Mode.SIGNAL: (Mode.LOOK, Mode.CLEAR),
    Mode.AWAIT: (Mode.SIGNAL, Mode.CLEAR),
    Mode.LOOK: (Mode.SIGNAL, Mode.CLEAR),
    Mode.CLEAR: (Mode.SIGNAL, Mode.AWAIT, Mode.LOOK, Mode.CLEAR),
}
# Of these pairs the second can only come after the first: nobody acquires a lock before it is released.
ORDERED = frozenset({(Mode.RELEASE, Mode.ACQUIRE), (Mode.ACQUIRE, Mode.RELEASE), (Mode.SIGNAL, Mode.AWAIT)})
WRITES = frozenset({Mode.WRITE, Mode.KEY_WRITE, Mode.ALL_WRITE})
