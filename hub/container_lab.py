"""The attendee's JupyterLab as a container: limited, without privileges, on a network of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from dockerspawner import DockerSpawner
from traitlets import Float, Integer, Unicode

from hub.lab_networks import WORKSHOP_LABEL, LabNetworks

OWNER_LABEL = "gilfree.owner"
CPU_PERIOD_US = 100_000


class ContainerLab(DockerSpawner):  # type: ignore[misc]  # dockerspawner has no types
    """One container, one volume and one network for each attendee, all three found again by their names."""

    workshop = Unicode(config=True, help="The name of this workshop: Docker Compose's project")
    lab_addresses = Unicode("10.213.0.0/16", config=True, help="Where the labs' networks take their addresses from")
    cpus = Integer(2, config=True, help="Cores of one lab")
    shared_memory = Unicode("1g", config=True, help="/dev/shm of one lab")
    processes = Integer(512, config=True, help="Processes and threads of one lab")
    start_timeout_s = Float(60)

    @property
    def networks(self) -> LabNetworks:
        """The networks of this workshop's labs."""
        return LabNetworks(self.client, self.workshop, self.lab_addresses)

    async def start(self) -> Any:
        """Start the container on its own network; its address."""
        self.network_name = self.object_name
        await self._on_the_engine(self.networks.ensure, self.network_name)
        return await super().start()

    async def stop(self, now: bool = False) -> None:
        """Stop and remove the container, then its network. The volume with the attendee's work stays."""
        network = self.object_name
        await super().stop(now)
        await self._on_the_engine(self.networks.remove, network)

    def load_state(self, state: dict[str, Any]) -> None:
        """After a hub's restart: the lab is where it was."""
        super().load_state(state)
        self.network_name = self.object_name

    async def create_object(self) -> Any:
        """Create the container with our limits."""
        self.extra_host_config = {**self.limits(), **self.extra_host_config}
        self.extra_create_kwargs = {"labels": self.labels()}
        return await super().create_object()

    def labels(self) -> dict[str, str]:
        """By which a container says whose it is."""
        return {WORKSHOP_LABEL: self.workshop, OWNER_LABEL: self.user.name}

    def limits(self) -> dict[str, Any]:
        """What the lab may use, and no privilege at all."""
        return {
            "cpu_period": CPU_PERIOD_US,
            "cpu_quota": self.cpus * CPU_PERIOD_US,
            "memswap_limit": self.mem_limit,  # memory and swap together: no swap
            "pids_limit": self.processes,
            "shm_size": self.shared_memory,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "init": True,
        }

    def get_env(self) -> dict[str, str]:
        """os.cpu_count() and the native libraries ignore a container's share of the cores: tell them."""
        share = str(self.cpus)
        threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        return {**super().get_env(), "PYTHON_CPU_COUNT": share, **dict.fromkeys(threads, share)}

    async def _on_the_engine(self, call: Any, *arguments: Any) -> Any:
        """Run `call` on the thread of dockerspawner's own calls."""
        return await asyncio.wrap_future(self.executor.submit(call, *arguments))
