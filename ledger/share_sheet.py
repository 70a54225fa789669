"""The sheet of a share-out, as people read it and as other programs do: every member's shares, value, set-off and payout, and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ledger.books import Book
from ledger.db import Conn
from ledger.money import plain

_ROW = ("member", "shares", "paid", "debt", "gross", "set_off", "payout", "surviving")


def last(conn: Conn, group_id: int) -> dict[str, Any] | None:
    """The stored sheet of the last share-out, or None."""
    row = conn.execute("select cycle, sheet from share_out where group_id = %s order by cycle desc limit 1", (group_id,)).fetchone()
    return dict(row.sheet) | {"cycle": row.cycle} if row else None


def document(book: Book, said: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The sheet with names, money in minor units; `proof` says that the parts are the pool."""
    group, members = book.group, book.members()
    rows = [dict(zip(_ROW, row, strict=True)) | {"name": members[row[0]].name} for row in said["rows"]]
    off, out = sum(row["set_off"] for row in rows), sum(row["payout"] for row in rows)
    price = next((row["paid"] // row["shares"] for row in rows if row["shares"]), group.constitution.share_price)
    value = Fraction(said["value"]) if said["value"] else None
    return {
        "group": group.code, "name": group.name, "cycle": said.get("cycle", group.cycle_number), "currency": group.currency, "preview":
        preview, "price": price, "method": said["method"], "rounding": said["rounding"], "cash_unit": said["unit"], "counted":
        said["counted"], "expenses": said["expenses"], "debts": said["debts"], "carried": said["carried"], "available": said["available"],
        "shares": sum(row["shares"] for row in rows), "pool": said["pool"], "value_per_share": str(value) if value is not None else None,
        "value_floor": value.numerator // value.denominator if value is not None else None, "set_off": off, "paid": out, "remainder":
        said["remainder"], "remainder_to": said["remainder_to"], "sum": off + out + said["remainder"], "exact": off + out +
        said["remainder"] == said["pool"], "members": rows,
    }  # fmt: skip


def drawn(sheet: dict[str, Any]) -> str:
    """Plain text of at most 80 columns."""
    return "\n".join([*_heading(sheet), "", *_table(sheet), "", *_proof(sheet)]) + "\n"


def _heading(sheet: dict[str, Any]) -> Iterator[str]:
    def money(minor: int) -> str:
        return plain(minor, sheet["currency"])

    yield f"{sheet['name']} ({sheet['group']}), share-out of cycle {sheet['cycle']}" + (", PREVIEW: nothing is posted" if sheet["preview"] else "")
    how = f"By {sheet['method'].replace('_', ' ')}, {sheet['rounding'].replace('_', ' ')} to {money(sheet['cash_unit'])}."
    yield f"Amounts in {sheet['currency']}. {how}"
    yield f"{'Loan fund cash':<40}{money(sheet['counted']):>18}"
    for key, words in (("expenses", "less last expenses"), ("debts", "less debts to outsiders and leavers"), ("carried", "less carried by vote")):
        if sheet[key]:
            yield f"{words:<40}{money(-sheet[key]):>18}"
    yield f"{'To be paid out':<40}{money(sheet['available']):>18}"
    if sheet["value_per_share"] is not None:
        yield f"{'A share cost':<40}{money(sheet['price']):>18}"
        yield f"{'A share is worth':<40}{money(sheet['value_floor']):>18}  exactly {sheet['value_per_share']} minor units"


def _table(sheet: dict[str, Any]) -> Iterator[str]:
    def cells(row: dict[str, Any]) -> str:
        return "".join(f"{plain(row[key], sheet['currency']):>13}" for key in ("gross", "set_off", "payout", "surviving"))

    yield f"{'no':>4} {'name':<14}{'shares':>7}{'brings':>13}{'debt set off':>13}{'PAYOUT':>13}{'still owed':>13}"
    for row in sheet["members"]:
        yield f"{row['member']:>4} {row['name'][:13]:<14}{row['shares']:>7}{cells(row)}"
    total = {key: sum(row[key] for row in sheet["members"]) for key in ("gross", "set_off", "payout", "surviving")}
    yield f"{'':>4} {'together':<14}{sheet['shares']:>7}{cells(total)}"


def _proof(sheet: dict[str, Any]) -> Iterator[str]:
    def money(minor: int) -> str:
        return plain(minor, sheet["currency"])

    where = "the social fund" if sheet["remainder_to"] == "social_fund" else "the next cycle"
    yield f"Remainder {money(sheet['remainder'])}, to {where}."
    parts = f"{money(sheet['paid'])} paid + {money(sheet['set_off'])} set off + {money(sheet['remainder'])} remainder"
    yield f"Proof: {parts} = {money(sheet['sum'])}, the pool is {money(sheet['pool'])}: " + ("exact." if sheet["exact"] else "WRONG.")
