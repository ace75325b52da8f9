"""A host's GPUs: one driver version everywhere, seen in containers, and still there after systemd has reloaded."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml  # JSON is YAML

from checks.environment import nvidia
from checks.environment.fresh import Ran
from checks.environment.gpu import DRIVER_NEEDED, major, word_broken
from checks.environment.nvidia import Device, Driver, State
from checks.suite import Failed, Found, Skipped, check
from provisioning.hosts.checks.host import Subject

KIND = "nvidia.com/gpu"
SPECIFICATIONS = ("/etc/cdi", "/var/run/cdi")
CONTAINER_LIMIT_S = 60.0
_VERSION = re.compile(r"\b\d{3,}\.\d+(?:\.\d+)?\b")
_LIBRARY = re.compile(r"lib(?:cuda|nvidia-ml)\.so\.(\d+\.\d+(?:\.\d+)?)")
_INDEX = re.compile(r"\d+(:\d+)?")
_UUID = re.compile(r"\(UUID: (?P<uuid>[^)]+)\)")
_PART = "====="
_ASK_DRIVER = f"""\
ls -d /dev/nvidia[0-9]* 2>/dev/null; echo {_PART}
cat /proc/driver/nvidia/version 2>/dev/null; echo {_PART}
modinfo --field version nvidia 2>/dev/null; echo {_PART}
if command -v nvidia-smi >/dev/null; then
  timeout 15 nvidia-smi --query-gpu=name,uuid,memory.total,driver_version --format=csv,noheader,nounits 2>&1
  echo "{_PART}$?"
fi"""
_REGENERATE = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"


@dataclass(frozen=True, slots=True)
class Versions:
    """What a host says of its driver: the module that runs, the one that is installed, and nvidia-smi's answer."""

    loaded: str
    installed: str
    driver: Driver


def require_gpus(subject: Subject) -> None:
    """Skipped if the inventory wants no GPUs there."""
    if not subject.expected.has_gpus:
        raise Skipped("the inventory wants no GPUs here: workshop_gpu_slots is none")


def gather_versions(subject: Subject) -> Versions:
    """Ask for all of it at once."""
    ran = subject.host.run(_ASK_DRIVER)
    nodes, loaded, installed, *smi = ran.out.split(_PART)
    answer = Ran(_exit_code(smi[1]), smi[0].strip(), "") if len(smi) == 2 else None
    if ran.code is None:
        answer = Ran(None, "", "")
    found = _VERSION.search(loaded)
    driver = nvidia.judge(nodes.split(), bool(loaded.strip()), answer)
    return Versions(found.group() if found else "", installed.strip(), driver)


def _exit_code(text: str) -> int | None:
    code = int(text.strip() or 1)
    return None if code == 124 else code


def judge_versions(versions: Versions) -> str | None:
    """What is wrong, in words; None if nothing is. The driver works."""
    running = versions.loaded or versions.driver.devices[0].driver
    if not versions.installed:
        return f"driver {running} is loaded, and modinfo knows no nvidia module: after a reboot there will be none"
    if running != versions.installed:
        return f"driver {running} is loaded, {versions.installed} is installed"
    if major(running) < DRIVER_NEEDED:
        return f"driver {running}, older than {DRIVER_NEEDED}"
    return None


@check("host.driver", "The driver that runs is the one that is installed", requires=["host.reach"])
def driver(subject: Subject) -> Found:
    """Reboot the host: the driver was changed while the old one was loaded. `./workshop provision apply` does it if
    it may. One that is too old: set workshop_driver_branch in the inventory, and apply."""
    require_gpus(subject)
    versions = subject.once(gather_versions)
    if versions.driver.state is State.ABSENT:
        raise Failed("no NVIDIA GPU and no driver", expected="a GPU, or workshop_gpu_slots: none in the inventory")
    if versions.driver.state is not State.WORKS:
        raise word_broken(versions.driver)
    if fault := judge_versions(versions):
        raise Failed(fault, expected=f"one version everywhere, {DRIVER_NEEDED} or newer")
    devices = versions.driver.devices
    names = ", ".join(sorted({device.name for device in devices}))
    return Found(f"{devices[0].driver} on {len(devices)} x {names}", {"driver": devices[0].driver})


@dataclass(frozen=True, slots=True)
class Specifications:
    """What the CDI specifications of a host say: the driver that they mount, the GPUs that they name."""

    drivers: tuple[str, ...]
    devices: tuple[str, ...]


def gather_specifications(subject: Subject) -> Specifications:
    """Read all specifications of the host. ValueError if one cannot be read."""
    folders = " ".join(SPECIFICATIONS)
    ran = subject.host.run(f'for f in $(find {folders} -type f 2>/dev/null); do echo "{_PART}$f"; cat "$f"; done')
    drivers: set[str] = set()
    devices: set[str] = set()
    for part in ran.out.split(_PART)[1:]:
        file, _, text = part.partition("\n")
        names = tuple(_devices(file, text))
        devices.update(names)
        if names:
            drivers.update(_LIBRARY.findall(text))
    return Specifications(tuple(sorted(drivers)), _unique(devices))


def _devices(file: str, text: str) -> Iterator[str]:
    try:
        specification: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    if isinstance(specification, dict) and specification.get("kind") == KIND:
        for device in specification.get("devices", []):
            yield str(device["name"])


def _unique(names: set[str]) -> tuple[str, ...]:
    """Each GPU once: by its UUID rather than by its index, as the hub takes them."""
    single = names - {"all"}
    by_name = {name for name in single if not _INDEX.fullmatch(name)}
    return tuple(sorted(by_name or single))


def judge_specifications(found: Specifications, devices: Sequence[Device]) -> str | None:
    """What is wrong with what CDI says about `devices`, in words; None if nothing is."""
    if not found.devices:
        return f"no CDI specification names a GPU: {' and '.join(SPECIFICATIONS)}"
    if not found.drivers:
        return "the CDI specification mounts no library of the driver"
    loaded = devices[0].driver
    if found.drivers != (loaded,):
        return f"driver {loaded} is loaded, the CDI specification mounts {', '.join(found.drivers)}"
    if all(_INDEX.fullmatch(name) for name in found.devices):
        missing = max(0, len(devices) - len(found.devices))
        return f"{missing} of {len(devices)} GPUs are not in the CDI specification" if missing else None
    lacking = [each.uuid for each in devices if each.uuid not in found.devices]
    has_parts = any(name.startswith("MIG-") for name in found.devices)
    return f"the CDI specification lacks {', '.join(lacking)}" if lacking and not has_parts else None


@check("host.cdi", "CDI's specification is of the driver that runs, and names each GPU", requires=["host.driver"])
def cdi(subject: Subject) -> Found:
    """It was written for another driver or other GPUs. On the host: `sudo nvidia-ctk cdi generate
    --output=/etc/cdi/nvidia.yaml`; remove older files beside it. `./workshop provision apply` does the same."""
    try:
        found = subject.once(gather_specifications)
    except ValueError as error:
        raise Failed(str(error), expected="a CDI specification", do=_REGENERATE) from error
    if fault := judge_specifications(found, devices_of(subject)):
        raise Failed(fault, expected="one specification, of the loaded driver, with each GPU")
    return Found(f"{len(found.devices)} by name, driver {found.drivers[0]}", {"devices": list(found.devices)})


def devices_of(subject: Subject) -> tuple[Device, ...]:
    """The GPUs that nvidia-smi lists on the host."""
    return subject.once(gather_versions).driver.devices


def _device_words(subject: Subject) -> str:
    """docker's words for all of the host's GPUs, by CDI name."""
    names = subject.once(gather_specifications).devices
    return " ".join(f"--device {shlex.quote(f'{KIND}={name}')}" for name in names)


def judge_visible(ran: Ran, devices: Sequence[Device]) -> str | None:
    """What is wrong with `nvidia-smi -L` of a container that got them all, in words; None if nothing is."""
    if ran.code != 0:
        return f"it {ran.ending}: {ran.last_words}"
    seen = {match["uuid"] for match in _UUID.finditer(ran.out)}
    missing = [each.uuid for each in devices if each.uuid not in seen]
    return f"a container that was given every GPU does not see {', '.join(missing)}" if missing else None


@check(
    "host.gpu_container",
    "A container sees the GPUs that it is given",
    requires=["host.cdi", "host.engine", "host.images"],
    limit_s=2 * CONTAINER_LIMIT_S,
)
def gpu_container(subject: Subject) -> str:
    """`docker run --rm --device nvidia.com/gpu=all --entrypoint nvidia-smi LAB_IMAGE` on the host says more. The engine
    must have CDI on (docker info: CDI spec directories) and the specification must fit the driver (host.cdi)."""
    devices = devices_of(subject)
    image = shlex.quote(subject.expected.lab_image)
    command = f"docker run --rm --network none {_device_words(subject)} --entrypoint nvidia-smi {image} -L"
    ran = subject.host.run(command, CONTAINER_LIMIT_S)
    if fault := judge_visible(ran, devices):
        raise Failed(fault, expected=f"{len(devices)} GPUs inside")
    return f"{len(devices)} inside"


# A command that begins in the moment of the reload may be ended by it ("unable to start container process"). That is
# no lost GPU, so the second look waits until a command can begin.
_RELOAD = """\
name=gilfree-check-$$
trap 'docker rm --force $name >/dev/null 2>&1' EXIT
trap 'exit 1' INT TERM HUP
docker run --detach --rm --name $name --network none {devices} --entrypoint sleep {image} 120 >/dev/null || exit 1
docker exec $name nvidia-smi -L || exit 1
systemctl daemon-reload || exit 1
for attempt in 1 2 3 4 5; do docker exec $name true 2>/dev/null && break; sleep 1; done
echo {part}
docker exec $name nvidia-smi -L"""


def judge_reload(ran: Ran, devices: Sequence[Device]) -> str | None:
    """What is wrong, in words; None if the second look showed all that the first did."""
    before, reloaded, after = ran.out.partition(_PART)
    if not reloaded:
        return f"before the reload it {ran.ending}: {ran.last_words or before.strip()}"
    if fault := judge_visible(Ran(ran.code, after, ran.err), devices):
        return f"after a daemon-reload the container has lost its GPU: {fault}"
    return None


@check(
    "host.gpu_after_daemon_reload",
    "A running container keeps its GPUs when systemd reloads",
    requires=["host.gpu_container"],
    limit_s=2 * CONTAINER_LIMIT_S,
)
def gpu_after_daemon_reload(subject: Subject) -> str:
    """The GPU reaches containers by the old runtime hook: any update of a package would take it from running sessions.
    Take `default-runtime` out of /etc/docker/daemon.json, have "features": {"cdi": true}, restart docker."""
    script = _RELOAD.format(devices=_device_words(subject), image=shlex.quote(subject.expected.lab_image), part=_PART)
    ran = subject.host.run(script, CONTAINER_LIMIT_S)
    if fault := judge_reload(ran, devices_of(subject)):
        raise Failed(fault, expected="nvidia-smi in the same container, before and after")
    return "still there"
