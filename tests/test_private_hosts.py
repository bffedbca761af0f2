"""Hosts that no redirect may lead to, in every dress that resolvers understand."""

from __future__ import annotations

import pytest

from crawler.urls import is_private_host


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "router",
        "printer.local",
        "db.internal",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "0177.0.0.1",
        "0x7f.1",
        "2130706433",
        "0x7F000001",
        "１２７.0.0.1",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",  # noqa: S104 - nothing is bound here
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "1.2.3.4.5",
        "1.2.3.256",
        "256.2.3.4",
        "1.2.3.09",
        "4294967296",
        "9" * 5000,
        "evil.0xzz",
        "::",
        "::1",
        "[::1]",
        "[fe80::1%25eth0]",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::10.0.0.1",
        "::127.0.0.1",
        "[not:an:address]",
        "eng.belta.by:443",
    ],
)
def test_a_private_host_is_known_in_every_dress(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "eng.belta.by",
        "ENG.BELTA.BY.",
        "m.eng.belta.by",
        "зеркало.бел",
        "10.belta.by",
        "localhost.belta.by",
        "8.8.8.8",
        "172.32.0.1",
        "134744072",
        "0x08.8.8.8",
        "[2a00:1450:4001::1]",
        "::ffff:8.8.8.8",
        "2002:808:808::",
        "64:ff9b::8.8.8.8",
    ],
)
def test_a_public_host_is_not_private(host: str) -> None:
    assert not is_private_host(host)
