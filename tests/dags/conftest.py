"""Airflow writes its own configuration into AIRFLOW_HOME on import: it gets a folder that is thrown away."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-home-")
# Airflow puts the folder of the DAGs there too, for the modules that they share.
sys.path.append(str(Path(__file__).parents[2] / "dags"))
