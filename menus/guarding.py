"""What a PIN stands before, and what a call keeps when it goes back to the menu."""

from __future__ import annotations

from ledger.commands import CloseMeeting, Command, Contest, Note, NoteMany, OpenMeeting, SetLanguage, SetShortReceipts, Undo, Wish
from menus.state import State

GUARDED_ONCE = "pin_ok"
KEPT = frozenset({"book", "known", GUARDED_ONCE})
_FREE = (Contest, SetLanguage, SetShortReceipts, Wish)  # nothing is moved or decided by them
_ONCE_A_CALL = (OpenMeeting, Note, NoteMany, Undo, CloseMeeting)  # a meeting is many of them; others agree to the whole of it


def guarded(state: State, command: Command | None) -> bool:
    """Whether who has a PIN must type it before this counts."""
    if command is None or isinstance(command, _FREE):
        return False
    return not (isinstance(command, _ONCE_A_CALL) and GUARDED_ONCE in state.data)
