"""CPU-seconds are those that were spent, by children too, and by nobody else."""

import os
import subprocess
import sys

from foundation.processes import process
from tests.bench import cpu

SPENDS = "import time\nwhile time.process_time() < 0.3: pass\n"
WAITS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPENDS!r}]); print(flush=True); input()"


def test_a_child_that_has_ended_counts_and_so_does_the_machine() -> None:
    before = cpu.of_machine()
    with subprocess.Popen([sys.executable, "-c", WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        found = process(parent.pid)
        assert found is not None
        spent = cpu.of_process(found)
        parent.communicate(b"\n")
    assert spent >= 0.3 - 2 / cpu.TICKS
    assert cpu.of_machine() - before >= spent - 2 * (os.cpu_count() or 1) / cpu.TICKS
