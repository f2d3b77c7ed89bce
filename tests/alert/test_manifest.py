"""The app manifest asks for what is used and explained, no more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
HISTORY = frozenset({"channels:history", "groups:history"})
# What each method needs in public and private channels, by its page below https://docs.slack.dev/reference/methods/.
SCOPES = {
    "chat_postMessage": frozenset({"chat:write"}),
    "chat_update": frozenset({"chat:write"}),
    "chat_getPermalink": frozenset(),
    "conversations_history": HISTORY,
    "conversations_replies": HISTORY,
    "conversations_list": frozenset({"channels:read", "groups:read"}),
    "files_upload_v2": frozenset({"files:write"}),
    "reactions_get": frozenset({"reactions:read"}),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "slack-app-manifest.yaml").read_text(encoding="utf-8"))
    return read


def list_calls() -> set[str]:
    """The methods of Slack's Web API that our code names."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "pipeline").rglob("*.py"))
    known = "chat|conversations|files|reactions|users|pins|bookmarks|auth|team|views|api"
    return set(re.findall(rf"\bclient\.((?:{known})_\w+)", code))


def test_the_manifest_and_the_documentation_name_the_same_scopes(manifest: dict[str, Any]) -> None:
    documented = re.findall(r"^\| `([a-z]+:[a-z]+)` \|", (ROOT / "docs/slack.md").read_text(encoding="utf-8"), re.M)
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(documented)
    assert list(manifest["oauth_config"]["scopes"]) == ["bot"]


def test_every_scope_is_used_and_every_use_has_its_scope(manifest: dict[str, Any]) -> None:
    assert list_calls() == set(SCOPES)
    needed = frozenset[str]().union(*SCOPES.values())
    assert needed == set(manifest["oauth_config"]["scopes"]["bot"])


def test_the_documentation_names_every_method_that_is_called() -> None:
    text = (ROOT / "docs/slack.md").read_text(encoding="utf-8")
    written = {name.replace("_", ".", 1) for name in SCOPES} - {"files.upload_v2"}
    assert [name for name in sorted(written) if f"`{name}`" not in text] == []


def test_the_manifest_keeps_to_the_lengths_that_slack_accepts(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    # https://docs.slack.dev/reference/app-manifest
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
