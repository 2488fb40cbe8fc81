"""The way from a dossier to the form of its next act in Prefect: asked of Prefect's API at the click, never stored.

A deployment has an id of Prefect's own, which changes when its database is made anew; its name is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx

PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Door:
    """The form of an act: its flow, its deployment, the field that says whom it is about (empty: none does), and
    whether it asks for the round."""

    flow: str
    deployment: str
    field: str = ""
    is_list: bool = False
    has_round: bool = False


@dataclass(frozen=True, slots=True)
class Doors:
    """Prefect's addresses, and the forms by act. `password`: `name:password`, where its API asks for one."""

    api_url: str = ""
    acts: Mapping[str, Door] = field(default_factory=dict)
    password: str = field(default="", repr=False)

    @property
    def ui_url(self) -> str:
        """Prefect's user interface."""
        return f"{self.api_url.removesuffix('/api')}/v2"

    def form_of(self, act: str, about: Mapping[str, str]) -> str:
        """The address of an act's form, filled in as far as `about` knows its field. When Prefect does not tell the
        form's id, the list of forms, narrowed down to this one. Raises KeyError for an act without a form."""
        door = self.acts[act]
        found = self._id_of(door)
        if not found:
            return f"{self.ui_url}/deployments?{urlencode({'flowOrDeploymentName': door.deployment}, quote_via=quote)}"
        page = f"{self.ui_url}/deployments/deployment/{found}/run"
        value = about.get(door.field, "")
        named = {door.field: [value] if door.is_list else value} if value else {}
        given = {"form": {**named, **({"round": about["round"]} if door.has_round else {})}}
        if not given["form"]:
            return page
        return f"{page}?{urlencode({'parameters': json.dumps(given, ensure_ascii=False)}, quote_via=quote)}"

    def _auth(self) -> tuple[str, str] | None:
        """Name and password of Prefect's API, where it asks for them."""
        name, colon, password = self.password.partition(":")
        return (name, password) if colon else None

    def _id_of(self, door: Door) -> str:
        """Asks Prefect; empty when it does not answer, or not with this deployment."""
        path = f"{self.api_url}/deployments/name/{quote(door.flow, safe='')}/{quote(door.deployment, safe='')}"
        try:
            answer = httpx.get(path, auth=self._auth(), timeout=PATIENCE_SECONDS, trust_env=False)
        except httpx.HTTPError:
            return ""
        return str(answer.json()["id"]) if answer.status_code == httpx.codes.OK else ""
