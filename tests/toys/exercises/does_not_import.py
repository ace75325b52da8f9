"""A module that is not there."""

import there_is_no_such_module  # noqa: F401
