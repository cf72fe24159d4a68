"""Migrations run once, in order, whole or not at all."""

import runpy
import sqlite3
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MIGRATE = runpy.run_path(str(ROOT / "deploy" / "migrate.py"))
GOOD = 'def up(database):\n    database.execute("CREATE TABLE {} (id INTEGER)")\n'


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_one.py").write_text(GOOD.format("one"))
    return folder


def tables(path):
    rows = sqlite3.connect(path).execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows} - {"migrations"}


def test_once(tmp_path, folder):
    path = tmp_path / "db"
    assert MIGRATE["migrate"](path, [folder]) == ["0001_one"]
    (folder / "0002_two.py").write_text(GOOD.format("two"))
    assert MIGRATE["migrate"](path, [folder]) == ["0002_two"]
    assert MIGRATE["migrate"](path, [folder]) == []
    assert tables(path) == {"one", "two"}


def test_a_failure_leaves_nothing_of_it(tmp_path, folder):
    path = tmp_path / "db"
    (folder / "0002_two.py").write_text(GOOD.format("two") + "    raise RuntimeError('no')\n")
    with pytest.raises(MIGRATE["Refused"], match="0002_two"):
        MIGRATE["migrate"](path, [folder])
    assert tables(path) == {"one"}
    (folder / "0002_two.py").write_text(GOOD.format("two"))
    assert MIGRATE["migrate"](path, [folder]) == ["0002_two"]


def test_an_edited_one_is_refused(tmp_path, folder):
    path = tmp_path / "db"
    MIGRATE["migrate"](path, [folder])
    (folder / "0001_one.py").write_text(GOOD.format("other"))
    with pytest.raises(MIGRATE["Refused"], match="0001_one was edited"):
        MIGRATE["migrate"](path, [folder])
