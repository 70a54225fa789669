"""The alphabet against two independent implementations, and the promises of folding for any text."""

import timeit
import unicodedata
from unittest.mock import patch

import gsm0338
import pytest
import smsutil
from hypothesis import assume, given
from hypothesis import strategies as st

from menus import gsm7
from menus.gsm7 import BASIC, EXTENDED, fits, fold, plain, segments, units

CODEC = gsm0338.Codec()
ESC = "\x1b"  # both oracles take it for a character; on the wire it only announces one
gsm_text = st.text(alphabet=BASIC + EXTENDED, max_size=500)
any_text = st.text(max_size=300)
mixed = st.text(alphabet=BASIC[:40] + EXTENDED + "đệ€’😀ế\u0301\u00a0", max_size=400)


def in_oracle(char):
    try:
        return char != ESC and bool(CODEC.encode(char)[0])
    except UnicodeEncodeError:
        return False


def test_alphabet_is_the_oracles():
    ours = {char for char in map(chr, range(0x10000)) if units(char)[0] == "GSM-7"}
    assert ours == {char for char in map(chr, range(0x10000)) if in_oracle(char)}
    assert len(BASIC) == 127
    assert len(EXTENDED) == 10


@given(gsm_text)
def test_septets_are_the_length_of_the_encoding(text):
    assert units(text) == ("GSM-7", len(CODEC.encode(text)[0]))


@given(st.one_of(gsm_text, any_text, mixed))
def test_parts_are_smsutils(text):
    assume(text)  # smsutil calls the empty text UCS-2
    assume(ESC not in text)
    split = smsutil.split(text)
    assert segments(text) == len(split.parts)
    assert units(text)[0] == ("GSM-7" if split.encoding == "gsm0338" else "UCS-2")


def test_empty_text_is_one_gsm7_message():
    assert (units(""), segments(""), fits("")) == (("GSM-7", 0), 1, True)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the pair moves to part two, and the last letter to part three
        ("€" * 153, 3),  # 306 septets would be two parts if a pair could be cut
        ("đ" * 70, 1),
        ("đ" * 71, 2),
        ("đ" * 134, 2),
        ("đ" * 135, 3),
        ("😀" * 35, 1),
        ("đ" * 66 + "😀" + "đ" * 66, 3),  # as above, with a surrogate pair
        ("a" * 69 + "😀", 2),
        ("{" * 40 + "đ" * 31, 2),  # in UCS-2 an extension character is one unit
    ],
)
def test_parts_at_the_edges(text, parts):
    assert segments(text) == parts
    assert fits(text) == (parts == 1)


def test_escape_is_not_a_character():
    assert units(ESC)[0] == "UCS-2"
    assert fold("a" + ESC + "b") == "ab"


@given(st.one_of(any_text, mixed))
def test_folded_text_is_gsm7_and_stays_the_same(text):
    folded = fold(text)
    assert units(folded)[0] == "GSM-7"
    assert fold(folded) == folded


@given(gsm_text)
def test_text_of_the_alphabet_is_left_alone(text):
    assert fold(text) == text
    assert fold(text, keep_accents=True) == text


@given(st.one_of(any_text, mixed), st.booleans())
def test_composed_and_decomposed_fold_alike(text, keep):
    forms = {fold(unicodedata.normalize(form, text), keep) for form in ("NFC", "NFD")}
    assert forms == {fold(text, keep)}


@given(any_text)
def test_kept_accents_are_stable_and_storable(text):
    kept = fold(text, keep_accents=True)
    assert fold(kept, keep_accents=True) == kept
    assert "\0" not in kept


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Bạn đã gửi 500.000đ cho Nguyễn Thị Hoa", "Ban da gui 500.000d cho Nguyen Thi Hoa"),
        ("ĐỒNG Ý", "DONG Y"),
        ("500.000₫", "500.000d"),
        ("Votre prêt a été reçu, ça va être crédité où ? à côté", "Votre pret a été recu, ca va etre crédité où ? à coté"),
        ("Çà", "Çà"),
        ("cœur ŒUVRE", "coeur OEUVRE"),
        ("ŋŋamba", "ng'ng'amba"),
        ("mũthĩ", "muthi"),
        ("ɗan ƙasa ɔkyerɛ", "dan kasa okyere"),
        ("“don’t” – ‘do’ — it…", "\"don't\" - 'do' - it..."),
        ("«\u00a0oui\u202f»", '" oui "'),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("`x`", "'x'"),
        ("₹50 ₨20 ₦10 ₵5", "Rs50 Rs20 N10 GHS5"),
        ("１２３ＡＢ", "123AB"),
        ("1½ 5²", "1? 5?"),  # never a different number
        ("እንኳን", "????"),
        ("👍 ok", "? ok"),
        ("a\u200bb\ufeffc\0d", "abcd"),
        ("a\u2028b\nc", "a\nb\nc"),
        ("m\u0303", "m"),
        ("e\u0301", "é"),
        ("e\u0302\u0301", "e"),
        ("ǿ", "ø"),
        ("{€} [~]", "{€} [~]"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Bạn đã gửi 500.000₫", "Bạn đã gửi 500.000₫"),
        (unicodedata.normalize("NFD", "Nguyễn"), "Nguyễn"),
        ("“Bạn”\u00a0– được", '"Bạn" - được'),
        ("እንኳን ደህና", "እንኳን ደህና"),
    ],
)
def test_keep_accents(text, kept):
    assert fold(text, keep_accents=True) == kept


def test_unknown_characters_do_not_fill_the_memory():
    with patch.object(gsm7, "_FOLDED", gsm7._Folded()):
        fold("".join(map(chr, range(0x3400, 0x9FFF))))
        assert len(gsm7._FOLDED) <= 8192


@pytest.mark.parametrize(
    ("typed", "word"),
    [("Đồng Ý", "dong y"), ("ĐÚNG", "dung"), ("ＹＥＳ", "yes"), ("Oui", "oui"), ("é", "E"), ("STRASSE", "straße"), ("e\u0301", "é"), ("ﬁ", "FI")],
)
def test_plain_words_compare_equal(typed, word):
    assert plain(typed) == plain(word)


@given(any_text)
def test_plain_ignores_form_and_never_fails(text):
    forms = {plain(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert forms == {plain(text)}


def test_the_usual_text_is_measured_quickly():
    text = "1. Akiba yangu\n2. Mkopo wangu\n3. Lipa mkopo\n0. Rudi\n00. Mwanzo" * 2
    assert min(timeit.repeat(lambda: units(text), number=1000, repeat=5)) < 0.05
