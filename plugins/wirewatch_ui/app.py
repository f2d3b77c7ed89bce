"""Serves the page to logged-in users of Airflow: reads the store, renders, nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from importlib.resources import files

from airflow.api_fastapi.core_api.security import requires_authenticated
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

URL_PREFIX = "/wirewatch"

# The page shows text from anywhere on the web, in the origin of Airflow's own session: nothing in it may ever run.
# frame-ancestors: Airflow shows it in a frame, nobody else may.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STATIC_FILES = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "icon_dark.svg": "image/svg+xml",
}


def make_app() -> FastAPI:
    """The app; without a login every address of it answers 401."""
    # The apps of plugins are open to anybody unless they ask, and so would be the schema pages.
    app = FastAPI(
        title="Wirewatch",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(requires_authenticated())],
    )
    app.middleware("http")(_add_security_headers)
    app.get("/", response_class=HTMLResponse)(show_desk)
    for name, media_type in STATIC_FILES.items():
        app.get(f"/{name}")(_make_static_route(name, media_type))
    return app


def show_desk(day: date | None = None) -> HTMLResponse:
    """The page of `day` (UTC), by default of the last day on which anything was decided; 503 without a database."""
    from pipeline.config import load_settings, open_database
    from pipeline.errors import WirewatchError
    from pipeline.store.reports import read_desk
    from wirewatch_ui.page import render_page, render_trouble

    try:
        with open_database(load_settings()) as database, database.begin() as tx:
            return HTMLResponse(render_page(read_desk(tx, day)))
    except WirewatchError as error:
        return HTMLResponse(render_trouble(error), status_code=503)


async def _add_security_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(SECURITY_HEADERS)
    return response


def _make_static_route(name: str, media_type: str) -> Callable[[], Response]:
    content = (files("wirewatch_ui") / "static" / name).read_bytes()

    def send_static() -> Response:
        return Response(content, media_type=media_type)

    return send_static
