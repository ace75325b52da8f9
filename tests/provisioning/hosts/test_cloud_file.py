from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from foundation.problem import ExitCode, Problem
from provisioning.hosts.cloud_file import EXAMPLE, read
from provisioning.hosts.prices import Price
from tests.provisioning.hosts.providers.clouds import SECRET, WriteCloud


def problem(file: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        _ = read(file).expires
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_the_example_is_a_good_cloud_file() -> None:
    cloud = read(EXAMPLE)
    assert (cloud.driver, cloud.hosts, cloud.given_price) == ("ec2", 2, None)
    assert cloud.expires == datetime(2027, 5, 14, 16, tzinfo=UTC)


def test_an_end_that_yaml_takes_for_a_date_is_the_same_moment(write_cloud: WriteCloud) -> None:
    file = write_cloud(workshop_expires=datetime(2099, 5, 14, 16, tzinfo=UTC))
    assert "workshop_expires: 2099-05-14 16:00:00+00:00" in file.read_text()
    assert read(file).expires == datetime(2099, 5, 14, 16, tzinfo=UTC)


def test_the_price_that_is_given_counts(write_cloud: WriteCloud) -> None:
    assert read(write_cloud(price="1.01 EUR")).given_price == Price.read("1.01 EUR")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"siez": "x"}, "sets siez, which nothing reads"),
        ({"hosts": "two"}, "hosts is 'two'"),
        ({"hosts": 0}, "hosts is 0"),
        ({"workshop_name": "Py Con"}, "workshop_name is 'Py Con'"),
        ({"workshop_expires": "tomorrow"}, "workshop_expires"),
        ({"workshop_expires": ""}, "has no workshop_expires"),
    ],
)
def test_what_cannot_be_is_refused(write_cloud: WriteCloud, settings: dict[str, object], found: str) -> None:
    assert found in problem(write_cloud(**settings)).found


def test_a_name_that_was_meant_is_told(write_cloud: WriteCloud) -> None:
    assert problem(write_cloud(siez="x")).do == "size"


@pytest.mark.parametrize("text", ["driver: ec2", "[]", "", "a: ["])
def test_a_file_that_lacks_what_is_needed_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cloud.yml"
    file.write_text(text)
    problem(file)


def test_a_file_that_is_not_there_tells_how_to_begin(tmp_path: Path) -> None:
    assert problem(tmp_path / "no.yml").do.startswith("cp provisioning/ansible/cloud.example.yml cloud.yml")


def test_credentials_that_others_can_read_are_refused(write_cloud: WriteCloud, tmp_path: Path) -> None:
    cloud = read(write_cloud())
    assert cloud.secrets() == {"key": "AKIATEST", "secret": SECRET}
    (tmp_path / "credentials").chmod(0o640)
    with pytest.raises(Problem) as caught:
        cloud.secrets()
    assert caught.value.do == f"chmod 600 {tmp_path / 'credentials'}"


@pytest.mark.parametrize("text", [f"secret: [{SECRET}", f"- {SECRET}", f"secret: {{a: {SECRET}}}"])
def test_credentials_that_cannot_be_read_are_not_quoted(write_cloud: WriteCloud, tmp_path: Path, text: str) -> None:
    cloud = read(write_cloud())
    (tmp_path / "credentials").write_text(text)
    with pytest.raises(Problem) as caught:
        cloud.secrets()
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_credentials_are_no_part_of_the_file(write_cloud: WriteCloud) -> None:
    assert SECRET not in repr(read(write_cloud())) + yaml.safe_dump(yaml.safe_load(write_cloud().read_text()))
