#!/bin/bash
# One step of the morning push, from what `gate` says is next to what it records. Said again at any
# point, after whatever happened, it goes on where the last one stopped.
#
#   deploy/push.sh staging               the newest proven landing: tests, images, staging
#   deploy/push.sh production            what staging has proven: the same images, the same script
#   deploy/push.sh rollback ENVIRONMENT REASON      back to what ran there before
#
#   $TO            push up to this landing instead of the newest proven one
#   $FROM_BRANCH   push this branch instead of the one that policies/release.yml names: a hotfix
#   $BASE, $KUBECTL, $DATABASES as image.sh and deploy.sh say
#
# Exit 0: done, or nothing to do; 1: refused or failed; 2: called wrong; 3: somebody gave no answer,
# and the outcome stays unknown until it is said again.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=registry.bash
. "$here/registry.bash"
cd "$here/.."

# Whether the image of a service is known already.
has_digest() { gate manifest get "$manifest" "services.$1.image.digest.sha256" >/dev/null 2>&1; }

# Records that the deployment under way came to nothing, and ends the script.
give_up() {
    gate release record --environment "$ENVIRONMENT" --outcome failed >/dev/null || :
    fail 1 "$1; $ENVIRONMENT is recorded as failed"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manifest=$work/manifest.json
git fetch --quiet --tags origin || fail 3 "the server of this clone does not answer"

# ---- What is next: planned, allowed, signed and recorded as started -------------------------------

case ${1-} in
    staging)
        [ $# -eq 1 ] || fail 2 "usage: deploy/push.sh staging"
        gate release start --yes ${FROM_BRANCH:+--ref "$FROM_BRANCH"} ${TO:+--to "$TO"} \
            --output "$manifest"
        ;;
    production)
        [ $# -eq 1 ] || fail 2 "usage: deploy/push.sh production"
        gate release promote --to production --yes --output "$manifest"
        ;;
    rollback)
        [ $# -eq 3 ] || fail 2 "usage: deploy/push.sh rollback ENVIRONMENT REASON"
        gate release rollback --environment "$2" --reason "$3" --yes --output "$manifest"
        ;;
    *) fail 2 "usage: deploy/push.sh staging | production | rollback ENVIRONMENT REASON" ;;
esac
[ -s "$manifest" ] || exit 0
values=$(gate manifest get "$manifest" --format env)
eval "$values"
services=$(gate manifest get "$manifest" 'services.*.name')

# ---- Images: built and tested once, on the first environment; the others get the very same --------

new=()
for service in $services; do
    has_digest "$service" || new+=("$service")
done
if [ ${#new[@]} -gt 0 ]; then
    code=0
    gate check unit integration --rev "$REVISION" || code=$?
    [ "$code" -ne 1 ] || give_up "the tests of $REVISION failed"
    [ "$code" -eq 0 ] || fail 3 "the tests of $REVISION could not run; say it again"
    for service in "${new[@]}"; do
        name=$(gate manifest get "$manifest" "services.$service.image.uri")
        image=$("$here/image.sh" "$service" "$name" "$REVISION") || code=$?
        [ "$code" -ne 1 ] || give_up "the image of $service failed"
        [ "$code" -eq 0 ] || exit "$code"
        gate manifest set-image "$service" "$image" --file "$manifest"
        printf '%s  %-8s %s\n' "$ENVIRONMENT" built "$image"
    done
    # Which images are about to be deployed is signed before they are.
    gate release record --environment "$ENVIRONMENT" --outcome started --manifest "$manifest" >/dev/null
fi

# ---- The same script for every environment ----------------------------------------------------------

# What is deployed is what was signed: each landing judged again, each image known, nothing edited.
gate manifest --of "$ENVIRONMENT" --output "$manifest"
code=0
gate manifest verify "$manifest" >"$work/said" 2>&1 || code=$?
[ "$code" -eq 0 ] || cat "$work/said" >&2
[ "$code" -ne 1 ] || give_up "its manifest does not hold"
[ "$code" -eq 0 ] || fail 3 "nobody can say whether its manifest holds; say it again"

code=0
"$here/deploy.sh" "$manifest" || code=$?
[ "$code" -ne 1 ] || give_up "the deployment failed"
[ "$code" -eq 0 ] || exit "$code"
gate release record --environment "$ENVIRONMENT" --outcome succeeded >/dev/null
printf '%s  %-8s %s\n' "$ENVIRONMENT" recorded "$RELEASE_ID at $REVISION"
