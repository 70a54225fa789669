"""What Africa's Talking's five forms mean, with fields absent, odd or new; and which requests cannot be theirs."""

from dataclasses import asdict

import pytest

from config import Settings
from gateway.messages import BadRequest, InboundSms, OptOut, SessionEnd, UssdReply, UssdTurn
from gateway.providers import africastalking

PHONE = "+254700072929"
# --- forms -----------------------------------------------------------------------------------------------------------

HOP = {"sessionId": "ATUid_1", "phoneNumber": PHONE, "networkCode": "63902", "serviceCode": "*384*77#", "text": "1*2"}
at = africastalking.provider(Settings())


def without(form, *names, **more):
    return {name: value for name, value in form.items() if name not in names} | more


@pytest.mark.parametrize(
    ("form", "turn"),
    [
        (HOP, {}),
        (without(HOP, "text"), {"text": ""}),
        (without(HOP, "networkCode", "serviceCode"), {"network": "", "service": ""}),
        (HOP | {"networkCode": "new one"}, {"network": "new one"}),
        (HOP | {"phoneNumber": " 254700072929"}, {}),
        (HOP | {"phoneNumber": "254700072929"}, {}),
        (HOP | {"text": "1* 2 "}, {"text": "1* 2 "}),
        (HOP | {"text": "1\0*2\0"}, {}),
        (HOP | {"text": "é\ud800"}, {"text": "é?"}),
        (HOP | {"text": "x" * 4096}, {"text": "x" * 4096}),
        (HOP | {"sessionId": "s" * 128}, {"session_id": "s" * 128}),
        (HOP | {"hopsCount": "7"}, {}),
    ],
)
def test_ussd_turn(form, turn):
    usual = {"provider": "africastalking", "service": "*384*77#", "session_id": "ATUid_1", "phone": PHONE, "network": "63902", "text": "1*2"}
    assert at.ussd_turn(form) == UssdTurn(**usual | turn)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "sessionId"),
        (without(HOP, "sessionId"), "sessionId"),
        (HOP | {"sessionId": "\0 "}, "sessionId"),
        (HOP | {"sessionId": "s" * 129}, "sessionId"),
        (without(HOP, "phoneNumber"), "phoneNumber"),
        (HOP | {"phoneNumber": "None"}, "phoneNumber"),
        (HOP | {"phoneNumber": "0700072929"}, "phoneNumber"),
        (HOP | {"phoneNumber": "+254700072929\n"}, "phoneNumber"),
        (HOP | {"text": "x" * 4097}, "text"),
    ],
)
def test_not_a_hop(form, field):
    with pytest.raises(BadRequest, match=f"^{field}: expected ") as refusal:
        at.ussd_turn(form)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("form", "end"),
    [
        (
            {"status": "Success", "durationInMillis": "42000", "hopsCount": "4", "cost": "KES 0.10", "input": "1*4711"},
            ("completed", 42000, 4, ""),
        ),
        ({"status": "Incomplete"}, ("abandoned", None, None, "")),
        ({"status": "FAILED", "errorMessage": "Received unexpected\0 code"}, ("failed", None, None, "Received unexpected code")),
        ({"status": "Odd", "durationInMillis": "", "hopsCount": "x", "cost": "?"}, ("unknown", None, None, "")),
        ({"durationInMillis": "-5", "hopsCount": "1_0"}, ("unknown", None, None, "")),
        ({"durationInMillis": "٣", "hopsCount": "1e9"}, ("unknown", None, None, "")),
    ],
)
def test_session_end(form, end):
    read = at.session_end({"sessionId": "ATUid_1"} | form)
    assert read == SessionEnd("ATUid_1", *end)
    assert "4711" not in str(asdict(read))


MO = {"date": "2026-01-05 09:00:00", "from": PHONE, "id": "m-1", "linkId": "", "text": "YES 4711", "to": "22384"}


@pytest.mark.parametrize(
    ("form", "sms"),
    [
        (MO, {}),
        (MO | {"linkId": "abc", "cost": "KES 1.00", "networkCode": "1"}, {}),
        (without(MO, "linkId", "date", "to"), {"sent_at": "", "to": ""}),
        (without(MO, "text"), {"text": ""}),
        (MO | {"date": "yesterday"}, {"sent_at": "yesterday"}),
        (MO | {"from": "MTN"}, {"sender": ""}),
        (MO | {"from": "22384"}, {"sender": ""}),
        (MO | {"from": " 254700072929"}, {}),
        (MO | {"text": "a\0b"}, {"text": "ab"}),
        (MO | {"text": "👍" * 2000}, {"text": "👍" * 1600}),
        (without(MO, "from"), {"sender": ""}),
    ],
)
def test_inbound_sms(form, sms):
    usual = {"provider": "africastalking", "provider_id": "m-1", "sender": PHONE, "to": "22384", "text": "YES 4711", "sent_at": MO["date"]}
    assert at.inbound_sms(form) == InboundSms(**usual | sms)


def test_missing_id_is_the_same_at_every_repeat_and_another_for_another_text():
    first, again = at.inbound_sms(without(MO, "id")), at.inbound_sms(MO | {"id": " "})
    other = at.inbound_sms(without(MO, "id") | {"text": "YES 4712"})
    assert first.provider_id == again.provider_id != other.provider_id
    assert first.provider_id.startswith("none-")
    assert len(first.provider_id) <= 128


def test_ids_too_long_to_store_stay_different():
    one, two = (at.inbound_sms(MO | {"id": "x" * 500 + end}).provider_id for end in "ab")
    assert one != two
    assert len(one) <= 128


def test_a_form_without_sender_and_id_is_not_theirs():
    with pytest.raises(BadRequest, match=r"^from: "):
        at.inbound_sms({"text": "hello"})


@pytest.mark.parametrize(
    ("status", "read", "final"),
    [
        ("Sent", "sent", False),
        ("Submitted", "sent", False),
        ("Buffered", "buffered", False),
        ("Success", "delivered", True),
        ("Failed", "failed", True),
        ("Rejected", "rejected", True),
        ("AbsentSubscriber", "failed", False),
        ("Expired", "expired", True),
        ("Borked", "unknown", False),
        ("", "unknown", False),
        (None, "unknown", False),
    ],
)
def test_delivery_status_in_any_case(status, read, final):
    for written in {status, status and status.lower(), status and f" {status.upper()} "}:
        report = at.delivery_report({"id": "ATXid_1", "phoneNumber": PHONE} | ({} if written is None else {"status": written}))
        assert (report.provider_id, report.phone, report.status, report.final) == ("ATXid_1", PHONE, read, final)
        assert report.raw_status == (written or "").strip()


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        ("UserInBlackList", "UserInBlacklist"),
        ("userinblacklist", "UserInBlacklist"),
        ("NotNetworkSubcriber", "NotNetworkSubscriber"),
        ("NotNetworkSubscriber", "NotNetworkSubscriber"),
        ("DELIVERYFAILURE", "DeliveryFailure"),
        ("Something new", "Something new"),
        ("", ""),
    ],
)
def test_delivery_reason(reason, read):
    assert at.delivery_report({"id": "x", "status": "Failed", "failureReason": reason}).reason == read


def test_delivery_report_of_a_number_we_cannot_read():
    assert at.delivery_report({"id": "x", "status": "Success", "phoneNumber": "?"}).phone == ""
    with pytest.raises(BadRequest, match=r"^id: "):
        at.delivery_report({"status": "Success", "phoneNumber": PHONE})


def test_opt_out():
    assert at.opt_out({"senderId": "DIALBOOK", "phoneNumber": " 254700072929"}) == OptOut(PHONE, "DIALBOOK")
    assert at.opt_out({"phoneNumber": PHONE}) == OptOut(PHONE, "")
    with pytest.raises(BadRequest, match=r"^phoneNumber: "):
        at.opt_out({"senderId": "DIALBOOK"})


def test_ussd_answer():
    assert at.ussd_answer(UssdReply("Hello\n1. Balance", more=True)) == "CON Hello\n1. Balance"
    assert at.ussd_answer(UssdReply("\n Bye ", more=False)) == "END Bye "
