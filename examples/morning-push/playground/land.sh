#!/bin/bash
# What happens between an edit and master, in one go: lands what was edited in somebody's clone.
#
#   land.sh AUTHOR REVIEWER TITLE [BRANCH]     e.g. alice bob 'Pay out in CAD'
#
# The steps are those of every day; in real life a runner does the second and a colleague the third.
set -euo pipefail
[ $# -ge 3 ] || {
    echo "usage: land.sh AUTHOR REVIEWER TITLE [BRANCH]" >&2
    exit 2
}
author=$1 reviewer=$2 title=$3 onto=${4:-master}
branch=$(tr -cs '[:alnum:]' - <<<"${title,,}" | sed 's/^-//; s/-$//')
cd "${PLAYGROUND:?. DIR/env first}"
exec 3>&1 4>&2 >land.log 2>&1
trap 'cat "$PLAYGROUND/land.log" >&4' ERR

cd "$author"
git switch -q -c "$branch"
git add -A
# What was committed already (git revert, git cherry-pick -x) keeps its own words.
git diff --cached --quiet || git commit -q -m "$title"
git push -q origin "$branch"

cd ../ci
git fetch -q
gate check unit --rev "origin/$branch" --report ../report.json
gate attest ../report.json --push

cd "../$reviewer"
git fetch -q
gate review approve "$branch" --onto "$onto"

cd "../$author"
gate merge "$branch" --onto "$onto" --message "$title"
git fetch -q
git switch -q master
git merge -q --ff-only origin/master
git branch -q -D "$branch"
git push -q origin --delete "$branch"
git log -1 --format='%h %s' "origin/$onto" >&3
