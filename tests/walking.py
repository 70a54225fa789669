"""The language of the stories in tests/walks/: what a line does, and what differs from one run to the next under a name that stays."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from people import Call, Village, new_phone

CODE = re.compile(r"\b(?:OK|CO|CÓ|NDIYO|OUI) ([2-9]{5})\b")
CHECK = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
FIRST = re.compile(r"\b[0-9]{6}\b")
A_DATE = re.compile(r"\b[0-9]{2}/[0-9]{2}(?:/[0-9]{4}|/[0-9]{2})?\b")
NOTHING = "(nothing)"
DEMO = Path(__file__).resolve().parents[1] / "demo" / "group.yaml"


def moves(text: str) -> list[tuple[int, str, list[str]]]:
    """(line number, what is done with its lines of settings, the lines behind | under it) of a story."""
    found: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("|"):
            found[-1][2].append(line[2:])
        elif line.startswith("  "):
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}", [])
        else:
            found.append((number, line, []))
    return found


def changes_of(words: str) -> dict[str, Any]:
    """`a.b=c` pairs as nested settings; values are read as YAML and may have spaces."""
    found: dict[str, Any] = {}
    for path, value in re.findall(r"([a-z0-9_.]+)=(.*?)(?=\s+[a-z0-9_.]+=|$)", " ".join(words.split())):
        *sections, last = path.split(".")
        place = found
        for section in sections:
            place = place.setdefault(int(section) if section.isdigit() else section, {})
        place[last] = yaml.safe_load(value)
    return found


def demo() -> dict[str, Any]:
    """The group that a fresh Dialbook shows, with phones of its own."""
    told = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    del told["group"]["code"]
    members, first = told.pop("members"), dict[str, int]()
    owners = [first.setdefault(one["phone"], one["number"]) if "phone" in one else 0 for one in members]
    rows = [(one["number"], one["name"], one.get("roles", [])) for one in members]
    kept = [{key: one[key] for key in ("language", "helper") if key in one} for one in members]
    return told | {"members": rows, "who": {row[0]: different | {"phone": phone} for row, different, phone in zip(rows, kept, owners, strict=True)}}


class Hidden:
    """Values that differ from run to run: the newest is {code}, and of several the first is {code1}, the second {code2}."""

    def __init__(self, name: str):
        self.name, self.values = name, list[str]()

    def learn(self, values: list[str]) -> None:
        self.values += [value for value in dict.fromkeys(values) if value not in self.values]

    def names(self) -> list[tuple[str, str]]:
        """(value, name), the newest under both of its names."""
        numbered = [(value, f"{{{self.name}{place}}}") for place, value in enumerate(self.values, 1)]
        return [(self.values[-1], f"{{{self.name}}}"), *numbered] if self.values else []

    def hide(self, said: str) -> str:
        for value, name in self.names():
            said = said.replace(value, name)
        return said

    def show(self, typed: str) -> str:
        for value, name in self.names():
            typed = typed.replace(name, value)
        return typed


class Story:
    """Plays one file, line by line; `said` is what was said last."""

    def __init__(self, found: Any, owner: Any, redis: Any):
        self.found, self.owner, self.redis = found, owner, redis
        self.groups: list[Village] = []
        self.call: Call | None = None
        self.said = ""
        self.read: dict[int, int] = {}
        self.codes: dict[int, Hidden] = {}
        self.checks, self.firsts = Hidden("check"), Hidden("first")
        self.is_sound = True

    @property
    def wrong(self) -> str:
        """Five digits that were sent to nobody so far."""
        sent = {value for codes in self.codes.values() for value in codes.values}
        return next(digits for digits in ("22332", "33443") if digits not in sent)

    @property
    def village(self) -> Village:
        """The group that was founded first."""
        return self.groups[0]

    def play(self, line: str) -> None:
        """Do what a line says. Raises ValueError when it says nothing known."""
        match line.split():
            case ["group", "demo"]:
                self.groups = [self.found(**demo())]
            case ["group", *_]:
                self.groups = [self.found(**changes_of(line))]
            case ["also", "group", *_]:
                self.groups.append(self.found(**changes_of(line), phones_of=int(self.village.code[1:])))
            case [">", _, *_]:
                self.press(self.shown(line[2:]))
            case [who, "dials"]:
                self.village.work()
                self.call = Call(self.village, self.phone(int(who)))
                self.said = self.call.page
            case [who, "texts", *_]:
                self.village.text(self.phone(int(who)), self.shown(line.split(" texts ", 1)[1], int(who)))
                self.village.work()
            case [who, "gets"]:
                self.gets(int(who))
            case _:
                self.befalls(line)

    def press(self, typed: str) -> None:
        """A key, or several and send."""
        assert self.call is not None
        self.said = self.call.press(typed)
        if self.said.startswith("END "):
            self.firsts.learn(FIRST.findall(self.said))

    def gets(self, who: int) -> None:
        """Every text that came to a phone since it was looked at last."""
        self.village.work()
        texts = self.texts(self.phone(who))
        new, self.read[who] = texts[self.read.get(who, 0) :], len(texts)
        self.hidden_from(who).learn(CODE.findall("\n".join(new)))
        self.said = "\n\n".join(new) or NOTHING

    def befalls(self, line: str) -> None:
        """What nobody does with a phone."""
        match line:
            case "redis forgets":
                self.redis.flushall()
            case "a day passes":
                self.as_insider("update request set expires_at = now() - interval '1 minute' where group_id = %s")
                self.as_insider("update waiting set expires_at = now() - interval '1 minute' where group_id = %s")
            case "somebody changes the book":
                self.as_insider(
                    "update line set amount = amount + 1000 where group_id = %s and line_no = (select max(line_no) from line where group_id = %s)"
                )
                self.is_sound = False
            case _:
                raise ValueError(f"what is {line!r}?")

    def as_insider(self, command: str) -> None:
        """What only somebody with the keys of the database can do."""
        self.owner.execute("set session_replication_role = replica")
        self.owner.execute(command, [self.village.group_id] * command.count("%s"))
        self.owner.execute("set session_replication_role = origin")

    def texts(self, phone: str) -> list[str]:
        """All texts that went to a phone, oldest first."""
        groups = [village.group_id for village in self.groups]
        query = "select text from outbox where phone = %s and group_id = any(%s) order by created_at, group_id, message_no"
        with self.village.db.transaction() as conn:
            return [row.text for row in conn.execute(query, (phone, groups)).fetchall()]

    # ---- what differs from run to run

    def phone(self, who: int) -> str:
        """A member's phone as the file had it; 0 is the agent's, and a number that nobody has is a phone nobody knows."""
        country = yaml.safe_load(self.village.file)["group"]["country"]
        return self.village.phones.get(who) or new_phone(country, int(self.village.code[1:]), who)

    def hidden_from(self, who: int) -> Hidden:
        """The codes sent to one phone."""
        return self.codes.setdefault(who, Hidden("code"))

    def shown(self, typed: str, who: int = -1) -> str:
        """What is really typed."""
        typed = self.firsts.show(self.checks.show(self.hidden_from(who).show(typed)))
        typed = typed.replace("{wrong}", self.wrong).replace("{group}", self.village.code)
        return re.sub(r"\{phone([0-9]+)\}", lambda found: self.phone(int(found[1])), typed)

    def reads(self) -> list[str]:
        """What was said last, line by line, with names for what differs."""
        said = self.said.removeprefix("CON ").removeprefix("END ")
        self.checks.learn(CHECK.findall(said) if "04HM-" not in said else [])
        said = self.firsts.hide(self.checks.hide(said)).replace(self.village.code, "{group}").replace(self.wrong, "{wrong}")
        for who in self.codes:
            said = self.codes[who].hide(said)
        for who in (*self.village.phones, *range(90, 100)):
            said = said.replace(self.phone(who), f"{{phone{who}}}")
        with self.village.db.transaction() as conn:
            query = "select (now() at time zone timezone)::date as d from savings_group where group_id = %s"
            today = conn.execute(query, (self.village.group_id,)).fetchone().d
        return A_DATE.sub(lambda found: self.day(found[0], today), said).split("\n")

    def day(self, said: str, today: date) -> str:
        """A date of the group's file as it is; today's and all others under a name."""
        if said in (f"{today:%d/%m}", f"{today:%d/%m/%Y}", f"{today:%d/%m/%y}"):
            return "{day}" if len(said) == 5 else "{today}"
        fixed = re.findall(r"\b(20[0-9]{2})-([0-9]{2})-([0-9]{2})\b", self.village.file)
        return said if any(said in (f"{d}/{m}/{y}", f"{d}/{m}/{y[2:]}") for y, m, d in fixed) else "{date}"

    def ends(self) -> None:
        """The book is what it says, unless somebody changed it in this story."""
        for village in self.groups:
            if self.is_sound:
                village.verify()
