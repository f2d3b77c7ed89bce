"""Airflow writes its own configuration into AIRFLOW_HOME on import: it gets a folder that is thrown away."""

from __future__ import annotations

import os
import tempfile

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-home-")
