"""The self-check of a lab session: `collect(*MODULES)` gives its checks, `environment.here()` what they look at."""

from checks.environment import cores, gil, gpu, interpreter, kernels, machine, packages

MODULES = (interpreter, gil, packages, kernels, cores, gpu, machine)
