"""The plugin folder is importable, as it is in Airflow; importing Airflow writes into a folder that is thrown away."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins"))
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-home-")
