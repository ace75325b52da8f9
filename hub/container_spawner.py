"""A session as a container: limited, without privileges, on a network of its own, perhaps on a GPU."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

from docker.errors import APIError
from docker.types import DeviceRequest
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import AnyTimeoutError, wait_for_http_server
from traitlets import Bool, Float, Integer, Unicode

from hub import spawn_page
from hub.engine import LEASE_LABEL, OWNER_LABEL, SLOT_LABEL, WORKSHOP_LABEL
from hub.gpus import KIND
from hub.seats import REHEARSAL
from hub.session_networks import SessionNetworks
from hub.slot_desk import SlotDesk
from hub.slots import Lease
from hub.start_queue import StartQueue

CPU_PERIOD_US = 100_000
POLL_S = 1.0
LAST_WORDS = 20  # lines of a container's log
ENGINE_CALLS = 16  # at once; a stop is one of up to ten seconds, and dockerspawner's one thread makes a class queue
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "PYTHON_CPU_COUNT")


class ContainerSpawner(DockerSpawner):  # type: ignore[misc]  # dockerspawner has no types
    """One container, one volume and one network for each attendee, all three found again by their names."""

    workshop = Unicode(config=True, help="The name of this workshop: Docker Compose's project")
    network_addresses = Unicode("10.213.0.0/16", config=True, help="The addresses that the sessions' networks share")
    cpus = Integer(2, config=True, help="Cores of one session")
    shared_memory = Unicode("1g", config=True, help="/dev/shm of one session")
    processes = Integer(512, config=True, help="Processes and threads of one session")
    offers_gpus = Bool(True, config=True, help="Whether attendees may choose a GPU, if there is one")
    idle_s = Float(0, config=True, help="A session ends by itself after so long without use; 0: never")
    longest_s = Float(0, config=True, help="A session is told that the hub ends it after so long; 0: never")
    desk: ClassVar[SlotDesk]  # shared by all; a configured value would be copied for each
    queue: ClassVar[StartQueue]
    executor = ThreadPoolExecutor(ENGINE_CALLS, thread_name_prefix="engine")
    where: str = spawn_page.GPU
    lease: Lease | None = None

    @property
    def networks(self) -> SessionNetworks:
        """The networks of this workshop's sessions."""
        return SessionNetworks(self.client, self.workshop, self.network_addresses)

    @property
    def wants_gpu(self) -> bool:
        """What the attendee has chosen; a GPU if nothing was chosen, unless there are certainly none."""
        slots = self.desk.ledger.availability()
        return self.offers_gpus and self.where == spawn_page.GPU and (slots.total > 0 or not slots.is_known)

    async def run_pre_spawn_hook(self) -> None:
        """Wait for a slot, then for a turn to start: outside of JupyterHub's time limits, which count from `start`."""
        try:
            await self.desk.look()
            if self.wants_gpu:
                self.lease = await self.desk.acquire(self.user.name)
            await self.queue.enter(self.user.name)
        except BaseException:
            self._end_start()
            raise

    async def start(self) -> tuple[str, int]:
        """Start the container and wait until JupyterLab in it answers; its address."""
        try:
            self.network_name = self.object_name
            await self.be_reachable()
            address: tuple[str, int] = await super().start()
            await self._until_it_answers(address)
            return address
        finally:
            self._end_start()

    async def start_object(self) -> None:
        """Start the container, unless its slot has been given up meanwhile."""
        if self.lease and not self.desk.ledger.may_start(self.lease):
            raise SpawnException("This start took too long and was given up.", reason="given-up")
        await super().start_object()

    async def stop(self, now: bool = False) -> None:
        """Stop and remove the container, then its network. The volume with the attendee's work stays."""
        await super().stop(now)
        await self._clear_away()

    async def run_post_stop_hook(self) -> None:
        """After every end, a failed start's too: leave nothing behind, and say what a crashed session said last."""
        self._end_start()
        await self._clear_away()
        await self.desk.look()

    async def delete_forever(self) -> None:
        """With its account, a rehearsal's attendee leaves nothing; a person's work outlives the account."""
        if self.user.name.startswith(REHEARSAL):
            for home in self.volume_binds:
                await self._on_the_engine(self.client.remove_volume, home)

    def load_state(self, state: dict[str, Any]) -> None:
        """After a hub's restart the session is where it was."""
        super().load_state(state)
        self.network_name = self.object_name

    async def be_reachable(self) -> None:
        """Afterwards hub and proxy, which may be new ones, are on the session's network."""
        await self._on_the_engine(self.networks.ensure, self.object_name)

    async def get_object(self) -> Any:
        """The container as the engine shows it, None if there is none. No answer is an error, not None."""
        try:
            found = await self.docker("inspect_container", self.object_name)
        except APIError as error:
            if error.status_code != 404:
                raise
            self.object_id = ""
            return None
        self.object_id = found["Id"]
        return found

    async def poll(self) -> Any:
        """None while the session runs. It counts as running, too, while the engine cannot be asked.

        A container that an earlier hub made, and was killed before it could record it, is no session: nobody knows its
        address. The slot desk clears it away.
        """
        self.desk.watch()  # also after a hub's restart, when nobody has asked for a slot yet
        if not (self.object_id or self._start_pending):
            return 0
        try:
            ended = await super().poll()
            if ended is None and not self._start_pending:
                await self.be_reachable()
            return ended
        except (APIError, OSError) as error:
            self.log.warning("the Docker engine does not say whether %s runs: %s", self.object_name, error)
            return None

    async def create_object(self) -> Any:
        """Create the container with our limits, labels and, under a lease, its GPU."""
        self.extra_host_config = self.limits() | self.gpu()
        self.extra_create_kwargs = {"labels": self.labels()}
        return await super().create_object()

    def labels(self) -> dict[str, str]:
        """By which a container says whose it is, and which slot it holds."""
        lease = {SLOT_LABEL: self.lease.slot.label, LEASE_LABEL: self.lease.number} if self.lease else {}
        return {WORKSHOP_LABEL: self.workshop, OWNER_LABEL: self.user.name, **lease}

    def gpu(self) -> dict[str, Any]:
        """The one GPU of the lease, by its CDI name."""
        if not self.lease:
            return {}
        return {"device_requests": [DeviceRequest(driver="cdi", device_ids=[f"{KIND}={self.lease.slot.device}"])]}

    def limits(self) -> dict[str, Any]:
        """What the session may use, and no privilege at all."""
        return {
            "auto_remove": False,  # a crashed session's log is worth reading
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
        """os.cpu_count() and the native libraries ignore a container's share of cores and GPU memory: tell them."""
        told = dict.fromkeys(POOLS, str(self.cpus))
        told |= {"WORKSHOP_IDLE_S": str(self.idle_s), "WORKSHOP_LONGEST_S": str(self.longest_s)}
        if self.lease and self.lease.slot.memory_mb:
            told["WORKSHOP_GPU_MEMORY_MB"] = str(self.lease.slot.memory_mb)
            told["CUPY_GPU_MEMORY_LIMIT"] = str(self.lease.slot.memory_mb * 1_000_000)
        return {**super().get_env(), **told}

    async def get_options_form(self) -> str:
        """The choice between GPU and CPU with how many slots are free; empty if there is nothing to choose."""
        await self.desk.look()
        return spawn_page.form(self.desk.ledger.availability(), offers_gpus=self.offers_gpus)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """What this start waits for, whenever that changes."""
        said: dict[str, Any] = {}
        while True:
            now = self._now()
            if now != said:
                said = now
                yield dict(now)  # JupyterHub may change it
            await asyncio.sleep(POLL_S)

    def _now(self) -> dict[str, Any]:
        owner = self.user.name
        for_slot, for_turn = self.desk.ledger.position(owner), self.queue.position(owner)
        if for_slot:
            return spawn_page.waiting_for_gpu(for_slot, self.desk.ledger.availability())
        if for_turn:
            return spawn_page.waiting_for_turn(for_turn)
        return spawn_page.starting(self.lease.slot.device if self.lease else "")

    async def _until_it_answers(self, address: tuple[str, int]) -> None:
        """A container that ends instead is reported at once, with what it said, not when the time is up."""
        url = f"http://{address[0]}:{address[1]}{self.server.base_url}api"
        while True:
            try:
                await wait_for_http_server(url, timeout=POLL_S)
            except AnyTimeoutError:
                if await self.poll() is not None:
                    raise SpawnException(
                        "The session ended as soon as it had started. Its last words are in the hub's log.",
                        reason="ended-at-once",
                    ) from None
            else:
                return

    async def _clear_away(self) -> None:
        """Remove what has ended: the container, its last words first, and the network."""
        try:
            found = await self.get_object()
            if found and not found["State"]["Running"]:
                tail = partial(self.client.logs, found["Id"], tail=LAST_WORDS)
                self.log.info("last words of %s: %s", self.object_name, (await self._on_the_engine(tail)).decode())
                await self.remove_object()
            if not found or not found["State"]["Running"]:
                await self._on_the_engine(self.networks.remove, self.object_name)
        except (APIError, OSError) as error:
            self.log.warning("%s is not cleared away: %s", self.object_name, error)

    def _end_start(self) -> None:
        """May be repeated, and comes also if nothing had begun."""
        self.queue.leave(self.user.name)
        if self.lease:
            self.desk.ledger.end_start(self.lease)

    async def _on_the_engine(self, call: Any, *arguments: Any) -> Any:
        """Run `call` on one of the threads of dockerspawner's own calls."""
        return await asyncio.wrap_future(self.executor.submit(call, *arguments))
