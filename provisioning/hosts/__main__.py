"""`python -m provisioning.hosts`: what `./workshop provision` goes on as, in .venv."""

import signal
import sys

from foundation.problem import INTERRUPTED, exit_code_of
from provisioning.hosts.command import main

if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal and `kill` end it as Ctrl-C does: cleanly
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    code = exit_code_of(lambda: main(sys.argv[1:]))
    if code == INTERRUPTED:
        print("\ninterrupted: nothing runs on here, the same command goes on from there", file=sys.stderr)
    sys.exit(code)
