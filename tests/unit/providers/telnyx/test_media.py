"""Links to the media of Telnyx's recordings."""

import json

import pytest

from callvault.errors import RejectedError
from callvault.providers.telnyx import media, resources


@pytest.mark.parametrize("link", ["https://[broken", "https://s3.amazonaws.com/x.wav", ""])
def test_a_link_that_is_none_or_is_telnyxs_own_leads_to_no_storage_of_the_customers(link: str) -> None:
    assert media.own_storage([link]) is None


@pytest.mark.parametrize(
    "link", ["s3://acme/x.wav", "gs://acme/x.wav", "https://acme.blob.core.windows.net/x.wav?sig=1"]
)
def test_a_resource_whose_media_is_in_the_customers_storage_has_no_link_to_fetch(link: str) -> None:
    document = json.dumps({"data": {"download_urls": {"wav": link}}}).encode()
    with pytest.raises(RejectedError) as raised:
        resources.located(document, "wav")
    assert raised.value.reason == "stored_elsewhere"
