"""`python -m labs`: the lab commands."""

import sys

from labs.cli import run

sys.exit(run())
