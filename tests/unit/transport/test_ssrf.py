"""Which addresses are public."""

import pytest

from callvault.transport import ssrf


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("ff02::1", False),
        ("fec0::1", False),
        ("::10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:224.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
        ("240.0.0.1", False),
        ("192.0.0.170", False),
        ("198.18.0.1", False),
        ("2001:db8::1", False),
        ("100::1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a9fe:a9fe::1", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
    ],
)
def test_an_address_is_public_if_its_embedded_address_is_public(address: str, public: bool) -> None:  # noqa: FBT001 - a parameter
    assert ssrf.is_public(address) is public
