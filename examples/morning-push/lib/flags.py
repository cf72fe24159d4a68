"""Feature flags, in OpenFeature's flagd format."""

import json
import os
from pathlib import Path


def flag(name, path=None):
    """The value that a flag has by default; what is disabled or unknown is off."""
    path = Path(path or os.environ.get("FLAGS", "flags.json"))
    known = json.loads(path.read_text(encoding="utf-8"))["flags"]
    found = known.get(name, {"state": "DISABLED"})
    return found["state"] == "ENABLED" and found["variants"][found["defaultVariant"]]
