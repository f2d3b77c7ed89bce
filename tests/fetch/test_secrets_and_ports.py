"""What a request never carries, where it never goes, and what a reason never says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import SourceError
from pipeline.fetch import FetchSettings, detect_source
from tests.fetch.build import check_among_good, make_source
from tests.fetch.hostile_server import HostileServer, make_head
from tests.fetch.test_hostile import write_and_close

FEED_OF_A_PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed?key=hush"></head></html>'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (make_head(401, {"Content-Length": "0"}), "http_401"),
        (b"HTTP/1.1 999999 Odd\r\n\r\n", "malformed"),
        (make_head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\n", "malformed"),
        (make_head(302, {"Location": "ftp://x.example/?hush"}), "bad_address"),
        (make_head(302, {"Location": "ftp://x.example/?a=hush&b=hush"}), "bad_address"),
        (make_head(302, {"Location": "http://10.0.0.1/?key=hush"}), "refused_address"),
        (make_head(200, {"Content-Length": str(len(FEED_OF_A_PAGE))}) + FEED_OF_A_PAGE.encode(), "not_a_feed"),
        (b"", "broken_off"),
    ],
)
def test_reasons_hold_no_password_and_no_key(
    server: HostileServer, settings: FetchSettings, answer: bytes, outcome: str
) -> None:
    address = server.play("/feed", write_and_close(answer)).replace("http://", "http://desk:hush@") + "?key=hush"
    checked = check_among_good(server, make_source(address), settings)
    assert checked.outcome == outcome
    assert checked.reason
    assert "hush" not in checked.reason
    assert all("authorization" not in request.headers for request in server.requests)


def test_a_source_behind_a_password_is_refused_with_advice(server: HostileServer, settings: FetchSettings) -> None:
    address = server.serve("/feed", status=401).replace("http://", "http://desk:hush@")
    with pytest.raises(SourceError, match="behind a password cannot be watched") as caught:
        detect_source(address, settings)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("port", [0, 22, 25, 445, 5432, 6379, 6667])
def test_ports_of_other_services_are_not_asked(server: HostileServer, settings: FetchSettings, port: int) -> None:
    location = f"http://127.0.0.1:{port}/"
    for address in (location, server.serve("/away", status=302, Location=location)):
        checked = check_among_good(server, make_source(address), settings)
        assert (checked.outcome, checked.reason) == (
            "refused_address",
            f"port {port} of 127.0.0.1 is not one of the web",
        )


def test_proxies_of_the_environment_are_not_used(
    server: HostileServer, settings: FetchSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy would resolve names itself, behind our check of addresses.
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url("/proxy"))
    name_of_nothing = make_source("http://nobody.invalid/feed")
    assert check_among_good(server, name_of_nothing, settings).outcome == "dns_failure"
    assert all(request.path in ("/good.xml", "/fine.xml", "/robots.txt") for request in server.requests)


def test_no_cookie_and_no_referer_goes_out(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/next", status=404, Set_Cookie="b=2; Path=/")
    address = server.serve("/first", status=302, Location="/next", Set_Cookie="a=1; Path=/")
    check_among_good(server, make_source(address), settings)
    assert server.count("/next") == 1
    assert not {"cookie", "referer"} & {name for request in server.requests for name in request.headers}


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "[::ffff:0.0.0.0]", "0", "127.1", "[::1%25lo]", "localhost."])
def test_other_names_of_this_machine_are_not_reached(server: HostileServer, settings: FetchSettings, host: str) -> None:
    strict = replace(settings, allow_loopback=False)
    try:
        detect_source(f"http://{host}:{server.port}/feed", strict)
    except SourceError:
        assert server.requests == []
    else:
        pytest.fail("it was reached")


def test_line_ends_in_a_redirect_start_no_header(server: HostileServer, settings: FetchSettings) -> None:
    address = server.serve("/first", status=302, Location="/next%0d%0aX-Evil:%201")
    assert check_among_good(server, make_source(address), settings).outcome == "http_404"
    assert all("x-evil" not in request.headers for request in server.requests)
