"""`./workshop provision`: the words of the command line. A mistyped one is told before anything is installed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

HELP = """\
Hosts of your own or rented ones, from bare to a workshop that proves itself ready.

  1.  cp provisioning/ansible/hosts.example.yml hosts.yml       and fill in your hosts
  2.  ./workshop provision plan -i hosts.yml                    what would change, what it costs; touches nothing
  3.  ./workshop provision apply -i hosts.yml                   do it; ends with hosts x checks
  4.  ./workshop provision seats -i hosts.yml roster.txt        codes and cards for the attendees
"""
LOCKS = {"create": "clouds", "list": "clouds", "extend": "clouds", "destroy": "clouds"}  # the others: "provisioning"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The words of the command line. Help, and what is mistyped, end here."""
    parser = argparse.ArgumentParser(
        prog="workshop provision", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in (
        ("plan", "what apply would change, what is missing and what it costs"),
        ("apply", "make the hosts workshop hosts; what is done already stays as it is"),
        ("check", "hosts x checks"),
        ("seats", "codes for the attendees, and cards to print"),
        ("create", "rent hosts as a cloud file says, and write their inventory"),
        ("list", "the hosts, until when they run, and what they cost"),
        ("extend", "move the end of the workshop"),
        ("destroy", "give rented hosts back, all of them"),
    ):
        _add_options(name, words.add_parser(name, help=text, description=text))
    return parser.parse_args(arguments)


def _add_options(name: str, parser: argparse.ArgumentParser) -> None:
    if name == "create":
        parser.add_argument("-c", "--cloud", type=Path, metavar="CLOUD.yml", required=True, help="what to rent where")
        parser.add_argument(
            "-o", "--output", type=Path, metavar="HOSTS.yml", default=Path("hosts.yml"), help="the inventory to write"
        )
    else:
        parser.add_argument("-i", "--inventory", type=Path, metavar="HOSTS.yml", help="an Ansible inventory")
    if name in ("list", "extend", "destroy"):
        parser.add_argument("-c", "--cloud", type=Path, metavar="CLOUD.yml", help="without an inventory: by label")
    if name in ("create", "destroy"):
        parser.add_argument("--yes", action="store_true", help="do not ask")
    if name == "extend":
        parser.add_argument("until", metavar="UNTIL", help="2027-05-14T20:00+02:00, or from the present end: 2h, 1d")
    if name == "seats":
        parser.add_argument("roster", nargs="?", type=Path, metavar="ROSTER", help="a text file, one name a line")
        parser.add_argument(
            "--again", action="append", default=[], metavar="SEAT", help="a new code for this seat: its card is lost"
        )
    if name == "check":
        parser.add_argument("codes", nargs="*", metavar="CODE", help="a check, or the beginning of its name: host.gpu")
        parser.add_argument("--list", action="store_true", help="name the checks and run none")
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
        parser.add_argument(
            "--ignore", action="append", default=[], metavar="CODE", help="its failure is a warning only"
        )
        parser.add_argument(
            "--rehearse", type=int, default=0, metavar="N", help="start N sessions at once on each host"
        )
