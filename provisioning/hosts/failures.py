"""A failed task in words: on which host, in which role and task, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LAST_LINES = 6
SECRET = "Ansible keeps what this task said to itself, because it handles secrets"
SUDO = "let ansible_user use sudo without a password there, or take the image's own user (ubuntu, debian, admin)"
REACH = "is the host on, and is its ssh port open to this machine?"
OUTPUTS = ("stderr", "module_stderr", "stdout", "module_stdout")
EMPTY_WORDS = ("non-zero return code", "MODULE FAILURE", "Module result deserialization failed")
PREFIXES = ("Task failed: ", "Failed to connect to the host via ssh: ")  # which say nothing
AGAIN = "run the same command again: it goes on from there"
HINTS = {  # a word of the reason -> what to do; the first that is found counts
    "permission denied (publickey": "set ansible_user and ansible_ssh_private_key_file; by hand: ssh -i KEY USER@HOST",
    "no such identity": "correct ansible_ssh_private_key_file in the inventory",
    "error in libcrypto": "correct ansible_ssh_private_key_file in the inventory: it is no private key",
    "passphrase": "give the key to the agent first: ssh-add KEY",
    "identification has changed": "was the host made anew? ssh-keygen -R ADDRESS; if not, somebody else answers there",
    "host key verification failed": "look at the host's key: ssh USER@HOST; made anew? ssh-keygen -R ADDRESS",
    "could not resolve hostname": "correct ansible_host in the inventory",
    "password is required": SUDO,
    "sudo password": SUDO,
    "not in the sudoers": SUDO,
    "privilege escalation": SUDO,
    "no space left": "free some space on the host: df -h and docker system df say what takes it",
    "enough free space": "free some space on the host: df -h and docker system df say what takes it",
    "could not get lock": "another apt runs on the host: wait for it (ps -C apt,apt-get,dpkg)",
    "dpkg was interrupted": "on the host: sudo dpkg --configure -a",
    "no python interpreters": "install Python on the host: sudo apt install python3",
    "no_pubkey": "an apt source of the host has no key: put its file in /etc/apt/sources.list.d aside",
    "is not signed": "an apt source of the host is not signed: put its file in /etc/apt/sources.list.d aside",
    "expkeysig": "the key of an apt source of the host has expired: put its file in /etc/apt/sources.list.d aside",
    "temporary failure": "the host resolves no names: look at its network",
    "failed to fetch": "the host does not reach its package mirror: look at its network and apt sources",
    "unable to connect": "the host does not reach its package mirror: look at its network and apt sources",
    "connection refused": REACH,
    "timed out": REACH,
    "no route to host": REACH,
    "network is unreachable": REACH,
    "connection closed": REACH,
    "connection reset": REACH,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended the play for a host. `role` is "" if a task belongs to none, such as gathering facts."""

    host: str
    role: str
    task: str
    reason: str
    do: str

    def __str__(self) -> str:
        """The lines to print."""
        return f"{self.host}   {self.without_host}"

    @property
    def without_host(self) -> str:
        """The lines to print below the host's name."""
        where = f"{self.role}: {self.task}" if self.role else self.task
        found, *more = self.reason.splitlines() or [""]
        lines = [where, f"  found:    {found}", *(f"            {line}" for line in more)]
        return "\n".join([*lines, *(f"  do this:  {line}" for line in self.do.splitlines())])


def failure_of(host: str, role: str, task: str, result: Mapping[str, Any]) -> Failure:
    """The failure that Ansible's `result` of a task tells of.

    A role that refuses says "found: ... expected: ... do: ..." itself, line by line; what others say gets a hint.
    """
    whole = _reason(result)
    reason, told = _own_words(whole)
    end = "\n".join(line.rstrip() for line in reason.splitlines()[-LAST_LINES:])
    return Failure(host, role, task, end, told or hint(whole))


def hint(reason: str) -> str:
    """What to do about `reason`."""
    return next((do for words, do in HINTS.items() if words in reason.lower()), AGAIN)


def _reason(result: Mapping[str, Any]) -> str:
    """The words of `result` that say why, without those that only say that something failed."""
    if result.get("censored") or result.get("_ansible_no_log"):
        return SECRET
    if result.get("argument_errors"):
        return "\n".join(map(str, result["argument_errors"]))
    failed_items = [each for each in result.get("results") or () if isinstance(each, dict) and each.get("failed")]
    if failed_items:
        return _reason(failed_items[0])
    message = str(result.get("msg") or result.get("reason") or "").strip()
    for prefix in PREFIXES:
        message = message.removeprefix(prefix)
    output = next((str(result[name]).strip() for name in OUTPUTS if str(result.get(name) or "").strip()), "")
    if not message or message.startswith(EMPTY_WORDS):
        message = f"exit code {result.get('rc', '?')}" + (f":\n{output}" if output else ", without a word")
    return message


def _own_words(reason: str) -> tuple[str, str]:
    """What was found and expected, and what to do, where `reason` says so itself."""
    told = re.search(r"^found: *(?P<found>.*?)\s*^expected: *(?P<expected>.*?)\s*^do: *(?P<do>.*)", reason, re.M | re.S)
    if not told:
        return reason, ""
    return f"{told['found']}\nexpected: {told['expected']}", told["do"].strip()
