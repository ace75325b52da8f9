"""What holds for whoever rents hosts out: nothing is forgotten, and the end is the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from libcloud.common.types import LibcloudError

from provisioning.hosts.cloud_file import Cloud
from provisioning.hosts.providers import Refused
from provisioning.hosts.providers.cloud import LibcloudProvider
from provisioning.hosts.renting import extend, give_back, rent, rented
from tests.provisioning.hosts.providers.labelled_dummy import LabelledDummy

END = datetime(2099, 5, 14, 18, tzinfo=UTC)


class Stubborn(LabelledDummy):
    """Does not let go of the hosts in `refused` the first time; ends the ones in `interrupted` with Ctrl-C."""

    refused: frozenset[str] = frozenset()
    interrupted: frozenset[str] = frozenset()
    forever = False
    full = False

    def destroy_node(self, node: Any) -> bool:
        if node.name in self.refused:
            self.refused = self.refused if self.forever else self.refused - {node.name}
            raise LibcloudError("try later", driver=self)
        return bool(super().destroy_node(node))

    def create_node(self, name: str, size: Any, image: Any, ex_metadata: dict[str, str] | None = None) -> Any:
        if self.full:
            raise LibcloudError("quota", driver=self)
        node = super().create_node(name, size, image, ex_metadata)
        if name in self.interrupted:
            raise KeyboardInterrupt
        return node


@pytest.fixture
def driver() -> Stubborn:
    return Stubborn("0")


@pytest.fixture
def stubborn(driver: Stubborn, cloud: Cloud) -> LibcloudProvider:
    return LibcloudProvider(driver, cloud)


@pytest.fixture
def said() -> list[str]:
    return []


def names(provider: LibcloudProvider, workshop: str = "pycon") -> list[str]:
    return [host.name for host in rented(provider, workshop)]


def test_hosts_are_numbered_and_run(provider: LibcloudProvider, said: list[str]) -> None:
    hosts = rent(provider, "pycon", 2, END, said.append)
    assert [host.name for host in hosts] == ["pycon-1", "pycon-2"]
    assert all(host.address for host in hosts)


def test_asked_again_only_what_lacks_is_rented(provider: LibcloudProvider, said: list[str]) -> None:
    first = rent(provider, "pycon", 2, END, said.append)
    provider.destroy(first[0])
    again = rent(provider, "pycon", 3, END, said.append)
    assert [host.name for host in again] == ["pycon-1", "pycon-2", "pycon-3"]
    assert again[1].id == first[1].id
    assert "pycon-2 is there already" in said


def test_ctrl_c_in_the_middle_leaves_what_exists_where_it_is_found_again(
    stubborn: LibcloudProvider, driver: Stubborn, said: list[str]
) -> None:
    driver.interrupted = frozenset({"pycon-2"})
    with pytest.raises(KeyboardInterrupt):
        rent(stubborn, "pycon", 3, END, said.append)
    assert names(stubborn) == ["pycon-1", "pycon-2"]
    driver.interrupted = frozenset()
    assert len(rent(stubborn, "pycon", 3, END, said.append)) == 3


def test_the_end_of_one_workshop_is_moved_and_of_no_other(provider: LibcloudProvider, said: list[str]) -> None:
    rent(provider, "pycon", 1, END, said.append)
    rent(provider, "other", 1, END, said.append)
    assert [host.expires for host in extend(provider, "pycon", END + timedelta(days=1))] == [
        "2099-05-15T18:00:00+00:00"
    ]
    assert [host.expires for host in rented(provider, "other")] == ["2099-05-14T18:00:00+00:00"]


def test_all_hosts_of_one_workshop_are_given_back_and_of_no_other(provider: LibcloudProvider, said: list[str]) -> None:
    rent(provider, "pycon", 3, END, said.append)
    rent(provider, "other", 1, END, said.append)
    assert give_back(provider, "pycon", said.append, every_s=0) == []
    assert names(provider) == []
    assert names(provider, "other") == ["other-1"]


def test_one_that_cannot_be_given_back_stops_no_other_and_is_tried_again(
    stubborn: LibcloudProvider, driver: Stubborn, said: list[str]
) -> None:
    rent(stubborn, "pycon", 3, END, said.append)
    driver.refused = frozenset({"pycon-1"})
    assert give_back(stubborn, "pycon", said.append, every_s=0) == []
    assert names(stubborn) == []
    told = [line.split(" (")[0] for line in said if "told to end" in line]
    assert told == ["pycon-2", "pycon-3", "pycon-1"]
    assert any("pycon-1" in line and "try later" in line for line in said)


def test_what_never_ends_is_returned(stubborn: LibcloudProvider, driver: Stubborn, said: list[str]) -> None:
    rent(stubborn, "pycon", 2, END, said.append)
    driver.refused, driver.forever = frozenset({"pycon-1"}), True
    left = give_back(stubborn, "pycon", said.append, limit_s=0.05, every_s=0.01)
    assert [host.name for host in left] == ["pycon-1"]
    assert sum("try later" in line for line in said) == 1


def test_hosts_that_nobody_labelled_are_left_alone(stubborn: LibcloudProvider, driver: Stubborn) -> None:
    give_back(stubborn, "", lambda _: None, every_s=0)
    assert [node.name for node in driver.list_nodes()] == ["dummy-1", "dummy-2"]


def test_what_the_provider_refuses_while_renting_ends_it(stubborn: LibcloudProvider, driver: Stubborn) -> None:
    driver.full = True
    with pytest.raises(Refused, match="quota"):
        rent(stubborn, "pycon", 1, END, lambda _: None)
