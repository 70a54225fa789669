"""Screens of who is calling: her PIN, the phone she shares, and what officers ask for her: another PIN,
another phone, a helper."""

from __future__ import annotations

from ledger.first_codes import GIVERS
from menus import facts_person as facts
from menus import typed_person
from menus.kinds import PIN_ASKED, Ask, Choice, Confirm, End, Fork, Menu, Screen, Secret

PERSON_ROWS: tuple[Screen, ...] = (
    Ask("whose_number", typed_person.on_this_phone, saves="book", then="door"),
    Fork("door", facts.door, ("door_pin", "door_code")),
    Ask("door_code", typed_person.first_code, saves="first_code", then="door_new"),
    Secret("door_pin", "check", then="home", opens=True),
    Secret("door_new", "choose", then="door_again"),
    Secret("door_again", "repeat", then="home", opens=True),
    Secret(PIN_ASKED, "check"),
    Fork("pin", facts.pin, ("pin_old", "pin_new")),
    Secret("pin_old", "check", then="pin_new"),
    Secret("pin_new", "choose", then="pin_again"),
    Secret("pin_again", "repeat", then="pin_set"),
    End("pin_set"),
    Menu("person_menu", (Choice("1", "reset_pin"), Choice("2", "change_phone"), Choice("3", "name_helper"), Choice("4", "first_code", GIVERS))),
    Ask("reset_pin", typed_person.another_member, saves="person", then="reset_pin_confirm"),
    Confirm("reset_pin_confirm", facts.reset_pin, then="reset_pin_sent", facts=facts.resetting),
    End("reset_pin_sent", facts.reset_asked),
    Ask("change_phone", typed_person.another_member, saves="person", then="change_phone_number"),
    Ask("change_phone_number", typed_person.phone, saves="phone", then="change_phone_confirm", facts=facts.whose),
    Confirm("change_phone_confirm", facts.change_phone, then="change_phone_sent", facts=facts.changing_phone),
    End("change_phone_sent", facts.change_asked),
    Ask("name_helper", typed_person.another_member, saves="person", then="name_helper_number"),
    Ask("name_helper_number", typed_person.helper, saves="helper", then="name_helper_confirm", facts=facts.whose),
    Confirm("name_helper_confirm", facts.name_helper, then="name_helper_sent", facts=facts.naming_helper),
    End("name_helper_sent", facts.helper_asked),
    Ask("first_code", typed_person.another_member, saves="person", then="first_code_confirm"),
    Confirm("first_code_confirm", facts.give_first_code, then="first_code_made", facts=facts.giving_first_code),
    End("first_code_made", facts.first_code_given),
)
