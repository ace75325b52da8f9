"""Install packages by apt-get, as one step: a full log, words for what can go wrong, and a clean end by Ctrl-C.

What is downloaded can be stopped at any time. What is being unpacked cannot: apt finishes, then the command ends.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from foundation.problem import Problem
from foundation.steps import Step, Steps

LOCK_WAIT_S = 180.0  # a new cloud machine updates itself when it boots
LOCK_AGAIN_S = 2.0
LAST_LINES = 6
QUIET = ("env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=a", "LC_ALL=C.UTF-8")
OPTIONS = ("-qq", "-o", "Acquire::Retries=2", "-o", "Dpkg::Use-Pty=0")
LOCKED = re.compile(r"Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock")
HOLDER = re.compile(r"held by (process \d+ \([^)]*\))")
# What apt says, what it means, and what to do.
REASONS = (
    (
        re.compile(r"don't have enough free space|No space left on device"),
        "the disk has no room for these packages",
        "free some space on the disks of /usr and /var: df -h /usr /var",
    ),
    (LOCKED, "another program uses apt", "wait until it has ended: ps -C apt-get,dpkg,unattended-upgr shows it"),
    (
        re.compile(r"dpkg was interrupted"),
        "an earlier installation of packages was interrupted",
        "{sudo}dpkg --configure --pending",
    ),
    (
        re.compile(r"unmet dependencies|held broken packages", re.IGNORECASE),
        "the packages of this system do not fit together",
        "{sudo}apt-get --fix-broken install",
    ),
    (
        re.compile(
            r"resolv|could not connect|unable to connect|unreachable|timed out|connection failed", re.IGNORECASE
        ),
        "apt cannot reach its archive",
        "look at the network, and at the addresses in /etc/apt",
    ),
    (
        re.compile(r"Unable to locate package|no installation candidate"),
        "apt's archives do not have all of these packages",
        "look at /etc/apt: Debian's `main`, or Ubuntu's `main` and `universe`, must be there",
    ),
)


def install(packages: Sequence[str], sudo: Sequence[str], steps: Steps) -> None:
    """Install `packages`. Raises Problem that says what is in the way. sudo: the words that make it root's command."""
    with steps.step(f"{len(packages)} package{'s' * (len(packages) != 1)} by apt-get") as step:
        apt = Apt(sudo, step)
        step.note(f"-- {' '.join(packages)}")
        step.say("the lists of packages")
        updated = apt.run("update", stoppable=True)
        step.say(f"downloading {' '.join(packages)}")
        wanted = ("install", "--yes", "--no-install-recommends", *packages)
        said = apt.run(*wanted, "--download-only", stoppable=True)
        if not said:
            step.say(f"installing {' '.join(packages)}")
            said = apt.run(*wanted, stoppable=False)
        if said:
            raise problem(f"{updated}\n{said}", sudo, step.log)
        if updated:  # a broken archive that none of the packages is from
            step.tell(f"apt-get update complains: {first_complaint(updated)}")


class Apt:
    """apt-get with the words of `sudo` before it; its output goes to the log of `step`."""

    def __init__(self, sudo: Sequence[str], step: Step) -> None:
        self.sudo = sudo
        self.step = step

    def run(self, *words: str, stoppable: bool) -> str:
        """Run `apt-get words`, again while another program holds apt's locks; what it said if it failed, else ""."""
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            said = self._run_once(words, stoppable=stoppable)
            if not LOCKED.search(said) or time.monotonic() > deadline:
                return said
            holder = HOLDER.search(said)
            self.step.say(f"waiting for another program that uses apt{f': {holder[1]}' if holder else ''}")
            time.sleep(LOCK_AGAIN_S)

    def _run_once(self, words: Sequence[str], *, stoppable: bool) -> str:
        command = [*self.sudo, *QUIET, "apt-get", *OPTIONS, *words]
        self.step.note(f"$ {' '.join(command)}")
        start = self.step.log.stat().st_size
        with self.step.log.open("ab") as log:
            # Ctrl-C does not reach another process group; in another session sudo would not know the password again.
            running = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, process_group=0
            )
            try:
                code = running.wait()
            except BaseException:
                self._end(running, stoppable=stoppable)
                raise
        with self.step.log.open("rb") as log:
            log.seek(start)
            said = log.read().decode(errors="replace").strip()
        complains = words[0] == "update" and re.search(r"^[EW]: ", said, re.MULTILINE)  # and yet its exit code is 0
        return (said or f"exit code {code}") if code or complains else ""

    def _end(self, running: subprocess.Popen[bytes], *, stoppable: bool) -> None:
        """End apt-get if that leaves nothing half-installed; otherwise wait for its end, whatever is typed."""
        with _deaf():
            if stoppable:
                subprocess.run([*self.sudo, "sh", "-c", f"kill -TERM -{running.pid}"], check=False, capture_output=True)
            else:
                self.step.say("interrupted: apt finishes first, so that nothing is left half-installed")
            running.wait()


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C does nothing in the block."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def problem(said: str, sudo: Sequence[str], log: Path) -> Problem:
    """What to tell of an installation that failed, from what apt `said`."""
    again = f"then the same command again\nlog: {log}"
    for pattern, found, do in REASONS:
        if pattern.search(said):
            root = "sudo " if sudo or os.geteuid() else ""
            return Problem(
                f"{found}:\n{first_complaint(said)}", expected="packages that apt can install",
                do=f"{do.format(sudo=root)}\n{again}",
            )  # fmt: skip
    lines = "\n".join(said.splitlines()[-LAST_LINES:])
    return Problem(f"apt-get failed; its last lines:\n{lines}", expected="packages that apt can install", do=again)


def first_complaint(said: str) -> str:
    """The first error of apt, or its first warning, or its first line."""
    lines = said.strip().splitlines() or [""]
    for mark in ("E: ", "W: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    return lines[0]
