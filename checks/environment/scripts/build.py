"""What this interpreter is: version, free-threaded build, and whether the GIL is on before anything was imported."""

import json
import sys
import sysconfig

print(
    json.dumps(
        {
            "version": ".".join(str(part) for part in sys.version_info[:3]),
            "is_free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
            "gil_on": bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
        }
    )
)
