"""Both services as processes, on one migrated database."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(name="address")
def _address(database_file):
    environment = {**os.environ, "DATABASE": str(database_file), "PORT": "0", "REVISION": "abc"}
    with subprocess.Popen([sys.executable, "-m", "api"], cwd=ROOT, env=environment, text=True,
                          stdout=subprocess.PIPE) as api:
        try:
            yield f"http://127.0.0.1:{api.stdout.readline().split()[-1]}"
        finally:
            api.terminate()


def call(address, path, body=None):
    """Status and body of a request; a POST when it has a body."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(address + path, data, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_payout_is_paid(address, database_file):
    assert call(address, "/healthz") == (200, {"revision": "abc"})
    wanted = {"to": "Carol", "amount": "12.50", "currency": "EUR"}
    assert call(address, "/payouts", wanted)[0] == 201
    environment = {**os.environ, "DATABASE": str(database_file)}
    subprocess.run([sys.executable, "-m", "worker", "--once"], cwd=ROOT, env=environment,
                   check=True, timeout=30)
    assert call(address, "/payouts/1")[1]["status"] == "paid"


def test_what_is_wrong_is_said(address):
    assert call(address, "/payouts", {"to": "Carol"})[0] == 400
    assert call(address, "/payouts/9") == (404, {"error": "no such payout"})
