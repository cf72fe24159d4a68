#!/bin/bash
# What must hold before anything moves, and what no test can know. `gate` runs it for each
# environment that policies/release.yml names, and goes no further unless it exits 0.
#
#   deploy/preflight.sh      $ENVIRONMENT, $KUBECTL, $DATABASES as in deploy.sh
set -euo pipefail
: "${ENVIRONMENT:?is set by gate}"
read -r -a kubectl <<<"${KUBECTL:-kubectl}"

"${kubectl[@]}" --context "$ENVIRONMENT" get secret database --namespace "$ENVIRONMENT" >/dev/null || {
    echo "preflight: $ENVIRONMENT has no secret 'database', from which the services get \$DATABASE" >&2
    exit 1
}
[ -w "${DATABASES:-/nonexistent}" ] || {
    echo "preflight: \$DATABASES (${DATABASES:-not set}) is no folder that migrations can write to" >&2
    exit 1
}
