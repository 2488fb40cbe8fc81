"""Pictures and refusals for the manual, from the running product: `python docs/manual_pictures.py`.

A fresh installation on a rehearsal's clock, the sample round in a real browser (the same walk as
tests/browser/test_a_whole_round.py), with the mistakes of tests/support/walk/refusals.py and the forms of
tests/support/walk/others.py on the way. Writes the pictures, the refusals, the table of effort and the pages.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from docs import effort, manual_pages
from tests.support.walk.camera import Camera
from tests.support.walk.clerk import LIST, Clerk
from tests.support.walk.hands import Hands
from tests.support.walk.office import fresh_office
from tests.support.walk.others import OTHERS, REGISTER_FILE, lay_files
from tests.support.walk.refusals import MISTAKES, Mistake
from tests.support.walk.sample import Step, names, scenario, steps
from tests.workbooks.sheetparts import PHARMACY, edited, fill

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
PICTURED = ("submit_application", "record_score_sheet", "sign_agreement")


def main() -> None:
    """Walks, takes the pictures, and writes what the manual's pages are made of."""
    began = time.monotonic()
    shutil.rmtree(FOLDER / "pictures", ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="dingdian-manual-") as folder, browser() as page:
        Path(folder).chmod(0o755)
        with fresh_office(Path(folder) / "office", scenario()) as (desk, clock):
            lay_files(desk.var_dir / "inbox", scenario())
            clerk = Clerk(desk, page, clock, Camera(FOLDER / "pictures"))
            said = walk(clerk)
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / "refusals.json").write_text(f"{text}\n", encoding="utf-8")
    times = Counter(names()[step.do] for step in steps(scenario()))
    (FOLDER / "effort.md").write_text(effort.page(clerk.done, times), encoding="utf-8")
    manual_pages.write()
    taken = list((FOLDER / "pictures").iterdir())
    size = sum(one.stat().st_size for one in taken) / 1e6
    print(f"图片 {len(taken)} 张，{size:.1f} MB；{time.monotonic() - began:.0f} 秒")


def walk(clerk: Clerk) -> dict[str, list[dict[str, str]]]:
    """The whole round with the mistakes and the other forms on the way; answers what was refused, by act."""
    clerk.page.goto(clerk.origin + LIST)
    clerk.page.get_by_role("link", name="12 抽取专家").wait_for()
    clerk.shoot("list", clerk.page)
    forms, refused = names(), {}
    for step in [*sorted([*steps(scenario()), *MISTAKES, *OTHERS], key=lambda one: one.at), *AFTERWARDS]:
        clerk.set_clock(step.at)
        if step.do == "import_workbook":
            fill_register(clerk.desk.var_dir)
        said = one_step(clerk, step, forms[step.do])
        print(f"{step.at[:10]} {forms[step.do]} {said}", flush=True)
        if isinstance(step, Mistake):
            refused.setdefault(step.do, []).append({"gave": step.gave, "said": said})
    the_other_forms(clerk)
    return refused


def one_step(clerk: Clerk, step: Step, form: str) -> str:
    """By the interface what is to be seen for the first time, the rest without it. Answers what was said."""
    number, is_wrong = form.split()[0], isinstance(step, Mistake)
    is_seen = any(one.deployment == form and one.state == "COMPLETED" for one in clerk.done)
    if is_seen if not is_wrong else step.do not in PICTURED:
        return clerk.send(form, step.values)[1]
    done = clerk.do(form, step.values, picture="" if is_wrong else number)
    if is_wrong:
        clerk.shoot(f"{number}-refused", clerk.article())
    return done.message


def fill_register(var_dir: Path) -> None:
    """The downloaded register as a person fills it in: one row right, one with two faults; put into the inbox."""
    (downloaded,) = (var_dir / "outbox").glob("*.xlsx")
    late = PHARMACY | {"applicant_id": "P10", "name": "样例大药房十店"}
    with edited(downloaded) as book:
        fill(book["零售药店"], late, late | {"applicant_id": "P11", "facts.physicians": "三名", "contact.phone": "12"})
    downloaded.rename(var_dir / "inbox" / REGISTER_FILE)


def the_other_forms(clerk: Clerk) -> None:
    """The forms that the round did not need, as they open."""
    for name in sorted(names().values()):
        picture = f"{name.split()[0]}-form"
        if clerk.camera and picture not in clerk.camera.taken:
            clerk.from_list(Hands(clerk.page), name)
            clerk.page.get_by_role("button", name="Submit").wait_for()
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
