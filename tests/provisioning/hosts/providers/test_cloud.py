"""One contract for whoever rents hosts out, on libcloud's dummy and on a local EC2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from libcloud.compute.drivers.dummy import DummyNodeDriver

from foundation.problem import ExitCode, Problem
from provisioning.hosts import cloud_file
from provisioning.hosts.cloud_file import Cloud
from provisioning.hosts.prices import Price
from provisioning.hosts.providers import Refused
from provisioning.hosts.providers import cloud as by_libcloud
from provisioning.hosts.providers.cloud import LibcloudProvider
from tests.provisioning.hosts.providers.clouds import SECRET, WriteCloud

END = datetime(2099, 5, 14, 18, tzinfo=UTC)


def test_a_host_has_its_labels_from_the_moment_it_is_there(provider: LibcloudProvider) -> None:
    assert list(provider.list()) == []
    made = provider.create("pycon-1", "pycon", END)
    assert (made.name, made.workshop, made.expires) == ("pycon-1", "pycon", "2099-05-14T18:00:00+00:00")
    assert [(host.id, host.name, host.workshop, host.expires) for host in provider.list()] == [
        (made.id, "pycon-1", "pycon", "2099-05-14T18:00:00+00:00")
    ]


def test_a_host_that_runs_has_an_address(provider: LibcloudProvider) -> None:
    made = [provider.create(f"pycon-{number}", "pycon", END) for number in (1, 2)]
    addresses = {host.address for host in provider.wait(made)}
    assert len(addresses) == 2
    assert "" not in addresses


def test_all_workshops_are_listed(provider: LibcloudProvider) -> None:
    for workshop in ("pycon", "other"):
        provider.create(f"{workshop}-1", workshop, END)
    assert sorted(host.workshop for host in provider.list()) == ["other", "pycon"]


def test_an_end_can_be_moved(provider: LibcloudProvider) -> None:
    provider.extend(provider.create("pycon-1", "pycon", END), END + timedelta(hours=2))
    [host] = provider.list()
    assert (host.expires, host.workshop) == ("2099-05-14T20:00:00+00:00", "pycon")


def test_a_host_that_was_given_back_is_listed_no_more(provider: LibcloudProvider) -> None:
    made = [provider.create(f"pycon-{number}", "pycon", END) for number in (1, 2)]
    provider.destroy(made[0])
    assert [host.name for host in provider.list()] == ["pycon-2"]


def test_what_is_not_there_is_refused(provider: LibcloudProvider) -> None:
    made = provider.create("pycon-1", "pycon", END)
    provider.destroy(made)
    with pytest.raises(Refused):
        provider.extend(made, END)


def test_a_price_that_the_list_does_not_have_is_none(provider: LibcloudProvider) -> None:
    assert provider.price("of-another-world") is None


def test_a_price_is_the_one_of_the_list_and_nought_is_no_price(write_cloud: WriteCloud, ec2: dict[str, object]) -> None:
    provider = by_libcloud.connect(cloud_file.read(write_cloud(**ec2)))
    assert provider.price("g4dn.xlarge") == Price.read("0.7 USD")
    assert provider.price("g5.xlarge") is None  # the list says 0.0 for this region


def test_what_ec2_says_no_to_is_refused_in_its_words(write_cloud: WriteCloud, ec2: dict[str, object]) -> None:
    provider = by_libcloud.connect(cloud_file.read(write_cloud(**{**ec2, "size": "no-such-size"})))
    with pytest.raises(Refused, match="no-such-size"):
        provider.create("pycon-1", "pycon", END)


def test_a_provider_that_does_not_answer_is_refused_without_the_secret(write_cloud: WriteCloud) -> None:
    options = {"region": "eu-central-1", "host": "127.0.0.1", "port": 1, "secure": False}
    provider = by_libcloud.connect(cloud_file.read(write_cloud(driver="ec2", options=options)))
    with pytest.raises(Refused) as caught:
        provider.list()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("settings", [{"driver": "nimbus9"}, {"driver": "ec2", "options": {"region": "mars-1"}}])
def test_a_driver_that_cannot_be_had_is_told_without_the_secret(
    write_cloud: WriteCloud, settings: dict[str, object]
) -> None:
    with pytest.raises(Problem) as caught:
        by_libcloud.connect(cloud_file.read(write_cloud(**settings)))
    assert caught.value.exit_code is ExitCode.USAGE
    assert SECRET not in str(caught.value)


def test_a_driver_without_labels_is_turned_down_before_anything_is_rented(cloud: Cloud) -> None:
    driver = DummyNodeDriver("0")
    with pytest.raises(Problem, match="cannot be labelled from the start"):
        by_libcloud.require_labels(driver, cloud)
