"""Puts the Wirewatch page into the Airflow UI: an app at /wirewatch/ and its entry in the navigation."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from wirewatch_ui.app import URL_PREFIX, make_app


class WirewatchPlugin(AirflowPlugin):
    """The page is a FastAPI app of its own, shown in a frame of the Airflow UI."""

    name = "wirewatch"
    fastapi_apps = [{"app": make_app(), "url_prefix": URL_PREFIX, "name": "Wirewatch"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Wirewatch",
            "href": f"{URL_PREFIX}/",
            "destination": "nav",
            "nav_top_level": True,
            "url_route": "wirewatch",
            "icon": f"{URL_PREFIX}/icon.svg",
            "icon_dark_mode": f"{URL_PREFIX}/icon_dark.svg",
        }
    ]
