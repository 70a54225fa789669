"""A call that stands before its last key, and what must wait for an officer."""

from __future__ import annotations

from people import Call, Village

QUESTION = "60.000d?\n1. Yes\n2. No"  # the confirm page of three shares, however it is worded above


def at_the_last_page(v: Village) -> Call:
    """A call that shows the confirm page of three shares, with the key 1 typed and not sent yet."""
    call = Call(v, 12)
    call.press("2")
    assert QUESTION in call.press("3")
    call.text += "*1"
    return call


def asked_for(v: Village, member: int = 12, amount: str = "5000") -> dict[int, str]:
    """A contribution to the social fund that waits for its officers: their codes."""
    assert v.dial(member, "3", amount, "1").startswith("END Sent to ")
    query = "select officer, code from approver where group_id = %s and request_no = (select max(request_no) from request where group_id = %s)"
    return {row.officer: row.code for row in v.rows(query, v.group_id)}
