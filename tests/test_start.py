"""Starting: production refuses what is unsafe, and says all of it; the catalogue refuses a gap; commands that bells name exist."""

from __future__ import annotations

import importlib
import inspect

import pytest

from app import UnsafeStart, create_app, refuse_unsafe
from config import Settings
from gateway.doorbell import JOBS
from menus import texts
from menus.texts import CatalogueError

SAFE = {"dialbook_env": "production", "hook_secret": "0123456789abcdef", "console_password": "x" * 12, "pin_pepper": "0123456789abcdef", "sms_provider": "africastalking",
        "at_username": "dialbook", "at_api_key": "key"}  # fmt: skip


def settings(**changes):
    return Settings(**{name: value for name, value in {**SAFE, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hook_secret": None}, "HOOK_SECRET"),
        ({"hook_secret": "short"}, "HOOK_SECRET"),
        ({"hook_secret": "0123456789abcdef,short"}, "HOOK_SECRET"),
        ({"sms_provider": "phone"}, "SMS_PROVIDER"),
        ({"at_username": None}, "AT_USERNAME"),
        ({"at_api_key": None}, "AT_API_KEY"),
        ({"console_password": None}, "CONSOLE_PASSWORD"),
        ({"pin_pepper": None}, "PIN_PEPPER"),
        ({"pin_pepper": "short"}, "PIN_PEPPER"),
    ],
)
def test_production_refuses_to_start(monkeypatch, servers, change, named):
    for name in ("HOOK_SECRET", "SMS_PROVIDER", "AT_USERNAME", "AT_API_KEY", "CONSOLE_PASSWORD", "PIN_PEPPER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnsafeStart, match=named):
        refuse_unsafe(settings(**change))


@pytest.fixture
def no_demo(owner):
    """Other tests load the demo group into the same database."""
    with owner.transaction():
        owner.execute("set local session_replication_role = replica")
        owner.execute("update savings_group set demo = false where demo")


def test_production_starts_when_all_is_there(no_demo):
    refuse_unsafe(settings())


def test_production_refuses_the_demo_group(no_demo, owner, make_group):
    group = make_group()
    with owner.transaction():
        owner.execute("set local session_replication_role = replica")
        owner.execute("update savings_group set demo = true where group_id = %s", (group,))
    with pytest.raises(UnsafeStart, match="demo group"):
        refuse_unsafe(settings())


def test_production_has_no_phone_page_and_no_simulated_carrier(servers):
    app = create_app(settings())
    client = app.test_client()
    assert client.get("/phone").status_code == 404
    assert client.post("/hooks/0123456789abcdef/phone/ussd", data={}).status_code == 404
    assert client.get("/console").status_code == 401
    app.extensions["db"].close()
    app.extensions["redis"].close()


def test_every_job_a_bell_names_exists_and_takes_numbers_only():
    for queue, name in JOBS.values():
        assert queue in ("post", "send")
        module, function = name.rsplit(".", 1)
        parameters = inspect.signature(getattr(importlib.import_module(module), function), eval_str=True).parameters.values()
        assert all(parameter.annotation is int for parameter in parameters)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[a]\npage.en = "x"\npage.vi = "x"\npage.sw = "x"\n', "no fr"),
        ('[a]\npage.en = "{n}"\npage.vi = "{m}"\npage.sw = "{n}"\npage.fr = "{n}"\n', "different figures"),
        ('[a]\npage.en = "x"\npage.vi = "x"\npage.sw = "x"\npage.fr = "x"\npage.de = "x"\n', "unknown language"),
        ('[a]\npaeg.en = "x"\npaeg.vi = "x"\npaeg.sw = "x"\npaeg.fr = "x"\n', "the forms are"),
    ],
)
def test_a_gap_in_the_catalogue_stops_the_start(tmp_path, monkeypatch, content, problem):
    (tmp_path / "words.toml").write_text(content)
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    texts.catalogue.cache_clear()
    try:
        with pytest.raises(CatalogueError, match=problem):
            texts.catalogue()
    finally:
        texts.catalogue.cache_clear()


def test_two_secrets_during_a_rotation():
    assert settings(hook_secret="new-secret-000000,old-secret-000000").hook_secrets == ("new-secret-000000", "old-secret-000000")
