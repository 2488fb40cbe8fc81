"""The way from a dossier to the form of its next act in Prefect: asked of Prefect's API at the click, never stored.

A deployment's name is ours; its id is Prefect's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from views.form_address import Labels, form_address

PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class FormLink:
    """The form of an act: its flow, its deployment, the fields that it asks; the step of the procedure that it stands
    under (`2 初审`) and what it is for, as `prefect.yaml` says them."""

    flow: str
    deployment: str
    fields: frozenset[str] = frozenset()
    step: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class FormLinks:
    """Prefect's addresses, the forms by act, and what they show for a code. `password`: `name:password`, where its API
    asks for one; `headers`: what the door of our own server lets in; `desk_url`: where people find Prefect's interface,
    where that is not the API's own server."""

    api_url: str = ""
    acts: Mapping[str, FormLink] = field(default_factory=dict)
    labels: Labels = field(default_factory=dict)
    password: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    desk_url: str = ""

    @property
    def ui_url(self) -> str:
        """Prefect's user interface."""
        return f"{self._origin}/v2"

    @property
    def gate_url(self) -> str:
        """Where one sees who one is, and logs out."""
        return f"{self._origin}/gate/"

    @property
    def _origin(self) -> str:
        return self.desk_url or self.api_url.removesuffix("/api")

    def form_of(self, act: str, values: Mapping[str, Any]) -> str:
        """The address of an act's form, filled in with those of the values that it asks for. When Prefect does not tell
        the form's id, the list of forms, narrowed down to this one. Raises KeyError for an act without a form."""
        link = self.acts[act]
        found = self._id_of(link)
        if not found:
            return f"{self.ui_url}/deployments?{urlencode({'flowOrDeploymentName': link.deployment}, quote_via=quote)}"
        asked = {name: value for name, value in values.items() if name in link.fields}
        return f"{self.ui_url}{form_address(found, asked, self.labels)}"

    def _auth(self) -> tuple[str, str] | None:
        """Name and password of Prefect's API, where it asks for them."""
        name, colon, password = self.password.partition(":")
        return (name, password) if colon else None

    def _id_of(self, link: FormLink) -> str:
        """Asks Prefect; empty when it does not answer, or not with this deployment."""
        path = f"{self.api_url}/deployments/name/{quote(link.flow, safe='')}/{quote(link.deployment, safe='')}"
        try:
            answer = httpx.get(
                path, auth=self._auth(), headers=dict(self.headers), timeout=PATIENCE_SECONDS, trust_env=False
            )
        except httpx.HTTPError:
            return ""
        return str(answer.json()["id"]) if answer.status_code == httpx.codes.OK else ""
