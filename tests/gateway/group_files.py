"""A good group file, and ways to spoil it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.groupfile import GroupFileError, read

TODAY = date(2026, 11, 21)
DEMO = Path(__file__).parents[2] / "demo" / "group.yaml"
GOOD = """\
group: {code: DK09, name: Doan Ket, country: VN, currency: VND, timezone: Asia/Ho_Chi_Minh, language: vi}
constitution:
  share_price: 20000
  shares_per_meeting: [1, 5]
  social_fund_contribution: 5000
  service_charge: {method: declining, rate_bp: 100, period: month}
  loan: {multiple: 3, max_term_days: 180, one_at_a_time: true}
  fines: {late: 5000, absent: 10000}
  fines_to: loan_fund
  confirmation: treasurer
  share_out: {method: standard, cash_unit: 1000}
cycle: {number: 1, start: 2026-01-07, end: 2026-12-24}
members:
  - {number: 1, name: Lan, phone: "+84912000001", roles: [chair]}
  - {number: 2, name: Mai, phone: "+84912000002", roles: [record_keeper]}
  - {number: 3, name: Thu, phone: "+84912000003", roles: [treasurer]}
  - {number: 12, name: Hoa, phone: "+84912000012"}
opening:
  loan_fund_cash: 0
  social_fund_cash: 0
  shares: [{member: 12, units: 10}]
  loans: [{member: 12, principal: 1500000, charge_due: 15000, issued: 2026-03-24, due: 2026-09-24}]
"""
KES = GOOD.replace("VN, currency: VND, timezone: Asia/Ho_Chi_Minh", "KE, currency: KES, timezone: Africa/Nairobi")


def replaced(old: str, new: str, text: str = GOOD) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def mistakes(text: str) -> list[str]:
    with pytest.raises(GroupFileError) as caught:
        read(text, TODAY)
    return str(caught.value).splitlines()
