"""Who objects or complains, at rest: sealed to its row, found by a blind index, shown nowhere but in the letter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from foundation.addresses import same_address
from foundation.secrets import Keyring
from rules.phones import figures
from rules.texts import compared


@dataclass(frozen=True)
class Complainant:
    """Who made an objection and how to answer. Never logged: its `repr` says nothing."""

    name: str
    phone: str
    email: str
    address: str

    def __repr__(self) -> str:
        return "Complainant(***)"

    @classmethod
    def read(cls, entry: Mapping[str, str]) -> Complainant:
        """From an entry of a register."""
        return cls(*(entry[name].strip() for name in ("name", "phone", "email", "address")))

    @classmethod
    def unseal(cls, keys: Keyring, row_id: int, token: str, of: str = "objection") -> Complainant:
        """Opens what was sealed for this row of a table. Raises InputError as `Keyring.unseal`."""
        return cls(**json.loads(keys.unseal(token, f"{of}:{row_id}")))

    def seal(self, keys: Keyring, row_id: int, of: str = "objection") -> str:
        """The value of `complainant_sealed` of a row of a table."""
        return keys.seal(json.dumps(asdict(self), ensure_ascii=False), f"{of}:{row_id}")

    def index(self, keys: Keyring) -> str:
        """What tells that two are one person: the number; without one the address of e-mail, else name and address."""
        numbers = "".join(character for character in figures(self.phone) if character.isdigit())
        who = f"{compared(self.name)}/{compared(self.address)}"
        return keys.blind_index(numbers[-11:] or same_address(self.email) or who)
