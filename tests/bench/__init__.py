"""The figures that we promise, measured on this machine: `./workshop bench [NAME...]`."""
