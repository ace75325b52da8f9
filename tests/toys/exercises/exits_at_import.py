"""sys.exit at top level."""

import sys

sys.exit()
