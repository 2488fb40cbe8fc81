"""Settings of an installation: environment variables that begin with `DINGDIAN_`, read and checked once.

Nothing here is law: numbers of the law stand in `policies/`. Secrets stay out of `repr`, so that no log shows them.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation import rehearsal
from foundation.staff_addresses import addresses_of
from foundation.wrong_values import said
from rules.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (ROOT / "pyproject.toml").is_file()
HOME = ROOT if IS_CHECKOUT else Path.cwd()  # an installed package is never written into
IN_A_RUN = "PREFECT__FLOW_RUN_ID"  # Prefect's worker says so to the process of a run, whose folder is a passing one
LOOPBACK = ("127.0.0.1", "localhost")
PREFIX = "DINGDIAN_"
MACHINE_HEADER = "X-Dingdian-Machine"  # with it our own programs show `machine_key`
BY_THE_CLOCK = "auto-scheduled"  # the tag that Prefect gives to the runs of a schedule
SECRET_OPTIONS = ("password", "sslpassword", "passfile")  # of an address of PostgreSQL
KEY_BYTES = 32
AUDIT_KEY_FILE = "audit.key"
OTHERS = stat.S_IRWXG | stat.S_IRWXO

PATHS = (
    *("var_dir", "rehearsal_clock", "inbox_dir", "sms_template_codes", "backup_dir", "backup_copy_dir", "fonts_dir"),
    *("tsa_root", "further_deployments"),
)

MessageMode = Literal["live", "redirect", "dry_run", "allow_list"]
SmsProvider = Literal["", "aliyun", "tencent", "gateway", "simulated"]


class Settings(BaseSettings):
    """What one installation may set. Empty `database_url`: embedded PostgreSQL. Relative paths: from the repository, or
    where the package is installed without one, from the folder that the program was started in."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    database_url: str = Field(default="", repr=False)
    owner_database_url: str = Field(default="", repr=False)
    database_connect_seconds: int = Field(default=10, ge=1)
    database_lock_seconds: int = Field(default=30, ge=1)
    database_statement_seconds: int = Field(default=300, ge=1)
    var_dir: Path = Path("var")
    rehearsal_clock: Path = Path()
    inbox_dir: Path = Path()
    smtp_url: str = Field(default="", repr=False)
    mail_from: str = ""
    authority_email: str = ""
    supervisor_email: str = ""
    message_mode: MessageMode = "dry_run"
    redirect_to: str = ""
    allow_list: str = ""
    sms_provider: SmsProvider = ""
    sms_endpoint: str = ""
    sms_access_key_id: str = Field(default="", repr=False)
    sms_access_key_secret: SecretStr = SecretStr("")
    sms_sign_name: str = ""
    sms_sdk_app_id: str = ""
    sms_region: str = "ap-guangzhou"
    sms_template_codes: Path = Path()
    sms_gateway_query_url: str = ""
    sms_gateway_sign: str = ""
    sms_ec_name: str = ""
    sms_add_serial: str = ""
    sms_redirect_to: str = Field(default="", repr=False)
    staff_urls: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    machine_key: SecretStr = SecretStr("")
    audit_key: SecretStr = SecretStr("")
    tsa_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    tsa_root: Path = Path()
    host_names: str = ""
    sign_on_header: str = ""
    sign_on_word: SecretStr = SecretStr("")
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    site_port: int = Field(default=4280, ge=1, le=65535)
    board_port: int = Field(default=4290, ge=1, le=65535)
    backup_dir: Path = Path()
    backup_copy_dir: Path = Path()
    prefect_keep_days: int = Field(default=7, ge=1)
    board_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    public_base_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    site_name: str = ""
    site_id_code: str = Field(default="", pattern=r"^([0-9A-Za-z]{6,20})?$")
    fonts_dir: Path = Path("fonts")
    check_hosts: str = ""
    further_deployments: Path = Path()

    @field_validator(*PATHS)
    @classmethod
    def _from_home(cls, path: Path) -> Path:
        return path if path == Path() else HOME / path.expanduser()

    @field_validator("var_dir", mode="before")
    @classmethod
    def _lasts_longer_than_a_run(cls, path: Any) -> Any:
        if not IS_CHECKOUT and os.environ.get(IN_A_RUN) and not Path(path).expanduser().is_absolute():
            raise ValueError("在 Prefect 执行进程里运行时须写明数据目录的绝对路径，如 /srv/dingdian/var")
        return path

    @field_validator("further_deployments")
    @classmethod
    def _only_of_this_tree(cls, file: Path) -> Path:
        if file != Path() and not (IS_CHECKOUT and file.resolve().is_relative_to(ROOT / "tests")):
            raise ValueError("只供源码目录里的测试使用，须是其 tests 目录下的文件；正式运行请不要设置")
        return file

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _with_our_driver(cls, url: str) -> str:
        scheme, colon, rest = url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        if url and (not colon or scheme not in ("postgresql+psycopg", "sqlite")):
            raise ValueError("只接受 postgresql://… 或 sqlite:///…")
        return url

    @field_validator("staff_urls")
    @classmethod
    def _staff_by_role(cls, urls: SecretStr) -> SecretStr:
        addresses_of(urls.get_secret_value())
        return urls

    @model_validator(mode="after")
    def _mode_has_its_addressees(self) -> Settings:
        needed = {"redirect": "redirect_to", "allow_list": "allow_list"}.get(self.message_mode)
        if needed and not getattr(self, needed):
            raise ValueError(f"{PREFIX}MESSAGE_MODE={self.message_mode} 时还必须设置 {PREFIX}{needed.upper()}")
        return self

    @model_validator(mode="after")
    def _a_rehearsal_reaches_nobody(self) -> Settings:
        if self.rehearsal_clock != Path() and self.message_mode in ("live", "allow_list"):
            raise ValueError(
                f"{PREFIX}REHEARSAL_CLOCK（演练时钟）只能在 dry_run 或 redirect 模式下使用："
                f"{PREFIX}MESSAGE_MODE={self.message_mode} 会真实发送"
            )
        return self

    @model_validator(mode="after")
    def _a_stamp_can_be_verified(self) -> Settings:
        if self.tsa_url and not self.tsa_root.is_file():
            raise ValueError(
                f"设置了 {PREFIX}TSA_URL 时还必须用 {PREFIX}TSA_ROOT 指明时间戳机构的根证书（PEM），否则无从核验"
            )
        return self

    @property
    def inbox(self) -> Path:
        """The folder operators put files into: `inbox_dir`, or `inbox` under `var_dir`."""
        return self.var_dir / "inbox" if self.inbox_dir == Path() else self.inbox_dir

    @property
    def outbox(self) -> Path:
        """The folder that workbooks for operators are put into."""
        return self.var_dir / "outbox"

    @property
    def site_dir(self) -> Path:
        """The folder the public site is written into."""
        return self.var_dir / "site"

    @property
    def backups(self) -> Path:
        """The folder of the backups: `backup_dir` (better on another disk), or `backups` under `var_dir`."""
        return self.var_dir / "backups" if self.backup_dir == Path() else self.backup_dir

    @property
    def second_backups(self) -> Path | None:
        """Their copies' folder in a second place (`backup_copy_dir`: another machine's, mounted); None without."""
        return None if self.backup_copy_dir == Path() else self.backup_copy_dir

    @property
    def staff_addresses(self) -> Mapping[str, str]:
        """Where staff are told, by role (`staff_urls`); the addresses are secrets."""
        return addresses_of(self.staff_urls.get_secret_value())

    @property
    def silent_channels(self) -> tuple[str, ...]:
        """The channels on which nothing goes out, whatever the mode: what they need is not set."""
        needed = {f"邮件（{PREFIX}SMTP_URL）": self.smtp_url, f"短信（{PREFIX}SMS_PROVIDER）": self.sms_provider}
        return tuple(channel for channel, value in needed.items() if not value)

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which a browser may address this machine: its own, those of `host_names` (separated by
        commas), and that of the board (`board_url`)."""
        given = (part.strip().lower() for part in self.host_names.split(","))
        return frozenset({*LOOPBACK, *given, urlsplit(self.board_url).hostname or ""} - {""})

    @property
    def allowed(self) -> frozenset[str]:
        """The addresses and numbers that mode `allow_list` lets through (`allow_list`, separated by commas)."""
        return frozenset(part.strip() for part in self.allow_list.split(",") if part.strip())


def _sentence(error: ErrorDetails) -> str:
    what = said(error)
    if not error["loc"]:
        return f"设置不成立：{what}。"
    return f"环境变量 {PREFIX}{str(error['loc'][0]).upper()} 的值不能用：{what}。"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once; `reset_settings` forgets them.

    Raises:
        InputError: a variable has a value that cannot be used; the sentence names the variable.
    """
    try:
        return _in_a_rehearsal(Settings())
    except ValidationError as error:
        sentences = "".join(_sentence(detail) for detail in error.errors(include_input=False))
        raise InputError(f"{sentences}请改正后重试。") from None


def _in_a_rehearsal(settings: Settings) -> Settings:
    """In the folder of a rehearsal its clock rules, nothing is sent, and no other database than its own is touched; in
    one for trying things out nothing is sent."""
    own = rehearsal.database_of(settings.var_dir)
    if own is None and rehearsal.is_practice(settings.var_dir):
        return settings.model_copy(update={"message_mode": "dry_run"})
    if own is None:
        return settings
    if settings.database_url not in ("", own):
        raise InputError(f"{settings.var_dir} 是演练目录，只能用演练自己的数据库；请取消 {PREFIX}DATABASE_URL")
    clock = settings.var_dir / rehearsal.CLOCK
    return settings.model_copy(update={"message_mode": "dry_run", "rehearsal_clock": clock})


def reset_settings() -> None:
    """Forgets the settings that were read, so that the next `get_settings` reads the environment again."""
    get_settings.cache_clear()


def secret_key(settings: Settings) -> SecretStr:
    """The key that encrypts contacts: the one that is set, or `var/secret.key`, made once with mode 0600.

    Text: 32 random bytes in URL-safe base64. Two processes that start together get the same key.

    Raises:
        InputError: the file can be read by other users of this machine, or is empty.
    """
    return settings.secret_key if settings.secret_key.get_secret_value() else _kept(settings.var_dir / "secret.key")


def without_password(url: str) -> str:
    """A database's address as it may be written down: without a password, wherever in it that stands."""
    scheme, colon, rest = url.partition("://")
    head, mark, query = rest.partition("?")
    user, at, place = head.rpartition("@")
    told = "&".join(one for one in query.split("&") if one.partition("=")[0] not in SECRET_OPTIONS)
    return f"{scheme}{colon}{user.partition(':')[0]}{at}{place}{mark if told else ''}{told}"


def owner_url_of(settings: Settings) -> str:
    """The address that migrates the database which is set: its owner's, or where there is one role only the same."""
    return settings.owner_database_url or settings.database_url


def machine_key(settings: Settings) -> SecretStr:
    """What our own processes show at the door of our Prefect server: the key that is set, or `var/machine.key`, made
    and guarded as `secret_key`. It protects no data: without it a start makes another.

    Raises:
        InputError: as `secret_key`.
    """
    return settings.machine_key if settings.machine_key.get_secret_value() else _kept(settings.var_dir / "machine.key")


def audit_key(settings: Settings) -> str:
    """What signs the journal of changes: the key that is set, or the one in `var/audit.key`; empty where none was made.

    Raises:
        InputError: as `secret_key`.
    """
    given = settings.audit_key.get_secret_value()
    path = settings.var_dir / AUDIT_KEY_FILE
    return given or (_kept(path).get_secret_value() if path.exists() else "")


def keep_audit_key(settings: Settings) -> str:
    """As `audit_key`; where there is none `var/audit.key` is made, as `secret.key` is."""
    return audit_key(settings) or _kept(settings.var_dir / AUDIT_KEY_FILE).get_secret_value()


def _kept(path: Path) -> SecretStr:
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & OTHERS:
        raise InputError(f"密钥文件 {path} 可被本机其他用户读取；请执行 chmod 600 {path} 后重试。")
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise InputError(
            f"密钥文件 {path} 是空的；请从另存处恢复，不要删除重建，否则已加密的内容无法解密，已签名的无法证明。"
        )
    return SecretStr(key)


def _make_key(path: Path) -> None:
    """Writes a new key aside and links it into place: the link of a second writer fails, and the first key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
