"""Rounds that stand at a stage: each stage is played once per session and database kind, and copied for every test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from dingdian.embedded import Cluster
from models import migrate
from models.database import engine_for
from tests.support.postgres import administer
from tests.tasks.rehearsal import Rehearsal, play, scenario_until

Stage = Callable[..., Rehearsal]


class Templates:
    """Databases at a stage, made when first asked for."""

    def __init__(self, folder: Path, cluster: Callable[[], Cluster]) -> None:
        self.folder, self.cluster = folder, cluster
        self.made: dict[tuple[str, str, str], str] = {}

    def at(self, kind: str, stage: str, variant: str) -> str:
        """The address of the database that stands at a stage; never to be written."""
        key = (kind, stage, variant)
        if key not in self.made:
            self.made[key] = url = self._address(kind, f"stage_{uuid.uuid4().hex}")
            migrate.upgrade(url)
            play(url, scenario_until(stage, variant), variant)
            engine_for(url).dispose()
        return self.made[key]

    def copy(self, kind: str, stage: str, variant: str) -> str:
        """A database of one's own at a stage."""
        source, name = self.at(kind, stage, variant), f"copy_{uuid.uuid4().hex}"
        if kind == "sqlite":
            shutil.copyfile(source.removeprefix("sqlite:///"), self.folder / f"{name}.db")
            return f"sqlite:///{self.folder / name}.db"
        administer(self.cluster(), f"CREATE DATABASE {name} TEMPLATE {make_url(source).database}")
        return self.cluster().url(name)

    def drop(self, url: str) -> None:
        """Throws a copy away."""
        engine_for(url).dispose()
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).unlink()
        else:
            administer(self.cluster(), f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _address(self, kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        administer(self.cluster(), f"CREATE DATABASE {name}")
        return self.cluster().url(name)


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The stages of this session."""
    return Templates(tmp_path_factory.mktemp("stages"), lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture
def at_stage(templates: Templates, database_kind: str) -> Iterator[Stage]:
    """`at_stage("signing")`: a round of one's own that stands there, on either kind of database."""
    made: list[str] = []

    def begin(stage: str, variant: str = "") -> Rehearsal:
        made.append(templates.copy(database_kind, stage, variant))
        return Rehearsal(made[-1])

    yield begin
    for url in made:
        templates.drop(url)
