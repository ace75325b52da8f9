"""A host's Docker engine, NVIDIA's toolkit, and the images: the very ones that the organiser wants, and in use."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.suite import Failed, check
from provisioning.hosts.checks.gpu import require_gpus
from provisioning.hosts.checks.host import Host, Subject

ENGINE_NEEDED = (25, 0)  # the first with CDI
COMPOSE_NEEDED = (2, 17)  # the first with additional_contexts
TOOLKIT_NEEDED = (1, 17, 8)  # an older one lets a container out: CVE-2025-23266
NOTED = "/var/lib/workshop/images.json"  # written when the images are brought
_NUMBERS = re.compile(r"\d+(?:\.\d+)+")
_ASK_ENGINE = """\
docker version --format '{{.Server.Version}}' && docker compose version --short &&
docker info --format '{{json .CDISpecDirs}}'"""


@dataclass(frozen=True, slots=True)
class Engine:
    """What a Docker engine says of itself. cdi: whether it hands out devices by CDI name."""

    version: str
    compose: str
    cdi: bool


def numbers(text: str) -> tuple[int, ...]:
    """The first dotted number in `text`: (26, 1, 5) of "26.1.5+dfsg1"; empty if there is none."""
    found = _NUMBERS.search(text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def dotted(version: tuple[int, ...]) -> str:
    """(1, 17, 8) as "1.17.8"."""
    return ".".join(map(str, version))


def gather_engine(host: Host) -> Engine:
    """Ask docker. Failed if it does not answer."""
    ran = host.run(_ASK_ENGINE)
    lines = ran.out.splitlines()
    if ran.code != 0 or len(lines) < 3:
        raise Failed(f"docker: it {ran.ending}: {ran.last_words}", expected="an engine that answers, and compose")
    return Engine(lines[0].strip(), lines[1].strip(), bool(json.loads(lines[2])))


def judge_engine(engine: Engine, *, needs_cdi: bool) -> str | None:
    """What is wrong with `engine`, in words; None if nothing is."""
    if numbers(engine.version) < ENGINE_NEEDED:
        return f"Docker {engine.version}"
    if numbers(engine.compose) < COMPOSE_NEEDED:
        return f"Docker Compose {engine.compose}"
    if needs_cdi and not engine.cdi:
        return f"Docker {engine.version} with CDI off"
    return None


@check("host.engine", "The Docker engine is new enough and hands out GPUs by CDI", requires=["host.reach"])
def engine(subject: Subject) -> str:
    """Install a newer docker-ce, or on Debian 13 its docker.io, with the compose plugin. CDI off: have
    "features": {"cdi": true} in /etc/docker/daemon.json and restart docker."""
    found = gather_engine(subject.host)
    if fault := judge_engine(found, needs_cdi=subject.expected.has_gpus):
        wanted = f"Docker {dotted(ENGINE_NEEDED)} with CDI, Compose {dotted(COMPOSE_NEEDED)}, or newer"
        raise Failed(fault, expected=wanted)
    return f"Docker {found.version}, Compose {found.compose}"


@check("host.toolkit", "NVIDIA's container toolkit is new enough", requires=["host.reach"])
def toolkit(subject: Subject) -> str:
    """`./workshop provision apply` installs it. By hand: the package nvidia-container-toolkit of NVIDIA's own apt
    repository, not an old one of the distribution's."""
    require_gpus(subject)
    ran = subject.host.run("nvidia-ctk --version")
    if ran.code != 0:
        raise Failed(f"nvidia-ctk: it {ran.ending}: {ran.last_words}", expected="the NVIDIA container toolkit")
    if numbers(ran.out) < TOOLKIT_NEEDED:
        raise Failed(f"nvidia-ctk {dotted(numbers(ran.out))}", expected=f"{dotted(TOOLKIT_NEEDED)} or newer")
    return f"nvidia-ctk {dotted(numbers(ran.out))}"


@dataclass(frozen=True, slots=True)
class Images:
    """The images on a host, and what the workshop's containers run."""

    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)  # reference -> all its digests, and its id
    noted: Mapping[str, str] = field(default_factory=dict)  # reference -> id, as written down when it was brought
    running: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # container -> reference, id


def gather_images(host: Host, references: tuple[str, ...], workshop: str) -> Images:
    """Ask docker about `references`, and about the running containers of the compose project `workshop`."""
    digests = {}
    for reference in references:
        ran = host.run(f"docker image inspect {shlex.quote(reference)}")
        if ran.code == 0:
            (said,) = json.loads(ran.out)
            named = (digest.rpartition("@")[2] for digest in said.get("RepoDigests") or ())
            digests[reference] = frozenset({str(said["Id"]), *named})
    ran = host.run(f"cat {NOTED}")
    noted = {str(name): str(identity) for name, identity in json.loads(ran.out).items()} if ran.code == 0 else {}
    label = shlex.quote(f"label=com.docker.compose.project={workshop}")
    ran = host.run(f"docker ps --quiet --filter {label} | xargs --no-run-if-empty docker inspect")
    containers = json.loads(ran.out) if ran.code == 0 and ran.out.strip() else []
    running = {
        str(each["Name"]).lstrip("/"): (_tagged(each["Config"]["Image"]), str(each["Image"])) for each in containers
    }
    return Images(digests, noted, running)


def _tagged(reference: str) -> str:
    """`reference` with the tag that Docker means if there is none."""
    return reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"


def judge_images(wanted: Mapping[str, str], found: Images) -> str | None:
    """What is wrong with `found`, in words; None if nothing is."""
    missing = [reference for reference in wanted if reference not in found.digests]
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not there"
    for reference, digest in wanted.items():
        known = digest or found.noted.get(reference, "")
        if not known:
            return f"{reference} has no digest to be compared with"
        if known not in found.digests[reference]:
            return f"{reference} is {min(found.digests[reference])}, not {known}"
    for container, (reference, identity) in found.running.items():
        if reference in found.digests and identity not in found.digests[reference]:
            return f"{container} runs an older {reference}"
    return None


@check(
    "host.images",
    "The images are those that were brought, by digest, and those are what runs",
    requires=["host.engine"],
)
def images(subject: Subject) -> str:
    """`./workshop provision apply` brings the images and makes the containers anew. An image of another digest was
    built or pulled by hand: `docker image rm` it first."""
    wanted = {subject.expected.lab_image: "", **subject.expected.images}
    found = gather_images(subject.host, tuple(wanted), subject.expected.workshop)
    if fault := judge_images(wanted, found):
        raise Failed(fault, expected=f"{len(wanted)} images, each by its digest")
    return f"{len(wanted)} images, {len(found.running)} containers"
