"""A Debian archive in a folder, and a system beside it: real apt-get and dpkg install into that, not into this one."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

CONTROL = """Package: {name}
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Depends: {depends}
Description: a toy
"""
SETTINGS = """
Dir "{folder}";
Dir::Etc::parts "{folder}/etc/apt/parts";
Dir::State::status "{system}/var/lib/dpkg/status";
APT::Sandbox::User "root";
APT::Architecture "amd64";
Dpkg::Options {{"--root={system}"; "--force-script-chrootless"; "--force-not-root"; "--log={folder}/dpkg.log"; }};
DPkg::Path "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
"""

FOLDERS = (
    "archive",
    "etc/apt/parts",
    "etc/apt/preferences.d",
    "var/cache/apt/archives/partial",
    "var/lib/apt/lists/partial",
    "var/log/apt",
)


class ToyArchive:
    """The archive, and what is installed from it. APT_CONFIG=`settings` makes apt-get be about these."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packages = folder / "archive"
        self.system = folder / "system"
        for path in FOLDERS:
            (folder / path).mkdir(parents=True)
        for path in ("updates", "info", "triggers"):
            (self.dpkg / path).mkdir(parents=True)
        (self.dpkg / "status").touch()
        self.settings = folder / "apt.conf"
        self.settings.write_text(SETTINGS.format(folder=folder, system=self.system))
        self.serve_from(f"file:{self.packages}")

    @property
    def dpkg(self) -> Path:
        """dpkg's own folder."""
        return self.system / "var/lib/dpkg"

    def serve_from(self, *addresses: str) -> None:
        """Let apt fetch from `addresses`."""
        lines = [f"deb [trusted=yes] {address} ./\n" for address in addresses]
        (self.folder / "etc/apt/sources.list").write_text("".join(lines))

    def add(self, name: str, *, after_unpacking: str = "true", depends: str = "") -> None:
        """Put a package into the archive, with a script that runs when it has been unpacked."""
        tree = self.folder / "build" / name
        (tree / "DEBIAN").mkdir(parents=True)
        control = CONTROL.format(name=name, depends=depends).replace("Depends: \n", "")
        (tree / "DEBIAN/control").write_text(control)
        (tree / "DEBIAN/postinst").write_text(f"#!/bin/sh\nset -e\n{after_unpacking}\n")
        (tree / "DEBIAN/postinst").chmod(0o755)
        package = self.packages / f"{name}.deb"
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, package], check=True, capture_output=True)
        facts = f"Size: {package.stat().st_size}\nSHA256: {hashlib.sha256(package.read_bytes()).hexdigest()}\n"
        with (self.packages / "Packages").open("a") as index:
            index.write(f"{control}Filename: ./{name}.deb\n{facts}\n")

    def installed(self) -> dict[str, str]:
        """Each package's state, as dpkg has it."""
        asked = ["dpkg-query", f"--admindir={self.dpkg}", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        return dict(line.split() for line in said.splitlines())
