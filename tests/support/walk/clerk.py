"""A clerk at the desk: opens a form by a link or from the list, submits it, looks at the run and at its result page."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Position, TimeoutError

from tasks.rehearsal import second_word
from tests.support.patience import until
from tests.support.stack import FINAL, Stack
from tests.support.walk.camera import SETTLE_MS, Camera
from tests.support.walk.hands import PATIENCE, Effort, Hands, kinds

LIST = "/v2/deployments?limit=100&sort=NAME_ASC"
SUBMITTED, SECOND = "已提交复核", "复核/44 复核"
NOTE_PATIENCE = 2_000
ROW_PATIENCE = 10_000
CORNER: Position = {"x": 8, "y": 8}


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
        if by := values.get("by"):
            self.desk.sign_in(self.page, str(by))
        values = {name: value for name, value in values.items() if name != "by"}
        by_link = self.open(hands, deployment, str(values.get("applicant_id", "")))
        hands.fill(self.deployment(deployment)["parameter_openapi_schema"], values)
        form_seconds = time.monotonic() - began
        self.shoot(f"{picture}-form" if picture else "", self.page.locator("form"))
        run = self.submit(hands)
        self.look(hands)
        ended = "result" if run["state"]["type"] == "COMPLETED" else "refused"
        self.shoot(f"{picture}-{ended}" if picture else "", self.article())
        state, said = self._confirmed(run["state"]), self.article().inner_text()
        took = hands.effort, by_link, form_seconds, float(run["total_run_time"])
        self.done.append(Done(deployment, state["type"], state["message"] or "", *took, said))
        return self.done[-1]

    def send(self, deployment: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """The same form without the interface, where nothing new is to be seen; answers how it ended and the words."""
        run = self.desk.submit(self.deployment(deployment)["id"], {"form": dict(values)} if values else {})
        state = self._confirmed(self.desk.wait_for(run, *FINAL))
        return state["type"], state["message"] or ""

    def kinds(self, deployment: str, values: Mapping[str, Any]) -> set[str]:
        """The kinds of fields that one fills in with these values."""
        return kinds(self.deployment(deployment)["parameter_openapi_schema"], values)

    def _confirmed(self, state: dict[str, Any]) -> dict[str, Any]:
        """How a form ended; where it waits for a second person, how that person's ended, who sits elsewhere."""
        if state["name"] != SUBMITTED:
            return state
        run = self.desk.create_run(SECOND, {"form": second_word(self.desk.database_url)})
        return self.desk.wait_for(run, *FINAL)

    def open(self, hands: Hands, deployment: str, about: str) -> bool:
        """The form: by a link of the result page one is on, else from the list. Answers whether by a link."""
        shown = self.done[-1].page if self.done else ""
        wanted = f"{deployment}：{about}" if about and f"{deployment}：{about}" in shown else deployment
        is_linked = wanted in shown
        if is_linked:
            hands.click(self.page.locator("main").get_by_role("link", name=wanted, exact=wanted != deployment).first)
        else:
            self.from_list(hands, deployment)
        self.page.get_by_role("button", name="Submit").wait_for(timeout=PATIENCE)
        if self.deployment(deployment)["parameter_openapi_schema"].get("properties"):
            self.page.get_by_role("button", name="Open menu").first.wait_for(timeout=PATIENCE)
        return is_linked

    def from_list(self, hands: Hands, deployment: str) -> None:
        """The form as one finds it without a link: in the list, by the number typed into its search box."""
        if self.page.url.startswith(self.origin):
            hands.click(self.page.get_by_role("link", name="Deployments", exact=True).first)
        else:
            self.page.goto(f"{self.origin}/v2/deployments")  # ten rows: each asks the server for its last runs
        number = deployment.split()[0]
        hands.type(self.page.get_by_placeholder("Search deployments"), number)
        self.page.wait_for_url(re.compile(rf"=(%22)?{number}"), timeout=PATIENCE)  # a click before this would be lost
        until(lambda: self._opened(hands, deployment), f"表单 {deployment}", alive=self.desk.is_alive)
        hands.click(self.page.get_by_role("button", name="Run", exact=True))
        hands.click(self.page.get_by_role("menuitem", name="Custom run"))

    def _opened(self, hands: Hands, deployment: str) -> bool:
        """Whether a click on a row of the list opened it: one that the list drew anew under the mouse is lost."""
        before = hands.effort.clicks
        hands.click(self.page.get_by_role("link", name=deployment, exact=True).first)
        try:
            self.page.wait_for_url("**/deployments/deployment/*", timeout=ROW_PATIENCE)
        except TimeoutError:
            hands.effort.clicks = before
            return False
        return True

    def submit(self, hands: Hands) -> dict[str, Any]:
        """Submits, waits for the end of the run, and goes to its page.

        In this order, because the page of a run that is not over asks for news every five seconds only. The note of the
        submission stays as long as the mouse is on it; on its link the mouse would fetch that page too early.
        """
        hands.click(self.page.get_by_role("button", name="Submit"))
        note = self.page.get_by_role("link", name="View run").first
        run_id = str(note.get_attribute("href", timeout=PATIENCE)).rsplit("/", 1)[1]
        self.page.locator("[data-sonner-toast]").first.hover(position=CORNER, force=True)
        self.desk.wait_for(run_id, *FINAL)
        self._follow(note, run_id)
        hands.effort.clicks += 1
        run: dict[str, Any] = self.desk.request("GET", f"/flow_runs/{run_id}")
        return run

    def _follow(self, note: Locator, run_id: str) -> None:
        """The link of the note, without a patient click, for it moves; or the run's page where the note is gone."""
        try:
            note.dispatch_event("click", timeout=NOTE_PATIENCE)
        except TimeoutError:
            self.page.goto(f"{self.origin}/v2/runs/flow-run/{run_id}")

    def look(self, hands: Hands) -> None:
        """The run's artifacts and the result page: the one card without a key."""
        hands.click(self.page.get_by_role("tab", name="Artifacts"))
        hands.click(self.page.locator("main a[href*='/artifacts/artifact/']").first)
        try:
            self.article().wait_for(timeout=PATIENCE)
        except TimeoutError:
            self.page.reload()
            self.article().wait_for(timeout=PATIENCE)

    def article(self) -> Locator:
        """The text of a result page."""
        next_step = self.page.get_by_role("heading", name="下一步", exact=True)
        return self.page.locator("main .prose").filter(has=next_step).first

    def deployment(self, name: str) -> dict[str, Any]:
        """The deployment as Prefect has it."""
        if name not in self._known:
            found = self.desk.request("POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
            self._known[name] = found[0]
        known: dict[str, Any] = self._known[name]
        return known

    def shoot(self, name: str, what: Locator | Page) -> None:
        """A picture, when there is a camera and a name for it."""
        if self.camera and name and name not in self.camera.taken:
            self.page.wait_for_timeout(SETTLE_MS)  # Prefect draws a page a second time when its data comes again
            self.camera.shoot(name, what)
