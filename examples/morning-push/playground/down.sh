#!/bin/bash
# Stops the registry that up.sh started for the playground in which this lies; the folder is yours to
# remove.
set -euo pipefail
kill "$(cat "$(dirname -- "$0")/registry/pid")" 2>/dev/null || :
