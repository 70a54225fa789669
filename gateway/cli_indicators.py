"""`flask group indicators CODE`: the raw fields of a group as its book has them, and every ratio with the formula it is reckoned by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import click

from gateway.cli_common import as_document, known_group, reading
from ledger import indicators, portfolio
from ledger.books import Group
from ledger.indicators import Fields, Indicator
from ledger.money import EXPONENTS, plain
from ledger.portfolio import Outstanding, Portfolio
from ledger.tally import Tally

MONEY = frozenset({
    "savings", "loans_value", "loan_fund_cash", "other_funds", "property_at_start", "property_now", "debts", "late_balance", "late_30_balance",
    "bad_balance", "write_offs", "lent_ever",
})  # fmt: skip


@click.command("indicators")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document and nothing else.")
def group_indicators(code: str, as_json: bool) -> None:
    """What programmes ask: the fields of the visit form from the book, and every ratio, rounded half up to two decimals."""
    with reading() as conn:
        tally = Tally(conn, known_group(conn, code))
        group, found = tally.group, portfolio.read(tally)
    if as_json:
        return as_document(document(group, found))
    click.echo("\n".join(drawn(group, found)))
    return None


# ---------------------------------------------------------------- for other programs


def document(group: Group, found: Portfolio) -> dict[str, Any]:
    """Money in minor units; `exact` is a fraction as text (of percent, a part of 1), `value` what people read."""
    rules = group.constitution
    loans = [asdict(loan) | {"loan_group": _group_of(loan)} for loan in found.loans]
    return {
        "group": group.code, "name": group.name, "currency": group.currency, "on": found.on,
        "cycle": {"number": found.cycle, "start": group.cycle_start, "end": group.cycle_end, "shared_out": group.shared_out},
        "charge": {"method": rules.charge_method, "rate_bp": rules.charge_rate_bp, "period": rules.charge_period},
        "saving_since": found.saving_since, "met_on": found.met_on, "left": dict(found.left), "written_off": found.written_off,
        "fields": asdict(found.fields) | {"joined": found.fields.joined},
        "beside": asdict(found.beside) | {"receivable": {kind.name.lower(): balance for kind, balance in found.beside.receivable.items()}},
        "loans": loans,
        "loan_groups": {str(number): {"loans": count, "principal": principal} for number, (count, principal) in _groups(found).items()},
        "indicators": [_indicator(one, found.fields, group.currency) for one in indicators.INDICATORS],
    }  # fmt: skip


def _indicator(one: Indicator, fields: Fields, currency: str) -> dict[str, Any]:
    exact = indicators.value(one.name, [fields])
    said = {"name": one.name, "unit": one.unit, "exact": None if exact is None else str(exact)}
    return said | {"value": _figure(one, exact, currency) or None, "formula": one.formula, "source": one.source}


def _figure(one: Indicator, exact: Fraction | None, currency: str) -> str:
    """As people read it: percent and averages with two decimals, sums as amounts are written."""
    if exact is None:
        return ""
    if one.unit == "percent":
        return indicators.percent(exact)
    if one.unit == "sum":
        return plain(int(exact), currency)
    return indicators.rounded(exact * Fraction(1, 10 ** EXPONENTS[currency]) if one.unit == "average" else exact)


def _group_of(loan: Outstanding) -> int:
    return indicators.loan_group(loan.days_overdue, loan.rescheduled)


def _groups(found: Portfolio) -> dict[int, tuple[int, int]]:
    return indicators.by_group(loan.standing for loan in found.loans)


# ---------------------------------------------------------------- for people


def drawn(group: Group, found: Portfolio) -> Iterator[str]:
    """Plain text: fields, what stands beside them, loans by group, indicators with their formulas."""
    shared = ", shared out" if group.shared_out else ""
    yield f"{group.name} ({group.code}) on {found.on}, cycle {found.cycle} from {group.cycle_start} to {group.cycle_end}{shared}"
    yield f"Amounts in {group.currency}; loans are principal only. Saving since {found.saving_since or '-'}, last meeting {found.met_on or '-'}."
    yield from ("", "Fields")
    for name, figure in (asdict(found.fields) | {"joined": found.fields.joined}).items():
        yield _row(name, figure, group.currency if name in MONEY else None)
    if found.left:
        yield f"  left: {', '.join(f'{why} {count}' for why, count in found.left.items())}"
    yield from ("", "Beside the form")
    yield from _beside(group, found)
    yield from ("", "Loans by days overdue (as microfinance institutions in Viet Nam group theirs)")
    for number, (count, principal) in _groups(found).items():
        yield f"  group {number}{count:>18}{plain(principal, group.currency):>18}"
    yield from ("", "Indicators")
    for one in indicators.INDICATORS:
        figure = _figure(one, indicators.value(one.name, [found.fields]), group.currency)
        shown = f"{figure} %" if figure and one.unit == "percent" else figure or "-"
        yield f"  {one.name:<26}{shown:>18}  {one.formula} [{one.source}]"


def _beside(group: Group, found: Portfolio) -> Iterator[str]:
    beside = found.beside
    for kind, balance in beside.receivable.items():
        yield _row(kind.name.lower(), balance, group.currency)
    for name in ("charge_owed", "charge_written_off", "brought", "bank", "outside_loan", "payables", "entrusted"):
        yield _row(name, getattr(beside, name), group.currency)
    waiting = [loan.principal for loan in found.loans if loan.past_due]
    yield f"  {'past_due':<26}{plain(sum(waiting), group.currency):>18}  {len(waiting)} loans past their day, no loan meeting yet"
    yield f"  {'purpose_stated':<26}{sum(bool(loan.purpose) for loan in found.loans):>18}  of {len(found.loans)} loans"


def _row(name: str, figure: int | None, currency: str | None) -> str:
    shown = "-" if figure is None else plain(figure, currency) if currency else str(figure)
    return f"  {name:<26}{shown:>18}"
