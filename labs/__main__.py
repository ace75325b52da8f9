"""`python -m labs`: the lab commands."""

import sys

from foundation.problem import exit_code_of
from labs.cli import main

sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
