"""The workshop on this machine, without Docker: what `./workshop up`, `status` and `down` do."""

from __future__ import annotations

import argparse
import getpass
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from foundation import files
from foundation.problem import ExitCode, Problem
from foundation.steps import Steps, duration
from images import interpreter
from images.lab import environment as lab
from images.lab import kernels
from provisioning.here import instance, machine, needs, venv
from provisioning.here.instance import Record
from provisioning.here.place import Place, clean_environment
from provisioning.here.ports import LAST_PORT, free_ports, holder, is_free
from provisioning.here.session import session_environment

DEFAULT_PORT = 8000
PRIVATE_PORTS = 2  # the hub's own and the proxy's own


def up(options: argparse.Namespace, why: str) -> int:
    """Build what is missing, start the hub, print a URL that logs in. Stays until Ctrl-C unless --detach is given.

    `why` is the reason for doing it without Docker.
    """
    place = Place.from_environment()
    _refuse_inside(place, "up")
    place.make()
    steps = Steps(total=6, log=place.setup_log)
    with instance.alone(place):
        current = instance.running(place)
        if current:
            return _already_runs(place, current, options.port)
        _say_what_was_chosen(why)
        _clear_leftovers(place)
        port = choose_port(place, options.port)
        needs.provide(needs.UP, place, steps, yes=options.yes)
        venv.ensure(place, "hub", steps)
        lab_python = obtain_lab_environment(place, steps)
        _deliver(place, lab_python, steps)
        started = _start(place, port, lab_python, steps)
        files.write(place.hub / "port", f"{port}\n")
    try:
        _print_url(place, started, "The workshop runs. Open this link in a browser")
        if options.detach:
            print("Stop it: ./workshop down     Another link: ./workshop status")
            return ExitCode.PASS
        return _stay(place, started)
    except KeyboardInterrupt:
        return _end_by_ctrl_c(place)


def status() -> int:
    """Say whether the workshop runs, and print a fresh URL if it does. Exit code 0 if it runs, otherwise 1."""
    place = Place.from_environment()
    current = instance.running(place)
    if current is None:
        if place.state.is_dir():
            with instance.alone(place):  # raises if `up` is still at work on it
                pass
        left = instance.processes(place)
        print("The workshop does not run.")
        if left:
            print(f"Its hub was killed; {_counted(left)} of it still run: ./workshop down ends them.")
        print(f"Start it: ./workshop up     (state folder: {place.state})")
        return ExitCode.FAIL
    _describe(place, current)
    _print_url(place, current, "A new link")
    return ExitCode.PASS


def down() -> int:
    """End everything that belongs to this instance; the attendee's folder stays as it is."""
    place = Place.from_environment()
    _refuse_inside(place, "down")
    if not place.state.is_dir():
        print("The workshop does not run: nothing to end.")
        return ExitCode.PASS
    with instance.alone(place):
        _take_down(place)
    return ExitCode.PASS


def url(place: Place, current: Record) -> str:
    """A new one-time URL."""
    command = [str(place.venv_python), "-P", "-m", "hub.login", str(place.login)]
    environment = {**clean_environment(), "PYTHONPATH": str(place.clone)}
    minted = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if minted.returncode:
        reason = (minted.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(
            f"no link could be made: {reason}", expected=f"a file for it in {place.login}", do="./workshop up"
        )
    return f"http://127.0.0.1:{current.port}/hub/login?code={minted.stdout.strip()}"


def choose_port(place: Place, wanted: int | None) -> int:
    """`wanted` or nothing; without it the last one used, by default 8000, or the next that is free."""
    first = wanted or _last_port(place)
    if is_free(first):
        return first
    taken = f"port {first} is taken by {holder(first)}"
    others = free_ports(first + 1, 1) or free_ports(DEFAULT_PORT, 1)
    if wanted:
        raise Problem(taken, expected="a free port", do=f"./workshop up --port {others[0]}")
    print(f"{taken}: using {others[0]}")
    return others[0]


def obtain_lab_environment(place: Place, steps: Steps, row: str | None = None) -> Path:
    """The lab environment's Python, found or built, with its kernels where JUPYTER_PATH has them.

    row: a series or a row of versions.toml, by default the one that LAB_PYTHON names.
    """
    venv.adopt_pip_settings(place)
    row = row or os.environ.get("LAB_PYTHON")
    environment = lab.ensure(interpreter.obtain(steps, row), place.venv_python.with_name("uv"), steps)
    place.remember_lab_python(environment.python)
    kernels.install(environment.python, place.clone, place.jupyter)
    return environment.python


def up_options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was typed after `up`."""
    parser = argparse.ArgumentParser(prog="workshop up", description="Start the workshop on this machine.")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--docker", action="store_true", help="containers, or a message why not")
    kind.add_argument("--no-docker", action="store_true", help="local processes, no Docker")
    parser.add_argument(
        "--port", type=_port, help=f"the port on 127.0.0.1 (default: the last one used, or {DEFAULT_PORT})"
    )
    parser.add_argument("--detach", action="store_true", help="return as soon as it runs")
    parser.add_argument("--yes", action="store_true", help="install what this machine lacks without a question")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to {LAST_PORT}")
    return int(text)


def _last_port(place: Place) -> int:
    try:
        return _port((place.hub / "port").read_text(encoding="utf-8").strip())
    except (OSError, argparse.ArgumentTypeError):
        return DEFAULT_PORT


def _refuse_inside(place: Place, command: str) -> None:
    """A session cannot start or end itself: the command would be among the processes to end."""
    if os.environ.get(instance.MARK) == str(place.state):
        raise Problem(
            f"`{command}` was typed inside the workshop that it is about",
            expected="a terminal of the machine, outside JupyterLab",
            do=f"in such a terminal: ./workshop {command}",
        )


def _say_what_was_chosen(why: str) -> None:
    print(f"found:   {machine.describe()}")
    print("chosen:  local processes on 127.0.0.1, without Docker, for one attendee")
    print(f"why:     {why}", flush=True)


def _clear_leftovers(place: Place) -> None:
    """End what a killed hub left behind, and say so."""
    left = instance.stop(place)
    if left:
        print(f"An earlier workshop was killed: {_counted(left)} of it still ran and have been ended.")


def _deliver(place: Place, lab_python: Path, steps: Steps) -> None:
    with steps.step(f"labs in {place.home}") as step:
        environment = session_environment(place, lab_python)
        step.run([lab_python, "-P", "-m", "labs", "deliver"], env=environment, cwd=place.home)


def _start(place: Place, port: int, lab_python: Path, steps: Steps) -> Record:
    with steps.step("JupyterHub") as step:
        private = free_ports(port + 1, PRIVATE_PORTS)
        if len(private) < PRIVATE_PORTS:
            raise Problem(f"no {PRIVATE_PORTS} free ports above {port}", do=f"./workshop up --port {DEFAULT_PORT}")
        try:
            started = instance.start(place, port, private, session_environment(place, lab_python))
            step.say(f"waiting for an answer from 127.0.0.1:{port}")
            instance.wait_for_answer(place, started)
        except BaseException:
            instance.stop(place)
            raise
    return started


def _print_url(place: Place, current: Record, headline: str) -> None:
    print(f"\n{headline} (it works once, within 12 hours):\n\n{url(place, current)}\n", flush=True)
    if "SSH_CONNECTION" in os.environ:
        forward = f"{current.port}:127.0.0.1:{current.port}"
        print(f"From the machine that you sit at, first: ssh -L {forward} {getpass.getuser()}@{socket.gethostname()}\n")


def _already_runs(place: Place, current: Record, wanted: int | None) -> int:
    if wanted and wanted != current.port:
        raise Problem(
            f"the workshop runs already, on port {current.port}",
            expected=f"to start it on port {wanted}",
            do=f"./workshop down\n./workshop up --port {wanted}",
        )
    _print_url(place, current, "The workshop runs already. A new link")
    return ExitCode.PASS


def _stay(place: Place, started: Record) -> int:
    """Wait until the hub ends: by `down` in another terminal, or by itself, which is a problem."""
    print(f"Ctrl-C stops it; your work is kept in {place.home}", flush=True)
    instance.wait_for_end(started)
    if instance.record(place) is None:
        print("The workshop was stopped.")
        return ExitCode.PASS
    raise Problem(
        f"the hub ended by itself; its last lines:\n{instance.last_lines(place.log)}",
        expected="a hub that runs until Ctrl-C or ./workshop down",
        do=f"./workshop up\nits log: {place.log}",
    )


def _end_by_ctrl_c(place: Place) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C would leave something behind
    with suppress(OSError):  # if the terminal was closed there is nobody to tell
        print("\nStopping ...", flush=True)
    with instance.alone(place):
        _take_down(place)
    return ExitCode.PASS


def _take_down(place: Place) -> None:
    ended = instance.stop(place)
    if ended:
        print(f"The workshop is down: {_counted(ended)} ended, none is left. Your work is kept in {place.home}")
    else:
        print("The workshop does not run: nothing to end.")


def _describe(place: Place, current: Record) -> None:
    hub = current.hub
    everything = instance.processes(place)
    since = datetime.now().astimezone() - timedelta(seconds=hub.running_s if hub else 0)
    memory_mb = sum(each.memory_bytes for each in everything) / 1e6
    answer = "answers" if instance.answers(current.port) else "does NOT answer"
    print(f"The workshop runs and {answer} on 127.0.0.1:{current.port}.")
    print(f"since:   {since:%Y-%m-%d %H:%M} ({duration(hub.running_s if hub else 0)})")
    print(f"memory:  {memory_mb:.0f} MB in {_counted(everything)}")
    for each in everything:
        print(f"  {each.pid:>8}  {each.memory_bytes / 1e6:5.0f} MB  {each.command[:90]}")
    print(f"folder:  {place.home}\nlog:     {place.log}")


def _counted(found: Sequence[object]) -> str:
    return f"{len(found)} process{'es' * (len(found) != 1)}"
