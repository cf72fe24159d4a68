"""A database as the migrations leave it, for every test."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


@pytest.fixture(name="database_file")
def _database_file(tmp_path):
    path = tmp_path / "database.sqlite"
    migrate = runpy.run_path(str(ROOT / "deploy" / "migrate.py"))["migrate"]
    migrate(path, [ROOT / "api" / "migrations"])
    return path


@pytest.fixture
def database(database_file):
    """A connection to it."""
    from lib.database import connect
    return connect(database_file)
