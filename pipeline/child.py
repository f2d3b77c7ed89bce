"""What a process of ours gets that reads untrusted bytes: the way to this package, and nothing else of ours."""

from __future__ import annotations

import os
import sys


def make_child_environment() -> dict[str, str]:
    """The environment for it: the package is found wherever we found it, and no secret can be read from there."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
