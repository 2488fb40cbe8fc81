"""Pictures and refusals for the manual, from the running product: `python docs/manual_pictures.py`.

A fresh installation on a rehearsal's clock, the sample round in a real browser (the same walk as
tests/browser/test_a_whole_round.py, which also writes the table of effort), with the mistakes of
tests/support/walk/refusals.py on the way.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from docs import manual_pages
from tests.support.walk.camera import Camera
from tests.support.walk.clerk import LIST, Clerk
from tests.support.walk.hands import Hands
from tests.support.walk.office import fresh_office
from tests.support.walk.refusals import MISTAKES, Mistake
from tests.support.walk.sample import Step, names, scenario, steps

FOLDER = Path(__file__).with_name("manual")
WINDOW = {"width": 1180, "height": 760}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AFTERWARDS = (
    Step(
        "2026-02-10T14:00:00+08:00",
        "correct_record",
        {"by": "中心主任", "applicant_id": "P01", "what": "期限内已签约，录入迟延"}
        | {"reason": "协议已于 2 月 4 日签订，经办人员休假，录入迟延", "evidence": "协议原件，卷宗第 12 页"},
    ),
)


def main() -> None:
    """Walks, takes the pictures, and writes what the manual's pages are made of."""
    shutil.rmtree(FOLDER / "pictures", ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="dingdian-manual-") as folder, browser() as page:
        Path(folder).chmod(0o755)
        with fresh_office(Path(folder) / "office", scenario()) as (desk, clock):
            clerk = Clerk(desk, page, clock, Camera(FOLDER / "pictures", page.context))
            said = walk(clerk)
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / "refusals.json").write_text(f"{text}\n", encoding="utf-8")
    manual_pages.write()


def walk(clerk: Clerk) -> dict[str, list[dict[str, str]]]:
    """The whole round with the mistakes on the way; answers what was refused, by act."""
    clerk.page.goto(clerk.origin + LIST)
    clerk.page.get_by_role("link", name="12 抽取专家").wait_for()
    clerk.shoot("list", clerk.page)
    forms, refused = names(), {}
    for step in [*sorted([*steps(scenario()), *MISTAKES], key=lambda one: one.at), *AFTERWARDS]:
        clerk.set_clock(step.at)
        said = one_step(clerk, step, forms[step.do])
        print(f"{step.at[:10]} {forms[step.do]} {said}", flush=True)
        if isinstance(step, Mistake):
            refused.setdefault(step.do, []).append({"gave": step.gave, "said": said})
    the_other_forms(clerk)
    return refused


def one_step(clerk: Clerk, step: Step, form: str) -> str:
    """By the interface what is to be seen for the first time, the rest without it. Answers what was said."""
    number, wrong = form.split()[0], isinstance(step, Mistake)
    is_seen = clerk.camera is None or f"{number}-result" in clerk.camera.taken
    if is_seen if not wrong else step.do not in PICTURED:
        return clerk.send(form, step.values)[1]
    done = clerk.do(form, step.values, picture="" if wrong else number)
    if wrong:
        clerk.shoot(f"{number}-refused", clerk.article())
    return done.message


PICTURED = ("submit_application", "record_score_sheet", "sign_agreement")


def the_other_forms(clerk: Clerk) -> None:
    """The forms that the round did not need, as they open."""
    for name in sorted(names().values()):
        picture = f"{name.split()[0]}-form"
        if clerk.camera and picture not in clerk.camera.taken:
            clerk.from_list(Hands(clerk.page), name)
            clerk.page.get_by_role("button", name="Submit").wait_for()
            clerk.page.wait_for_timeout(500)
            clerk.shoot(picture, clerk.page.locator("form"))


@contextmanager
def browser() -> Iterator[Page]:
    """The machine's own Chromium, as a Chinese operator's."""
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        context = started.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WINDOW)
        yield context.new_page()
        started.close()


if __name__ == "__main__":
    main()
