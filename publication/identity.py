"""Who publishes the site and where it stands, as the head of every page says it (国办发〔2017〕47号, page standard)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from foundation.settings import Settings

DEFAULT_NAME = "特殊药品定点医药机构评估 · 信息公开"
NAMESPACE: UUID = uuid5(NAMESPACE_URL, "dingdian")


@dataclass(frozen=True, slots=True)
class SiteIdentity:
    """The site's name, the public address of its folder (empty: not known), its number among government sites."""

    name: str = DEFAULT_NAME
    base_url: str = ""
    id_code: str = ""

    @property
    def domain(self) -> str:
        """The host of the public address."""
        return urlsplit(self.base_url).hostname or ""

    def address(self, file: str) -> str:
        """The public address of a file of the site; empty while the site has none."""
        return f"{self.base_url.rstrip('/')}/{file}" if self.base_url else ""


def site_identity(settings: Settings) -> SiteIdentity:
    """As the installation's settings say."""
    return SiteIdentity(settings.site_name or DEFAULT_NAME, settings.public_base_url, settings.site_id_code)


def lasting_id(county: str, what: str) -> str:
    """A name for a thing that stays the same whatever address the site has, and differs between counties."""
    return str(uuid5(NAMESPACE, f"{county}/{what}"))
