#!/bin/bash
# The mail to the day's shepherd: who it is, what would go out, what turns on. Moves nothing, and
# prints nothing on days without a shepherd. Cron and the systemd timer pipe it into sendmail -t.
set -euo pipefail
cd "$(dirname -- "$0")/.."
git fetch --quiet --tags origin
mail=$(gate shepherd --format mail)
[ -n "$mail" ] || exit 0
printf '%s\n\n' "$mail"
gate range --environment staging
printf '\nIn a clone of the system:\n\n    deploy/push.sh staging\n'
