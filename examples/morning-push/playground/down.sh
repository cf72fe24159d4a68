#!/bin/bash
# Stops what up.sh started; the folder is yours to remove.
set -euo pipefail
pid=$(cat "${1:?usage: playground/down.sh DIR}/registry/pid")
kill "$pid" 2>/dev/null || :
