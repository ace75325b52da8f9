"""`python -m checks`: the environment checks."""

import sys

from checks.cli import run

sys.exit(run())
