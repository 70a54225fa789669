"""The catalogue: words that go with a figure, and what start-up refuses."""

from __future__ import annotations

import pytest

from menus import texts
from menus.say import fill
from menus.texts import LANGUAGES, CatalogueError


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 share = 5", "2 shares = 5"),
        ("fr", "1 part = 5", "2 parts = 5"),
        ("vi", "mua 1 CP = 5", "mua 2 CP = 5"),
        ("sw", "hisa 1 = 5", "hisa 2 = 5"),
    ],
)
def test_one_share_and_many(language, one, many):
    assert fill("did_shares", "sms", language, {"units": 1, "amount": "5"}) == one
    assert fill("did_shares", "sms", language, {"units": 2, "amount": "5"}) == many


def test_a_half_written_form_does_not_start(tmp_path, monkeypatch):
    lines = "".join(f'sms.{language} = "{{units:share}}"\n' for language in LANGUAGES)
    (tmp_path / "some.toml").write_text(f"[a]\n{lines}", encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    with pytest.raises(CatalogueError, match=r"some.toml \[a\] sms: a word that goes with a figure"):
        texts.catalogue.__wrapped__()
