"""The app manifest asks for what the documentation explains, no more."""

from __future__ import annotations

import re
from pathlib import Path

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]


def test_the_manifest_and_the_documentation_name_the_same_scopes() -> None:
    manifest = yaml.safe_load((ROOT / "slack-app-manifest.yaml").read_text(encoding="utf-8"))
    documented = re.findall(r"^\| `([a-z]+:[a-z]+)` \|", (ROOT / "docs/slack.md").read_text(encoding="utf-8"), re.M)
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(documented)
    assert list(manifest["oauth_config"]["scopes"]) == ["bot"]


def test_the_manifest_keeps_to_the_lengths_that_slack_accepts() -> None:
    shown = yaml.safe_load((ROOT / "slack-app-manifest.yaml").read_text(encoding="utf-8"))["display_information"]
    # https://docs.slack.dev/reference/app-manifest
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
