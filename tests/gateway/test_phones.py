"""One identity for every way a number is written, and the other promises of the common model."""

import pytest

from gateway.messages import OutboundSms
from gateway.phones import e164, shortened

PHONE = "+254700072929"


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("+254712345678", None, "+254712345678"),
        (" 254712345678", None, "+254712345678"),
        ("254712345678", None, "+254712345678"),
        ("0712345678", "KE", "+254712345678"),
        ("0712345678", None, ""),
        ("+254 712 345 678", None, "+254712345678"),
        ("+84912000012", "KE", "+84912000012"),
        ("0912000012", "VN", "+84912000012"),
        ("00254712345678", "KE", ""),
        ("712345678", None, ""),
        ("+1234", None, ""),
        ("+254712345678\n", None, ""),
        ("\t+254712345678", None, ""),
        ("tel:+254712345678", None, ""),
        ("+254712345678;ext=1", None, ""),
        ("+٢٥٤٧١٢٣٤٥٦٧٨", None, ""),
        ("++254712345678", None, ""),
        ("+999123456789", None, ""),
        ("+254300000001", None, "+254300000001"),  # a range that no table knows yet
        ("254300000001", None, ""),
        ("MTN", None, ""),
        ("", None, ""),
        ("0712345678", "nowhere", ""),
        ("9" * 20000, None, ""),
    ],
)
def test_e164(raw, region, number):
    assert e164(raw, region) == number


def test_shortened():
    assert [shortened(phone) for phone in ("+84912000012", "", "0912", "+84912000012 4711")] == ["+849..012", "", "?", "?"]


def test_client_ref_has_a_limit():
    OutboundSms("r" * 50, PHONE, "x")
    for ref in ("", "r" * 51):
        with pytest.raises(ValueError, match="client_ref"):
            OutboundSms(ref, PHONE, "x")
