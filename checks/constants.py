"""Code whose constants no thread waits for."""

from __future__ import annotations

import marshal
from types import CodeType


def immortal(code: CodeType) -> CodeType:
    """`code`, which compile() made, with the constants that an imported module has: nobody counts references to them.

    Free-threaded CPython counts those to the constants of compile(), because that code may be thrown away. All threads
    that use one such number (`x * 2.5`) then change one counter, and wait for each other: two threads of lab 03 took
    as long as one (1.2 times as fast on 3.13t, 1.0 on 3.14t; 1.8 with immortal constants).
    """
    made: CodeType = marshal.loads(marshal.dumps(code))
    return made
