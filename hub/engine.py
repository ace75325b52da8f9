"""The Docker engine as GPU slots need it: which containers exist, and away with one."""

from __future__ import annotations

from typing import Protocol

from docker import APIClient
from docker.errors import APIError

from hub.gpus import Gpus
from hub.slots import Session, Slot

WORKSHOP_LABEL = "gilfree.workshop"
OWNER_LABEL = "gilfree.owner"
SLOT_LABEL = "gilfree.slot"
LEASE_LABEL = "gilfree.lease"
GONE_ALREADY = (404, 409)


class Engine(Protocol):
    """What can be asked of an engine. Each call blocks, and raises whatever it likes when there is no answer."""

    def slots(self) -> list[Slot]:
        """The slots of the GPUs that are there now."""

    def sessions(self) -> list[Session]:
        """All sessions' containers of all workshops, of every state."""

    def remove(self, container: str) -> None:
        """Stop and remove a container; one that is gone already is as good."""


class DockerEngine:
    """The real one. Volumes stay: they hold the attendees' work."""

    def __init__(self, client: APIClient, workshop: str, gpus: Gpus):
        self.client = client
        self.workshop = workshop
        self.gpus = gpus

    def slots(self) -> list[Slot]:
        """As GPU_SLOTS asks for, of the GPUs that CDI names now."""
        return self.gpus.slots(self.client.info())

    def sessions(self) -> list[Session]:
        """All sessions' containers, by their labels."""
        return [
            self._session(found["Id"], found["Labels"], found["State"])
            for found in self.client.containers(all=True, filters={"label": OWNER_LABEL})
        ]

    def remove(self, container: str) -> None:
        """Stop and remove a container."""
        try:
            self.client.remove_container(container, force=True)
        except APIError as error:
            if error.status_code not in GONE_ALREADY:
                raise

    def _session(self, container: str, labels: dict[str, str], state: str) -> Session:
        return Session(
            container=container,
            owner=labels[OWNER_LABEL],
            state=state,
            lease=labels.get(LEASE_LABEL, ""),
            slot=Slot.from_label(labels.get(SLOT_LABEL, "")),
            is_ours=labels.get(WORKSHOP_LABEL) == self.workshop,
        )
