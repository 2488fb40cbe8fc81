"""An installation whose forms are sent through Prefect's API, with the words that a person sees in them, on a clock of
its own. One serves several rounds, one after the other: its database is put at the stage that a test begins with."""

from __future__ import annotations

import json
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from foundation.secrets import Keyring
from tasks.rehearsal import second_word
from tests.support.database import changed, dump
from tests.support.stack import Stack
from tests.tasks.rehearsal import BOSS, Rehearsal, beijing, play, scenario_until
from views.markdown import plain

SECRET = urlsafe_b64encode(bytes(range(32))).decode()
KEYS = Keyring.from_secret(SECRET)
OURS = ("audit_record", "application", "deadline", "draw", "draw_challenge", "expert_declaration", "objection")


class Office:
    """The installation, the file that holds its clock, and the round in its database."""

    def __init__(self, stack: Stack, clock: Path, database: Path) -> None:
        self.stack, self.clock, self._database = stack, clock, database
        self._empty = database.with_name("empty.db")
        copy(database, self._empty)

    def stand(self, stage: str, variant: str, at: str) -> None:
        """From now on the database holds one round at a stage of its life, whatever was there before, and the clock
        says when. Whoever has the database open sees it as one change."""
        staged = self._database.with_name("staged.db")
        copy(self._empty, staged)
        play(f"sqlite:///{staged}", scenario_until(stage, variant), variant, KEYS)
        self.clock.write_text(at, encoding="utf-8")
        copy(staged, self._database)
        self.stack.forget_people()
        self.round = Rehearsal(self.stack.database_url)

    def at(self, moment: str) -> None:
        """Sets the clock, Beijing time."""
        self.clock.write_text(beijing(moment).isoformat(), encoding="utf-8")

    def put(self, name: str, content: Any) -> str:
        """Puts a file into the inbox; its name."""
        inbox = self.stack.var_dir / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return name

    def send(self, deployment: str, **form: Any) -> tuple[str, str, str]:
        """Submits a form; answers how the run ended, its sentence, and the page that it ends with."""
        run = self.stack.create_run(f"{deployment.partition(' ')[2]}/{deployment}", {"form": form})
        state = self.stack.wait_for(run)
        return state["type"], state["message"], self._page(run)

    def _page(self, run: str) -> str:
        """The one page of a run that its result is: the others carry a key."""
        body = {"flow_runs": {"id": {"any_": [run]}}}
        found = self.stack.request("POST", "/artifacts/filter", body)
        return next((str(one["data"]) for one in found if one["key"] is None), "")

    def done(self, deployment: str, **form: Any) -> str:
        """Submits a form that is done, confirmed by a second person where it wants one; answers the sentence, which
        the page repeats."""
        ended, said, page = self.send(deployment, by=BOSS, **form)
        if said.startswith("已提交复核："):
            ended, said, page = self.send("44 复核", **second_word(self.round.url))
        assert (ended, f"**{plain(said)}**" in page) == ("COMPLETED", True), (said, page)
        return said

    def refused(self, deployment: str, **form: Any) -> str:
        """Submits a form that is refused; answers why. The page says it, and not one row of any table has changed."""
        before = self.rows()
        ended, said, page = self.send(deployment, by=BOSS, **form)
        why = said.removeprefix("未办理：")
        assert (ended, f"**{plain(why)}**" in page, "没有写入任何内容" in page) == ("CANCELLED", True, True), (
            said,
            page,
        )
        assert changed(before, self.rows()) == {}
        return why

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What the acts write; messages move by themselves meanwhile."""
        held = dump(self.round.url)
        return {name: rows for name, rows in held.items() if name in OURS}


def copy(source: Path, target: Path) -> None:
    """A database as it stands, in one piece, also into one that others have open."""
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)


@contextmanager
def forms_office(folder: Path) -> Iterator[Office]:
    """Started, and stopped at the end."""
    folder.mkdir()
    clock, database = folder / "clock", folder / "ours.db"
    clock.write_text("2025-08-01T09:00:00+08:00", encoding="utf-8")
    stack = Stack(folder / "var")
    stack.environment |= {
        "DINGDIAN_REHEARSAL_CLOCK": str(clock),
        "DINGDIAN_SECRET_KEY": SECRET,
        "DINGDIAN_DATABASE_URL": f"sqlite:///{database}",
    }
    stack.start()
    try:
        yield Office(stack, clock, database)
    finally:
        stack.stop()
