"""Engines, toolkits and images of hosts that are wrong in one way each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.environment.fresh import Ran
from checks.suite import Failed, Skipped
from provisioning.hosts.checks.engine import engine, images, numbers, toolkit
from provisioning.hosts.checks.host import Subject
from tests.provisioning.hosts.checks.fakes import HUB, LAB, FakeHost, subject_of

CDI = '["/etc/cdi","/var/run/cdi"]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26.1.5+dfsg1", (26, 1, 5)),
        ("NVIDIA Container Toolkit CLI version 1.17.8\ncommit: f202b80", (1, 17, 8)),
        ("v2.26.1-ds1", (2, 26, 1)),
        ("", ()),
    ],
)
def test_a_version_is_found_in_what_programs_say(text: str, expected: tuple[int, ...]) -> None:
    assert numbers(text) == expected


def test_a_new_engine_with_cdi_passes() -> None:
    assert engine.run(subject_of({"docker version": f"26.1.5\n2.26.1\n{CDI}\n"})) == "Docker 26.1.5, Compose 2.26.1"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (f"20.10.24\n2.26.1\n{CDI}\n", "Docker 20.10.24"),
        (f"26.1.5\n2.5.0\n{CDI}\n", "Docker Compose 2.5.0"),
        ("26.1.5\n2.26.1\nnull\n", "Docker 26.1.5 with CDI off"),
        (Ran(1, "", "Cannot connect to the Docker daemon"), "Cannot connect to the Docker daemon"),
        (Ran(127, "", "sh: 1: docker: not found"), "docker: not found"),
    ],
)
def test_an_engine_that_will_not_do_is_named(answer: str | Ran, said: str) -> None:
    with pytest.raises(Failed, match=said):
        engine.run(subject_of({"docker version": answer}))


def test_without_gpus_an_engine_needs_no_cdi() -> None:
    assert engine.run(subject_of({"docker version": "26.1.5\n2.26.1\nnull\n"}, gpu_slots="none")).startswith("Docker")  # type: ignore[union-attr]


def test_a_toolkit_that_lets_containers_out_is_too_old() -> None:
    assert toolkit.run(subject_of({"nvidia-ctk": "CLI version 1.20.0\n"})) == "nvidia-ctk 1.20.0"
    with pytest.raises(Failed, match=r"nvidia-ctk 1\.17\.7"):
        toolkit.run(subject_of({"nvidia-ctk": "CLI version 1.17.7\n"}))
    with pytest.raises(Failed, match="not found"):
        toolkit.run(subject_of({}))
    with pytest.raises(Skipped):
        toolkit.run(subject_of({}, gpu_slots="none"))


def inspected(identity: str, *digests: str) -> str:
    return json.dumps(
        [{"Id": identity, "RepoDigests": [f"registry.example.org/gilfree/hub@{digest}" for digest in digests]}]
    )


def container(name: str, reference: str, identity: str) -> dict[str, Any]:
    return {"Name": f"/{name}", "Config": {"Image": reference}, "Image": identity}


def with_images(wanted: dict[str, str], *running: dict[str, Any]) -> Subject:
    """A host with lab and hub, on which these containers run."""
    answers: dict[str, str | Ran] = {
        f"image inspect {HUB}": inspected("sha256:b", "sha256:d"),
        f"image inspect {LAB}": inspected("sha256:a"),
        "image inspect": Ran(1, "[]", "Error response from daemon: No such image"),
        "cat /var/lib/workshop/images.json": json.dumps({LAB: "sha256:a", HUB: "sha256:b"}),
        "docker ps": json.dumps(running) if running else "",
    }
    return subject_of(answers, images=wanted)


@pytest.mark.parametrize("digest", ["sha256:b", "sha256:d", ""], ids=["id", "digest", "noted"])
def test_an_image_is_known_by_digest_or_id(digest: str) -> None:
    running = container("gilfree-hub-1", "gilfree/hub", "sha256:b")
    assert images.run(with_images({HUB: digest}, running)) == "2 images, 1 containers"


def test_an_image_that_was_changed_since_it_was_brought_is_named() -> None:
    changed = with_images({HUB: ""})
    assert isinstance(changed.host, FakeHost)
    noted = {
        **changed.host.answers,
        "cat /var/lib/workshop/images.json": json.dumps({LAB: "sha256:a", HUB: "sha256:x"}),
    }
    with pytest.raises(Failed, match="gilfree/hub:latest is sha256:b, not sha256:x"):
        images.run(subject_of(noted, images={HUB: ""}))
    unnoted = {**noted, "cat /var/lib/workshop/images.json": Ran(1, "", "No such file")}
    with pytest.raises(Failed, match="has no digest to be compared with"):
        images.run(subject_of(unnoted, images={HUB: ""}))


@pytest.mark.parametrize(
    ("wanted", "running", "said"),
    [
        ({"gilfree/proxy": "sha256:c"}, [], "gilfree/proxy is not there"),
        ({HUB: "sha256:e"}, [], "gilfree/hub:latest is sha256:b, not sha256:e"),
        (
            {HUB: ""},
            [container("gilfree-hub-1", "gilfree/hub", "sha256:old")],
            "gilfree-hub-1 runs an older gilfree/hub:latest",
        ),
    ],
)
def test_an_image_that_is_not_the_one_wanted_is_named(
    wanted: dict[str, str], running: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(Failed, match=said):
        images.run(with_images(wanted, *running))
