"""Hold the measured quality against the floors in floors.json.

usage: python tests/quality/check_floors.py   (from the project's root)
The evaluation sets are no part of the project: without a folder ../shared/eval this says so and ends well.
Lowering a floor needs a reason in the commit.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVAL = ROOT.parent / "shared" / "eval"

# figure -> (script, what its line looks like, the figure being the group)
FIGURES = {
    "extraction F1, scrapinghub": ("extraction.py", r"wirewatch +scrapinghub .*F1=([\d.]+)"),
    "extraction F1, newspaper": ("extraction.py", r"wirewatch +andy .*F1=([\d.]+)"),
    "publication day right": ("extraction.py", r"wirewatch +publication day right .*= ([\d.]+),"),
    "extraction speed, trafilatura being 1": ("extraction.py", r"speed ratio wirewatch/trafilatura ([\d.]+)"),
    "topics macro F1": ("topics.py", r"macro +F1=([\d.]+)"),
    "topics macro AP": ("topics.py", r"macro .*AP=([\d.]+)"),
    "alert precision": ("stream.py", r"alerts +P=([\d.]+)"),
    "alert recall": ("stream.py", r"alerts .*R=([\d.]+)"),
    "near duplicates F1": ("stream.py", r"near duplicates .*F1=([\d.]+)"),
    "stories B3 F1, stream": ("stream.py", r"stories +B3 .*F1=([\d.]+)"),
    "stories B3 F1, ECB+": ("stories.py", r"stories +B3 P=[\d.]+ R=[\d.]+ F1=([\d.]+)"),
}


def measure(script: str) -> str:
    """What one evaluation script prints."""
    done = subprocess.run([sys.executable, str(EVAL / script)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stdout}{done.stderr}")
    print(done.stdout, end="")
    return done.stdout


def main() -> int:
    """Compare every figure; the exit status is 1 when one lies under its floor."""
    if not EVAL.is_dir():
        print("no evaluation sets beside this checkout: the quality floors are not checked")
        return 0
    floors: dict[str, float] = json.loads((ROOT / "tests" / "quality" / "floors.json").read_text())
    printed = {script: measure(script) for script in sorted({FIGURES[name][0] for name in floors})}
    under = 0
    for name, floor in floors.items():
        script, pattern = FIGURES[name]
        found = re.search(pattern, printed[script])
        figure = float(found.group(1)) if found else 0.0
        under += figure < floor
        print(f"{'under' if figure < floor else 'ok':>5}  {name}: {figure:.4f} (floor {floor:.4f})")
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main())
