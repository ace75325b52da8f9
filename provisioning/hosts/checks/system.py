"""A host's system: room on its disk, memory for its seats, the right time, and an end that is armed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.environment.machine import GIB, in_gib
from checks.suite import Failed, Found, Skipped, check
from provisioning.hosts.checks.host import Host, Outside, Subject

DISK_NEEDED = {"gpu": 10 * GIB, "cpu": 3 * GIB}  # above the images: homes, logs, and a new image beside the old one
INODES_NEEDED = 200_000  # a lab environment has a hundred thousand files
MEMORY_FOR_HUB = 1 * GIB
MEMORY_A_SEAT = 1 * GIB
CLOCK_TOLERANCE_S = 5.0
EXPIRY_UNIT = "workshop-expiry"
EXPIRY_TOLERANCE_S = 60.0
_DOCKER_FOLDER = "$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)"  # empty lines if no engine answers


def df(host: Host, columns: str) -> tuple[str, list[int]]:
    """What df says about the file system of the engine's folder: its mount point, and `columns`, sizes in bytes."""
    ran = host.run(f'folder="{_DOCKER_FOLDER}"; df --block-size=1 --output=target,{columns} "${{folder:-/}}"')
    if ran.code != 0:
        raise Failed(f"df: it {ran.ending}: {ran.last_words}", expected="a file system that answers")
    target, *values = ran.out.splitlines()[-1].split()
    return target, [int(value) if value.isdecimal() else 0 for value in values]


@check("host.disk", "There is room on the disk of the engine", requires=["host.reach"])
def disk(subject: Subject) -> str:
    """`docker image prune` and `docker builder prune` on the host give back what nobody uses; else a larger disk."""
    target, (free,) = df(subject.host, "avail")
    needed = DISK_NEEDED["cpu" if subject.expected.lab_image.endswith("-cpu") else "gpu"]
    if free < needed:
        raise Failed(f"{in_gib(free)} free at {target}", expected=f"{in_gib(needed)} or more")
    return f"{in_gib(free)} free at {target}"


@check("host.inodes", "There is room for many small files", requires=["host.reach"])
def inodes(subject: Subject) -> str:
    """`docker image prune` on the host; a file system with too few inodes has to be made anew (mkfs.ext4 -N)."""
    target, (free, total) = df(subject.host, "iavail,itotal")
    if total and free < INODES_NEEDED:
        raise Failed(f"{free} files can be made at {target}", expected=f"{INODES_NEEDED} or more")
    return f"{free} files at {target}" if total else f"without limit at {target}"


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a host has, and that can still be taken."""

    total: int
    available: int


def gather_memory(host: Host) -> Memory:
    """Read /proc/meminfo."""
    lines = host.run("cat /proc/meminfo").out.splitlines()
    values = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return Memory(values["MemTotal"], values["MemAvailable"])


def judge_memory(memory: Memory, sessions: int) -> str | None:
    """What is wrong, in words; None if `sessions` fit."""
    needed = MEMORY_FOR_HUB + sessions * MEMORY_A_SEAT
    if memory.total < needed:
        return f"{in_gib(memory.total)} for {_seats(sessions)}"
    if memory.available < MEMORY_A_SEAT:
        return f"{in_gib(memory.available)} available of {in_gib(memory.total)}"
    return None


def _seats(count: int) -> str:
    return "1 seat" if count == 1 else f"{count} seats"


@check("host.memory", "There is memory for the seats", requires=["host.reach"])
def memory(subject: Subject) -> Found:
    """Put fewer seats on this host (one more host in the inventory, then `./workshop provision seats`), or take a
    larger machine. Where it is used up: `docker stats` on the host says by whom."""
    found = gather_memory(subject.host)
    sessions = subject.expected.sessions
    if fault := judge_memory(found, sessions):
        needed = MEMORY_FOR_HUB + sessions * MEMORY_A_SEAT
        raise Failed(fault, expected=f"{in_gib(needed)} or more, and {in_gib(MEMORY_A_SEAT)} of it available")
    said = f"{in_gib(found.available)} available of {in_gib(found.total)}, for {_seats(sessions)}"
    return Found(said, {"total_bytes": found.total})


def gather_offset(host: Host, outside: Outside) -> tuple[float, float]:
    """By how many seconds the host's clock is ahead of this machine's, and how well that is known."""
    before = outside.now()
    there = float(host.run("date +%s.%N").out)
    after = outside.now()
    return there - (before + after) / 2, (after - before) / 2


@check("host.clock", "The host's clock is right", requires=["host.reach"])
def clock(subject: Subject) -> str:
    """`timedatectl set-ntp true` on the host (package systemd-timesyncd or chrony), and look at this machine's own
    clock too: certificates and the expiry are judged by them."""
    ahead, uncertainty = gather_offset(subject.host, subject.outside)
    if abs(ahead) > CLOCK_TOLERANCE_S + uncertainty:
        way = "ahead of" if ahead > 0 else "behind"
        raise Failed(f"{abs(ahead):.0f} s {way} this machine's", expected=f"within {CLOCK_TOLERANCE_S:g} s")
    return f"within {abs(ahead) + uncertainty:.1f} s of this machine's"


@dataclass(frozen=True, slots=True)
class Timer:
    """What systemd says of the timer that ends a workshop: its state, when it fires next (seconds, 0 for never), and
    whether the host is off then."""

    state: str
    fires: float
    poweroff: bool


def gather_timer(host: Host) -> Timer:
    """Ask systemd. Its own words for a time are read by date(1) there, by the same clock and zone."""
    ran = host.run(
        f"systemctl show {EXPIRY_UNIT}.timer --property=ActiveState --value; "
        f"systemctl show {EXPIRY_UNIT}.service --property=ExecStart --value | grep --count poweroff; "
        f'date --date "$(systemctl show {EXPIRY_UNIT}.timer --property=NextElapseUSecRealtime --value)" +%s'
    )
    state, powers_off, fires = (*ran.out.split(), "", "", "")[:3]
    moment = float(fires) if ran.code == 0 and fires.isdecimal() else 0.0
    return Timer(state, moment, powers_off not in ("", "0"))


def judge_timer(timer: Timer, expires: float, *, poweroff: bool) -> str | None:
    """What is wrong, in words; None where it is armed for `expires`."""
    if timer.state != "active":
        return f"{EXPIRY_UNIT}.timer is {timer.state}"
    if not timer.fires:
        return f"{EXPIRY_UNIT}.timer never fires"
    if abs(timer.fires - expires) > EXPIRY_TOLERANCE_S:
        return f"{EXPIRY_UNIT}.timer fires at {_at(timer.fires)}"
    if timer.poweroff != poweroff:
        return f"the host {'goes off' if timer.poweroff else 'stays on'} at the end"
    return None


def _at(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().isoformat(sep=" ", timespec="minutes")


@check("host.expiry", "The workshop ends by itself, and the host with it if that is wanted", requires=["host.reach"])
def expiry(subject: Subject) -> Found:
    """`./workshop provision apply` arms it; `./workshop provision extend` moves the end."""
    if not subject.expected.expires:
        raise Skipped("this workshop has no end: workshop_expires is not set")
    poweroff = subject.expected.poweroff
    expires = datetime.fromisoformat(subject.expected.expires).timestamp()
    left = expires - subject.outside.now()
    if left <= 0:
        raise Failed(f"the end was {_at(expires)}", expected="an end that is still to come")
    if fault := judge_timer(gather_timer(subject.host), expires, poweroff=poweroff):
        then = "and the host off then" if poweroff else "and the host on"
        raise Failed(fault, expected=f"{EXPIRY_UNIT}.timer, armed for {_at(expires)}, {then}")
    then = "the host is off then" if poweroff else "the host stays on"
    return Found(f"armed for {_at(expires)}, in {left / 3600:.1f} h; {then}", {"left_s": round(left)})
