from __future__ import annotations

import pytest

from pipeline.fetch.addresses import is_allowed_address, is_plain_host


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "0.0.0.0",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.192", "168.63.129.16", "198.18.0.1",
        "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1",
        "3fff::1", "3fff:fff::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::",
        "::10.0.0.1", "no address", "", "192.88.99.1", "64:ff9b:1::10.0.0.1", "64:ff9b:1:a00:1::", "::ffff:0:10.0.0.1",
        "2001:0:a00:1::f5ff:fffe", "100::1", "::127.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_allowed_address(address, allow_loopback=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed_address(address, allow_loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_allowed_by_its_setting_only(address: str) -> None:
    assert is_allowed_address(address, allow_loopback=True)
    assert not is_allowed_address(address, allow_loopback=False)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "1.2.3.4.5", "1.2.3.08", "0x7F.0X0.0.1",
     "0", "example.com.10.0.0.1"],
)  # fmt: skip
def test_odd_notations_of_an_address_are_no_plain_hosts(host: str) -> None:
    assert not is_plain_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "example.com", "3sat.example", "::1", "example.com.", "1.example"])
def test_names_and_usual_addresses_are_plain_hosts(host: str) -> None:
    assert is_plain_host(host)
