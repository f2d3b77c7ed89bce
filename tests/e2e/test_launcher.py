"""Starting Airflow where it cannot start."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.demo.airflow import AirflowError, AirflowFiles, AirflowStandalone, find_free_port
from tests.e2e.conftest import ROOT, find_processes


def test_a_dead_database_ends_the_start_with_its_reason(tmp_path: Path) -> None:
    files = AirflowFiles(tmp_path / "home", ROOT / "dags", ROOT / "plugins")
    dead = "postgresql+psycopg://airflow@127.0.0.1:1/airflow"
    with AirflowStandalone(files, dead, find_free_port(), {}) as airflow, pytest.raises(AirflowError, match="refused"):
        airflow.start()
    assert find_processes(files.home) == []
