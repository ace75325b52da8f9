"""The first `./workshop up` on a fresh machine: done in full, or what it made the last time."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from images import locks
from images.cache import content_key
from tests.bare.machine import FreshMachine, fresh_machine
from tests.conftest import ROOT
from tests.docker.stack import docker, succeeded

REPOSITORY = "gilfree-test/first-up"
RECORD = "/first-up.json"
UP = ("./workshop", "up", "--yes", "--no-docker", "--detach")
LOCKS = ("uv", "hub", "lab-3.13t", "wheels-3.13t")
# What decides what is installed and built; a change elsewhere is met by the tests that start from what is kept.
RECIPE = (
    "foundation/packages.py",
    "images/versions.toml",
    "images/interpreter.py",
    "images/cpython/*.py",
    "images/wheels/*.py",
    "images/lab/environment.py",
    "provisioning/here/apt.py",
    "provisioning/here/needs.py",
    "provisioning/here/venv.py",
    "tests/bare/Dockerfile",
    "tests/bare/first_up.py",
)


@dataclass(frozen=True, slots=True)
class FirstUp:
    """What root's first `up` said and did, and the image of a fresh machine that has the cache which it filled."""

    image: str
    code: int
    out: str
    err: str
    installed: list[str]
    opened: str
    ended: str
    took_s: float


def first_up(bare: str, suite: str, settings: Path, bundle: Path) -> FirstUp:
    """The one that is kept, or one that is done now."""
    image = f"{REPOSITORY}:{suite}-{_key(bare)}"
    if not docker("image", "ls", "--quiet", image):
        with fresh_machine(bare, settings) as machine:
            _keep(machine, _do(machine, image, bundle), bare, settings)
        _remove_older(image, suite)
    said = docker("run", "--rm", image, "cat", RECORD)
    return FirstUp(**{**json.loads(said), "image": image})


def _do(machine: FreshMachine, image: str, bundle: Path) -> FirstUp:
    machine.clone("root", bundle)
    before, began = machine.installed(), time.monotonic()
    done = machine.run("root", *UP)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    took_s = time.monotonic() - began
    opened = machine.opens("root", done.stdout)
    ended = machine.said("root", "./workshop", "down")
    installed = sorted(machine.installed() - before)
    return FirstUp(image, done.returncode, done.stdout, done.stderr, installed, opened, ended, took_s)


def _keep(machine: FreshMachine, made: FirstUp, bare: str, settings: Path) -> None:
    """A new machine gets the cache, as ada's, and the record, and becomes the image."""
    with fresh_machine(bare, settings) as other:
        cache = ["docker", "exec", machine.name, "tar", "--directory", "/", "--create", "cache"]
        unpack = [
            "docker",
            "exec",
            "--interactive",
            "--user",
            "ada",
            other.name,
            "tar",
            "--directory",
            "/",
            "--extract",
        ]
        with subprocess.Popen(cache, stdout=subprocess.PIPE) as packing:
            subprocess.run([*unpack, "--no-overwrite-dir"], stdin=packing.stdout, check=True)
        assert packing.returncode == 0
        write = ["docker", "exec", "--interactive", other.name, "tee", RECORD]
        record = json.dumps(asdict(made))
        succeeded(subprocess.run(write, input=record, capture_output=True, text=True, check=False))
        docker("commit", other.name, made.image)


def _key(bare: str) -> str:
    recipe = [file for pattern in RECIPE for file in ROOT.glob(pattern)]
    base = docker("image", "inspect", "--format", "{{.Id}}", bare).strip()
    return content_key({"base": base}, [*recipe, *map(locks.lock_file, LOCKS)])


def _remove_older(image: str, suite: str) -> None:
    listed = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", REPOSITORY).split()
    for older in listed:
        if older.startswith(f"{REPOSITORY}:{suite}-") and older != image:
            subprocess.run(["docker", "image", "rm", older], capture_output=True, check=False)
