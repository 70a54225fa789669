"""The words themselves: Vietnamese that stays plain when it goes out without its marks, and no English word to text inside another language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from menus.gsm7 import unmarked
from menus.texts import LANGUAGES, catalogue, sentence

# A word that means two things without its marks, and what must stand before or behind it to leave one.
TRAPS = {
    "phat": r"nop phat",  # a fine, or to hand out
    "lai": r"(tien|con|dem|dua|ghi|goi|gui|hoi|nop|sua|thu|xem|bat dau) lai",  # interest, or again
    "no": r"(co|con|khoan|so|tha|tra|tru|xoa) no|no (cua|da xoa|goc|mang sang|ngoai|qua han|vay)",  # a debt, or it
    "tra": r"tra (cho|het|loi|no|von)|(han|kiem) tra",  # to repay, or to look up
    "quy": r"quy (che|nhom|vay|xh)|(gop|thu) quy",  # a fund, or a quarter
    "dung": r"dung (chung|dien thoai)|(ap|hay) dung",  # right, to use, do not, or to stop
    "nam": r"$^",  # a year, five, or men
    "du": r"(chua|day|gop|khong|so|vi) du",  # enough, or left over
    "thua": r"$^",  # too much, or to lose
    "trong": r"trong (ban|bien|buoi|danh|hom|nhieu|so|tin)",  # inside, or empty
}
TAUGHT_IN_ENGLISH = re.compile(r"(?<!TRA )\b(OK|NO|YES|BAL|LOAN|HELP|LANG|SHORT|FULL|REPAY|BUY|FINE)\b")


def said_in(language: str) -> Iterator[tuple[str, str]]:
    """(name and form, words) of every sentence of a language."""
    for name, form, spoken in catalogue():
        if spoken == language:
            yield f"{name}.{form}", "".join(words + (" # " if figure else "") for words, figure in sentence(name, form, spoken).parts)


@pytest.mark.parametrize("trap", TRAPS)
def test_vietnamese_is_plain_without_its_marks(trap):
    left = {}
    for name, words in said_in("vi"):
        plain = " ".join(word for word in re.split(r"\W+", unmarked(words).lower()) if word)
        if re.search(rf"\b{trap}\b", re.sub(rf"\b(?:{TRAPS[trap]})\b", "", plain)):
            left[name] = plain
    assert left == {}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_english_word_is_taught_in_another_language(language):
    assert {name: words for name, words in said_in(language) if TAUGHT_IN_ENGLISH.search(words)} == {}


def test_swahili_says_who_owes_whom():
    """`kinakudai` makes the group the creditor; where the group owes her it is said from her side, or with `kinadaiwa`."""
    said = dict(said_in("sw"))
    assert {name for name, words in said.items() if "kinakudai" in words.lower()} == set()
    owing = {
        name: said[name] for name in ("has_payable.sms", "receipt_pay_out.sms", "left_owed.sms", "after_payable.sms", "note_paid_out_amount.page")
    }
    assert {name: words for name, words in owing.items() if not re.search("kinadaiwa|unakidai", words)} == {}
