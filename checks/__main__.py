"""`python -m checks`: the environment checks."""

import sys

from checks.cli import main
from foundation.problem import exit_code_of

sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
