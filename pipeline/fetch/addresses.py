"""Which network addresses may be connected to: public ones, and loopback when a setting says so.

The check stands in the resolver that the connector uses, so the address that was
checked is the address that is dialled: a name that answers differently a moment
later (DNS rebinding) changes nothing.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.fetch.problems import FetchProblem

# Answered by cloud platforms to their guests, or by whoever announces them (the last), although the ranges count as
# public: relays of 6to4, withdrawn by RFC 7526.
NETWORKS_OF_SPECIAL_USE = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"), IPv4Network("192.88.99.0/24"))
DOCUMENTATION_NETWORK = IPv6Network("3fff::/20")  # RFC 9637, younger than the list of Python 3.11
NAT64_NETWORK = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_allowed_address(text: str, allow_loopback: bool) -> bool:
    """True for a public unicast address, and for loopback if allowed; False for anything else."""
    try:
        address = _unwrap(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if address.is_loopback:
        return allow_loopback
    if isinstance(address, IPv4Address) and any(address in network for network in NETWORKS_OF_SPECIAL_USE):
        return False
    if isinstance(address, IPv6Address) and (address.is_site_local or address in DOCUMENTATION_NETWORK):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_link_local)


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one carries, if it does: the packets would go there."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64_NETWORK:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    return inner or address


def is_plain_host(host: str) -> bool:
    """False for IPv4 in odd notation (decimal, octal, hexadecimal, fewer than four parts).

    A name whose last label is a number is always meant as an IPv4 address
    (WHATWG URL standard, "ends in a number"), so it must be the usual four parts.
    """
    last = host.rstrip(".").rpartition(".")[2].lower()
    if not (last.isdigit() or last.startswith("0x")):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def is_ip_literal(host: str) -> bool:
    """True when the host is an address and not a name: no resolver will be asked."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class CheckedResolver(AbstractResolver):
    """Asks another resolver and hands on only the addresses that may be connected to."""

    def __init__(self, inner: AbstractResolver, allow_loopback: bool) -> None:
        self._inner = inner
        self._allow_loopback = allow_loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raise FetchProblem when no address of the host may be connected to."""
        if host.rstrip(".").endswith(".invalid"):
            raise OSError("a name that never exists")  # RFC 6761, section 6.4: no name server need be asked
        found = await self._inner.resolve(host, port, family)
        allowed = [result for result in found if is_allowed_address(result["host"], self._allow_loopback)]
        if found and not allowed:
            raise make_address_problem(f"{host} resolves to {found[0]['host']}")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def make_address_problem(what: str) -> FetchProblem:
    """The one refusal for every address that is not public."""
    return FetchProblem("refused_address", f"{what}, which is not a public address", is_final=True)
