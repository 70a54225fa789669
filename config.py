"""Every setting, read once from the environment, with its default and what it means.

`docs/settings.md` is made from this file (`make docs`); a setting without a description fails `make check`.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """The environment, typed. Names are upper case outside (`PORT`), lower case here (`settings.port`)."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", env_ignore_empty=True)

    dialbook_env: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start with a missing secret, the phone page or the demo group."
    )
    port: int = Field(8000, ge=1, le=65535, description="Web port.")
    bind: str = Field("127.0.0.1", description="Address the web server listens on; `0.0.0.0` behind a platform's router.")
    web_concurrency: int = Field(2, ge=1, le=64, description="Web processes; one per core is right.")
    var_dir: Path = Field(ROOT / "var", description="Where the embedded servers keep their data and sockets.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity that is logged.")

    database_url: SecretStr | None = Field(None, description="PostgreSQL >= 15. Unset: the embedded server, whose socket is under `VAR_DIR`.")
    database_owner_url: SecretStr | None = Field(
        None, description="Login that owns the tables and migrates; unset: `DATABASE_URL`, which then drops to the role `dialbook_app`."
    )
    redis_url: SecretStr | None = Field(None, description="Redis >= 6.2. Unset: the embedded server.")

    hook_secret: SecretStr | None = Field(
        None,
        description="Part of every webhook path; `new,old` accepts two during a rotation. Unset in development: "
        "made once and kept in `VAR_DIR/hook-secret`. At least 16 characters in production.",
    )
    pin_pepper: SecretStr | None = Field(
        None,
        description="Mixed into every PIN before it is hashed; changing it makes all PINs unknown. Unset in development: made once and kept in "
        "`VAR_DIR/pin-pepper`. At least 16 characters in production.",
    )
    console_password: SecretStr | None = Field(
        None, description="Password of the console (user `officer`). Required in production, else the console answers 404."
    )

    sms_provider: Literal["phone", "africastalking"] = Field(
        "phone", description="Who carries the texts: `phone` is the simulator, refused in production."
    )
    at_username: str | None = Field(None, description="Africa's Talking application name.")
    at_api_key: SecretStr | None = Field(None, description="Africa's Talking API key.")
    at_sender: str | None = Field(None, description="Africa's Talking short code or sender name.")
    at_base_url: str | None = Field(None, description="API base instead of the SDK's, e.g. `http://127.0.0.1:9999/version1` for a local stand-in.")
    sms_shortcode: str | None = Field(None, description="The number texts are sent to. Set: a text for another number is kept and has no effect.")
    dial_code: str = Field("*384*77#", description="The code printed in texts that ask people to dial.")

    code_hours: int = Field(24, ge=1, le=168, description="Hours a request waits for its confirmation before it expires.")
    code_tries: int = Field(3, ge=1, le=9, description="Wrong codes from one phone before no further code is compared.")
    code_lock_hours: int = Field(24, ge=1, le=168, description="Hours that such a phone's codes stay locked; dialling still works.")
    session_seconds: int = Field(600, ge=60, le=3600, description="How long Redis keeps a USSD call after its last hop.")
    turn_seconds: int = Field(5, ge=1, le=9, description="A hop is answered within this; Africa's Talking waits ten seconds.")
    sms_timeout_seconds: int = Field(15, ge=1, le=60, description="Total deadline of one send; after it the outcome is `unknown`.")
    sms_retries: int = Field(6, ge=1, le=20, description="Tries of a send that was surely not accepted, with growing pauses.")
    send_lease_seconds: int = Field(60, ge=20, le=600, description="A send that is not settled within this became `unknown`: its sender died.")
    sms_part_price: str = Field(
        "", pattern=r"^([A-Z]{3} [0-9]{1,6}([.][0-9]{1,4})?)?$", description="What one part of a text costs, e.g. `KES 0.80`; unset: unknown. "
        "Stored with each text before it is sent, and summed by `flask outbox list`."
    )  # fmt: skip
    sms_threads: int = Field(8, ge=1, le=32, description="Sends under way at once in one sender process.")
    sweep_seconds: float = Field(1.0, gt=0, le=60, description="Pause between two looks for work whose bell was lost.")

    @property
    def production(self) -> bool:
        """True where real people's money is."""
        return self.dialbook_env == "production"

    @property
    def database_dsn(self) -> str:
        """What the application connects to: the given URL, or the embedded server as the application's role."""
        if self.database_url:
            return _postgresql(self.database_url.get_secret_value())
        return embedded_dsn(self.var_dir, "dialbook_app")

    @property
    def owner_dsn(self) -> str:
        """What migrations connect to."""
        if self.database_owner_url:
            return _postgresql(self.database_owner_url.get_secret_value())
        if self.database_url:
            return _postgresql(self.database_url.get_secret_value())
        return embedded_dsn(self.var_dir, "dialbook_owner")

    @property
    def redis_dsn(self) -> str:
        """The given Redis, or the embedded one's socket."""
        if self.redis_url:
            return self.redis_url.get_secret_value()
        return f"unix://{socket_dir(self.var_dir)}/valkey.sock?db=0"

    @property
    def hook_secrets(self) -> tuple[str, ...]:
        """The accepted webhook secrets, newest first."""
        if self.hook_secret:
            return tuple(part.strip() for part in self.hook_secret.get_secret_value().split(",") if part.strip())
        return (_kept_secret(self.var_dir / "hook-secret"),)

    @property
    def pepper(self) -> bytes:
        """The PIN pepper."""
        given = self.pin_pepper.get_secret_value() if self.pin_pepper else _kept_secret(self.var_dir / "pin-pepper")
        return given.encode()


def socket_dir(var_dir: Path) -> Path:
    """The folder of the embedded servers' sockets; a short symbolic link to it where the path is too long for a socket."""
    real = var_dir.absolute() / "run"
    link = var_dir.absolute() / "run.link"
    return Path(link.read_text().strip()) if link.is_file() else real


def embedded_dsn(var_dir: Path, user: str) -> str:
    """Address of the embedded PostgreSQL for one role."""
    return f"postgresql://{user}@/dialbook?host={quote(str(socket_dir(var_dir)), safe='')}&port=5432"


def _postgresql(url: str) -> str:
    """Platforms still write postgres://."""
    return "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url


def _kept_secret(path: Path) -> str:
    """The development secret: made once, the same for every process and the next start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(24))
    except FileExistsError:
        pass
    for _ in range(100):  # another process may be between creating and writing
        if kept := path.read_text().strip():
            return kept
    raise RuntimeError(f"{path} is empty; delete it and start again")


@cache
def settings() -> Settings:
    """The settings of this process. A value that cannot be meant ends it with one line for each."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"  {'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise SystemExit("settings that cannot be meant:\n" + "\n".join(wrong)) from None
