"""A clerk at the desk: opens a form by a link or from the list, submits it, looks at the run and at its result page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.support.stack import FINAL, Stack
from tests.support.walk.camera import SETTLE_MS, Camera
from tests.support.walk.hands import Effort, Hands

LIST = "/v2/deployments?limit=100&sort=NAME_ASC"
PATIENCE = 60_000


@dataclass
class Done:
    """One form that was submitted: how it ended, what its page says, and what it took."""

    deployment: str
    state: str
    message: str
    effort: Effort
    by_link: bool
    form_seconds: float
    run_seconds: float
    page: str


@dataclass
class Clerk:
    """Walks through forms. No pictures are taken without a camera."""

    desk: Stack
    page: Page
    clock: Path
    camera: Camera | None = None
    done: list[Done] = field(default_factory=list)
    _known: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where Prefect's interface is found."""
        return self.desk.api_url.removesuffix("/api")

    def set_clock(self, at: str) -> None:
        """The rehearsal's clock: what time it is for the office."""
        self.clock.write_text(at, encoding="utf-8")

    def do(self, deployment: str, values: Mapping[str, Any], picture: str = "") -> Done:
        """One form from opening it to its result page."""
        hands, began = Hands(self.page), time.monotonic()
        by_link = self.open(hands, deployment, str(values.get("applicant_id", "")))
        hands.fill(self.deployment(deployment)["parameter_openapi_schema"], values)
        form_seconds = time.monotonic() - began
        self.shoot(f"{picture}-form" if picture else "", self.page.locator("form"))
        run = self.submit(hands)
        self.look(run, hands)
        self.shoot(f"{picture}-result" if picture else "", self.article())
        state, said = run["state"], self.article().inner_text()
        took = hands.effort, by_link, form_seconds, float(run["total_run_time"])
        self.done.append(Done(deployment, state["type"], state["message"] or "", *took, said))
        return self.done[-1]

    def send(self, deployment: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """The same form without the interface, where nothing new is to be seen; answers how it ended and the words."""
        parameters = {"form": dict(values)} if values else {}
        found = self.deployment(deployment)
        run = self.desk.request("POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        state = self.desk.wait_for(run["id"], *FINAL)
        return state["type"], state["message"] or ""

    def open(self, hands: Hands, deployment: str, about: str) -> bool:
        """The form: by a link of the result page one is on, else from the list. Answers whether by a link."""
        main = self.page.locator("main")
        exact = main.get_by_role("link", name=f"{deployment}：{about}", exact=True)
        found = exact if about and exact.count() else main.get_by_role("link", name=deployment)
        is_linked = "/artifacts/" in self.page.url and found.count() > 0
        if is_linked:
            hands.click(found.first)
        else:
            self.from_list(hands, deployment)
        self.page.get_by_role("button", name="Submit").wait_for(timeout=PATIENCE)
        if self.deployment(deployment)["parameter_openapi_schema"].get("properties"):
            self.page.get_by_role("button", name="Open menu").first.wait_for(timeout=PATIENCE)
        return is_linked

    def from_list(self, hands: Hands, deployment: str) -> None:
        """The form as one finds it without a link."""
        self.page.goto(self.origin + LIST)
        hands.click(self.page.get_by_role("link", name=deployment, exact=True).first)
        hands.click(self.page.get_by_role("button", name="Run"))
        hands.click(self.page.get_by_role("menuitem", name="Custom run"))

    def submit(self, hands: Hands) -> dict[str, Any]:
        """Submits, goes to the run, and waits for its end."""
        hands.click(self.page.get_by_role("button", name="Submit"))
        self.page.get_by_role("link", name="View run").first.dispatch_event("click", timeout=PATIENCE)
        hands.effort.clicks += 1  # the note stands a few seconds only and moves: a patient click would miss it
        self.page.wait_for_url("**/runs/flow-run/**", timeout=PATIENCE)
        run_id = self.page.url.rsplit("/", 1)[1].partition("?")[0]
        self.desk.wait_for(run_id, *FINAL)
        run: dict[str, Any] = self.desk.request("GET", f"/flow_runs/{run_id}")
        return run

    def look(self, run: Mapping[str, Any], hands: Hands) -> None:
        """The run's artifacts, read anew as with F5, and the result page: the one card without a key."""
        self.page.goto(f"{self.origin}/v2/runs/flow-run/{run['id']}?tab=Artifacts")
        hands.effort.clicks += 1
        hands.effort.keys += 1
        hands.click(self.page.locator("main a[href*='/artifacts/artifact/']").first)
        self.page.get_by_role("heading", name="下一步").wait_for(timeout=PATIENCE)
        self.page.wait_for_timeout(SETTLE_MS)  # Prefect draws the page a second time when its data comes again

    def article(self) -> Locator:
        """The text of a result page."""
        return self.page.locator("main .prose").first

    def deployment(self, name: str) -> dict[str, Any]:
        """The deployment as Prefect has it."""
        if name not in self._known:
            found = self.desk.request("POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
            self._known[name] = found[0]
        known: dict[str, Any] = self._known[name]
        return known

    def shoot(self, name: str, what: Locator | Page) -> None:
        """A picture, when there is a camera and a name for it."""
        if self.camera and name:
            self.camera.shoot(name, what)
