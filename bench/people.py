"""Who dials: member `index` (from 0) is number 1-25 of one of the groups 1, 2, 3, ... of a book filled by bench/fill.py."""

from __future__ import annotations

MEMBERS = 25  # of each group
PHONE = "+2547{:08d}"


def who(index: int) -> str:
    """What the balance page of that member starts with after CON."""
    return f"Village {index // MEMBERS + 1} No.{index % MEMBERS + 1}\n"
