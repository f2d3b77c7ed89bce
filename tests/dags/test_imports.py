"""DAGs and plugins wire: from the package they take the steps and the reports, and nothing deeper."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "dags": {"pipeline", "pipeline.steps", "pipeline.errors"},
    "plugins": {
        "pipeline.config",
        "pipeline.errors",
        "pipeline.models",
        "pipeline.store.reports",
        "pipeline.store.sources",
    },
}


def find_imports(folder: Path) -> Iterator[tuple[str, str]]:
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            yield from ((file.name, name) for name in names if name.partition(".")[0] == "pipeline")


def test_only_the_upper_floors_are_entered() -> None:
    for folder, allowed in ALLOWED.items():
        wrong = [(file, name) for file, name in find_imports(ROOT / folder) if name not in allowed]
        assert wrong == [], folder
