from __future__ import annotations

import pytest

from checks.environment.lock import Pin, applying, is_true, normalised, own_values, read_pins

LOCK = """\
# a comment
--only-binary :all:
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
IPython_Pygments.Lexers==1.1.1 \\
    --hash=sha256:cc
numpy==2.4.6
"""
LINUX = {**own_values("3.13.15"), "sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"}


def test_a_lock_is_read_with_hashes_comments_options_and_markers() -> None:
    assert read_pins(LOCK) == (
        Pin("colorama", "0.4.6", "sys_platform == 'win32'"),
        Pin("ipython-pygments-lexers", "1.1.1"),
        Pin("numpy", "2.4.6"),
    )


def test_packages_of_other_platforms_do_not_apply() -> None:
    assert applying(read_pins(LOCK), LINUX) == {"ipython-pygments-lexers": "1.1.1", "numpy": "2.4.6"}


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "numpy @ file:///tmp/numpy.whl", "-e ."])
def test_a_line_that_pins_nothing_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        read_pins(line + "\n")


@pytest.mark.parametrize("name", ["Ruamel.YAML", "ruamel-yaml", "ruamel__yaml"])
def test_names_are_compared_as_indexes_compare_them(name: str) -> None:
    assert normalised(name) == "ruamel-yaml"


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("sys_platform == 'linux'", True),
        ("sys_platform != 'linux'", False),
        ("'linux' in sys_platform", True),
        ("platform_machine in 'arm64 aarch64'", False),
        ("platform_machine not in 'arm64 aarch64'", True),
        ("os_name == 'nt' or (os_name == 'posix' and python_version >= '3.9')", True),
        ("os_name == 'nt' or os_name == 'posix' and python_version < '3.9'", False),
        ("python_version < '3.9'", False),  # as text, 3.13 would be less than 3.9
        ("'3.9' < python_version", True),
        ("python_full_version >= '3.13.2'", True),
        ("python_full_version == '3.13.*'", True),
        ("python_full_version != '3.13.*'", False),
        ("python_full_version == '3.1.*'", False),
        ("python_version == '3.13.0'", True),
    ],
)
def test_markers_hold_as_the_specification_says(marker: str, expected: bool) -> None:
    assert is_true(marker, LINUX) is expected


@pytest.mark.parametrize(
    "marker",
    [
        "python_version ~= '3.13'",
        "extra == 'test'",
        "sys_platform",
        "not sys_platform == 'linux'",
        "print('hello') == ''",
        "os_name == 'posix' or no_such_name == 'x'",  # not hidden by the first part's truth
        "python_version == 'new'",
        "1 < 2",
        "os_name is 'nt'",
    ],
)
def test_a_marker_that_cannot_be_read_is_never_guessed(marker: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        is_true(marker, LINUX)
