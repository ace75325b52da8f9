"""A Docker engine on a bare Debian machine: taken if one answers, otherwise unpacked, started, and stopped again.

    python -m tests.docker.engine up|down|status

Nothing is installed into the system: `./workshop test` sees to it that iptables and runc are there. The engine is
Debian 13's, from this machine's own mirror, verified by apt and unpacked in the cache; its images stay there too. CDI
devices are on, debian:trixie-slim is there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from foundation.lock import locked
from foundation.packages import install_line
from foundation.problem import ExitCode, Problem
from foundation.processes import Process, end, process
from foundation.steps import Step, Steps
from images.cache import cache_root, content_key, keep
from images.cpython.debian import archives
from provisioning.here.needs import ENGINE
from tests.docker import base_image

SUITE = "trixie"
UNPACKED = ("docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd", "tini", "debootstrap")
FROM_SYSTEM = ENGINE  # Debian 13's runc needs a newer C library than Debian 12 has
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SETTINGS = {
    "features": {"cdi": True},
    "cdi-spec-dirs": ["/etc/cdi", "/var/run/cdi"],
    "builder": {"gc": {"enabled": True, "defaultKeepStorage": "40GB"}},  # else CPython's layer goes after a build
}
NEEDS_MB = 1200
OF_TESTS = r"gilfree-([0-9a-f]{6}|host)-"  # what stack.py and tests/hosts/rig.py name so
ANSWER_LIMIT_S = 60.0
END_GRACE_S = 30.0
_started: list[subprocess.Popen[bytes]] = []  # an engine goes on when whoever has started it forgets it


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine of ours keeps its things: software, and under `home` images, settings and what it says."""

    software: Path
    home: Path

    @property
    def path(self) -> str:
        """PATH with the engine's commands in front."""
        folders = [self.software / "usr/bin", self.software / "usr/sbin"]
        return os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath), "/usr/sbin"])

    @property
    def client(self) -> dict[str, str]:
        """What a Docker client needs in its environment: the command, its plugins, nobody's own settings."""
        return {"PATH": self.path, "DOCKER_CONFIG": str(self.home / "client")}

    @property
    def log(self) -> Path:
        """All that the engine says."""
        return self.home / "engine.log"


def answers(environment: dict[str, str] | None = None) -> bool:
    """Whether an engine answers, and the client has compose and buildx."""
    asked = (("docker", "info"), ("docker", "compose", "version"), ("docker", "buildx", "version"))
    return all(_quiet(command, environment) for command in asked)


@contextmanager
def running_engine() -> Iterator[None]:
    """An engine for the block, its client first on PATH; one that was started for it is stopped at its end."""
    started = up()
    if started:
        clear_away(OF_TESTS)  # otherwise another run of tests may be at work
        _quiet(("docker", "image", "prune", "--force"))  # images that newer builds have replaced
    try:
        yield
    finally:
        if started:
            down()


def up() -> bool:
    """Make an engine answer and debian:trixie-slim be there; whether it had to be started."""
    home = cache_root() / "docker-engine"
    home.mkdir(exist_ok=True)
    steps = Steps(total=3, log=home / "setup.log")
    with locked(home / "up.lock"):
        started = False
        if not answers():
            place = _unpacked(steps)
            os.environ.update(place.client)
            if not answers():
                _start(place, steps)
                started = True
        base_image.ensure(steps, [archive for archive in archives() if archive.endswith("/debian")])
    return started


def down() -> None:
    """Stop the engine that `up` started; one of the machine's own is left alone."""
    engine = _recorded()
    if engine:
        end([engine], END_GRACE_S)
    _record_file().unlink(missing_ok=True)


def clear_away(names: str) -> None:
    """Remove what a killed run of tests has left: containers, networks and volumes whose names match `names`."""
    kinds = (
        ("ps --all --format {{.Names}}", "rm --force --volumes"),
        ("network ls --format {{.Name}}", "network rm"),
        ("volume ls --format {{.Name}}", "volume rm"),
    )
    for listing, remove in kinds:
        said = subprocess.run(["docker", *listing.split()], capture_output=True, text=True, check=True).stdout
        left = [name for name in said.split() if re.match(names, name)]
        if left:
            subprocess.run(["docker", *remove.split(), *left], capture_output=True, check=False)


def is_ours() -> bool:
    """Whether the engine that answers is the one that `up` has started."""
    return _recorded() is not None


def kill_and_start() -> None:
    """End the engine that `up` started as a power failure would, and start it again."""
    engine = _recorded()
    if engine is None:
        raise Problem("no engine of ours runs", expected="one to kill")
    os.kill(engine.pid, signal.SIGKILL)
    while engine.is_alive:
        time.sleep(0.05)
    up()


def _unpacked(steps: Steps) -> Place:
    """The engine's software, unpacked where it is not yet, with the client's plugins where the client looks."""
    with steps.step("Docker engine") as step:
        _require_system_parts()

        def fill(work: Path, _: Path) -> Path:
            return _unpack(work, step)

        name = f"docker-engine-{content_key({'suite': SUITE, 'packages': ' '.join(UNPACKED)}, [Path(__file__)])}"
        software = keep(name, fill, root=cache_root(), needs_mb=NEEDS_MB, say=step.say)
    place = Place(software, cache_root() / "docker-engine")
    plugins = place.home / "client" / "cli-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    for plugin in (software / "usr").rglob("cli-plugins/docker-*"):
        link = plugins / plugin.name
        link.unlink(missing_ok=True)
        link.symlink_to(plugin)
    return place


def _require_system_parts() -> None:
    """Raise Problem without iptables and runc: these two must fit this system's kernel and C library."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
    missing = [name for name in FROM_SYSTEM if not shutil.which(name, path=path)]
    if missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Problem(
            f"no Docker engine answers; {', '.join(missing) or 'nothing'} to run one here is missing",
            expected="an engine, or root on a Debian system to start one",
            do=f"install Docker, or as root: {install_line(missing)}" if missing else "install Docker, or be root",
        )


def _unpack(work: Path, step: Step) -> Path:
    """Debian 13's packages, verified by apt by the archive's key, unpacked in a folder in `work`."""
    mirror = next((archive for archive in archives() if archive.endswith("/debian")), None)
    if mirror is None:
        raise Problem("apt's configuration names no archive of Debian", expected="a Debian system")
    sources = work / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n", encoding="utf-8")
    for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
        (work / folder).mkdir(parents=True)
    own = [f"Dir::Etc::SourceList={sources}", "Dir::Etc::SourceParts=-", "APT::Sandbox::User=root"]
    own += [f"Dir::State={work / 'state'}", f"Dir::Cache={work / 'cache'}", "Acquire::Languages=none"]
    options = [part for setting in own for part in ("-o", setting)]
    step.say(f"the index of {SUITE}")
    step.run(["apt-get", *options, "update"])
    step.say(f"downloading {len(UNPACKED)} packages")
    step.run(["apt-get", *options, "download", *UNPACKED], cwd=work / "debs")
    software = work / "software"
    for package in sorted((work / "debs").glob("*.deb")):
        step.say(f"unpacking {package.name}")
        step.run(["dpkg", "-x", package, software])
    return software


def _start(place: Place, steps: Steps) -> None:
    """Start dockerd, wait until it answers, and write down which process it is."""
    settings = place.home / "daemon.json"
    settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
    command = [
        "dockerd",
        "--config-file",
        settings,
        "--data-root",
        place.home / "data",
        "--pidfile",
        place.home / "pid",
    ]
    with steps.step("engine's start") as step, place.log.open("ab") as log:
        (place.home / "pid").unlink(missing_ok=True)
        started = subprocess.Popen(
            [str(word) for word in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        _started.append(started)
        deadline = time.monotonic() + ANSWER_LIMIT_S
        while not answers():
            if started.poll() is not None or time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    started.send_signal(signal.SIGTERM)
                raise Problem("the Docker engine does not start", expected="an answer", do=f"its log: {place.log}")
            step.say("waiting for an answer")
            time.sleep(0.2)
    running = process(started.pid)
    if running:
        _record_file().write_text(json.dumps({"pid": running.pid, "started": running.started}), encoding="utf-8")


def _record_file() -> Path:
    return cache_root() / "docker-engine" / "started.json"


def _recorded() -> Process | None:
    """The engine that `up` started, where it still runs."""
    try:
        said = json.loads(_record_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = process(said["pid"])
    return found if found and found.started == said["started"] else None


def _quiet(command: Sequence[str], environment: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """The exit code of one command."""
    command = arguments[0] if arguments else "status"
    home = cache_root() / "docker-engine"
    if command == "up":
        up()
    elif command == "down":
        down()
    elif command != "status":
        print(__doc__, file=sys.stderr)
        return ExitCode.USAGE
    client = {"PATH": os.environ["PATH"], "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", "")}
    if command == "up" and client["DOCKER_CONFIG"].startswith(str(home)):
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in client.items()))
    elif command == "status":
        print("an engine answers" if answers() else "no engine answers to this client")
    return ExitCode.PASS


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.exit_code)
