"""Contacts at rest: sealed with AES-GCM and bound to their row; looked up by a blind index; shown masked only.

A sealed text is `v1.<key id>.<nonce and ciphertext, URL-safe base64>`. The context (`applicant:12`) is part of what is
authenticated, so a ciphertext copied into another row does not open. Keys are derived from the secret of the settings;
the encryption key and the index key are different keys.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import re
from dataclasses import asdict, dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rules.errors import InputError
from rules.texts import half_width

VERSION = "v1"
NONCE_BYTES = 12
MIN_SECRET_CHARACTERS = 16
SIGNATURE_DIGITS = 32
EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")


@dataclass(frozen=True)
class Keyring:
    """The secret in use and those before it. New texts are sealed with `current`; texts of `previous` still open.

    Raises:
        InputError: a secret is too short to protect anything.
    """

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if any(len(secret) < MIN_SECRET_CHARACTERS for secret in (self.current, *self.previous)):
            raise InputError(f"DINGDIAN_SECRET_KEY 太短：每个密钥不得少于 {MIN_SECRET_CHARACTERS} 个字符")

    @classmethod
    def from_secret(cls, secret: str) -> Keyring:
        """The keyring of a setting: the key in use, then any earlier ones, separated by commas."""
        current, *previous = (part.strip().encode() for part in secret.split(","))
        return cls(current, tuple(previous))

    @property
    def key_id(self) -> str:
        """The name of the key that new texts are sealed with; tells nothing about the key."""
        return _key_id(_derive(self.current, "seal"))

    @property
    def key_ids(self) -> frozenset[str]:
        """The names of every key on the ring."""
        return frozenset(_key_id(_derive(secret, "seal")) for secret in (self.current, *self.previous))

    def opens(self, token: str) -> bool:
        """Whether a sealed text names a key that is on the ring; the text itself is not opened."""
        named = token.split(".")[1:2]
        return named in [[one] for one in self.key_ids]

    def seal(self, text: str, context: str) -> str:
        """Encrypts a text for one row. `context` names the row (`applicant:12`); the same one is needed to open it."""
        key = _derive(self.current, "seal")
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound_to(context, _key_id(key)))
        return f"{VERSION}.{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, token: str, context: str) -> str:
        """Opens what `seal` made for the same context.

        Raises:
            InputError: not a sealed text; sealed with a key that is not on the ring; another row's; or altered.
        """
        key_id, raw = _split(token, context)
        key = self._key(key_id, context)
        try:
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(context, key_id)).decode()
        except InvalidTag:
            raise InputError(
                f"{context} 的加密内容不能解密：密文不属于这一行，或者已被改动；请重新登记联系方式"
            ) from None

    def blind_index(self, value: str) -> str:
        """A keyed hash to find equal values without storing them (width, case, blanks at its ends and marks
        that nobody sees do not matter).

        Computed with the key in use: after a change of key the stored indexes are computed anew.
        """
        normal = half_width(value).casefold()
        return hmac.new(_derive(self.current, "index"), normal.encode(), hashlib.sha256).hexdigest()

    def sign(self, text: str) -> str:
        """A keyed hash that shows later that a text is ours and unaltered. Made with the key in use."""
        return _signature(self.current, text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether `sign` made this signature for this text, with any key on the ring."""
        return any(
            hmac.compare_digest(_signature(secret, text).encode(), signature.encode())
            for secret in (self.current, *self.previous)
        )

    def _key(self, key_id: str, context: str) -> bytes:
        for secret in (self.current, *self.previous):
            key = _derive(secret, "seal")
            if _key_id(key) == key_id:
                return key
        raise InputError(
            f"{context} 的加密内容用的是密钥 {key_id}，现有密钥不能解密；请在 DINGDIAN_SECRET_KEY 末尾补上旧密钥"
        )


@dataclass(frozen=True)
class Contact:
    """Who to reach at an applicant. Never logged: its `repr` is masked."""

    name: str
    phone: str
    email: str

    def __repr__(self) -> str:
        return f"Contact({mask_phone(self.phone)}, {mask_email(self.email)})"


def seal_contact(keys: Keyring, pk: int, contact: Contact, of: str = "applicant") -> str:
    """The value of `contact_sealed` for the applicant (or what `of` names: the `expert`) with this primary key."""
    return keys.seal(json.dumps(asdict(contact), ensure_ascii=False), f"{of}:{pk}")


def unseal_contact(keys: Keyring, pk: int, token: str, of: str = "applicant") -> Contact:
    """The contact sealed for this applicant, or for what `of` names.

    Raises:
        InputError: as `Keyring.unseal`.
    """
    return Contact(**json.loads(keys.unseal(token, f"{of}:{pk}")))


def mask_email(address: str) -> str:
    """`h01@example.cn` as screens and logs may show it: `h***@example.cn`; an empty one stays empty."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***" * bool(domain)


def mask_phone(number: str) -> str:
    """`19900010000` as screens and logs may show it: `199****0000`; a short one keeps its last two figures only."""
    figures = "".join(character for character in number if character.isdigit())
    if len(figures) < len("139****0000"):
        return f"****{figures[-2:]}" if figures else ""
    return f"{figures[-11:-8]}****{figures[-4:]}"


def mask_name(name: str) -> str:
    """`张三丰` as screens and records may show it: `张**`."""
    return f"{name[:1]}{'*' * min(len(name) - 1, 2)}" if name else ""


def mask_contacts(text: str) -> str:
    """A text in which every e-mail address and mobile number is masked: for server replies and log lines."""
    hidden = EMAIL.sub(lambda found: mask_email(found[0]), text)
    return MOBILE.sub(lambda found: mask_phone(found[0]), hidden)


class MaskContacts(logging.Filter):
    """A logging filter that masks addresses and numbers in whatever reaches its logger or handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record's message; never drops a record."""
        record.msg, record.args = mask_contacts(record.getMessage()), None
        return True


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, f"dingdian {VERSION} {purpose}".encode(), hashlib.sha256).digest()


def _signature(secret: bytes, text: str) -> str:
    return hmac.new(_derive(secret, "sign"), text.encode(), hashlib.sha256).hexdigest()[:SIGNATURE_DIGITS]


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]


def _bound_to(context: str, key_id: str) -> bytes:
    return f"{VERSION}\n{key_id}\n{context}".encode()


def _split(token: str, context: str) -> tuple[str, bytes]:
    version, _, rest = token.partition(".")
    key_id, _, coded = rest.partition(".")
    try:
        raw = base64.b64decode(coded, altchars=b"-_", validate=True)
    except ValueError:  # binascii.Error is one
        raw = b""
    if version != VERSION or len(raw) <= NONCE_BYTES:
        raise InputError(f"{context} 的加密内容格式不对（应为 {VERSION}.密钥号.密文）；请重新登记联系方式")
    return key_id, raw
