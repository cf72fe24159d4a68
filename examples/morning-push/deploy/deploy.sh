#!/bin/bash
# Brings one environment to what a manifest says. The same for staging and production: which one it
# is, which commit and which images, all of that is in the manifest.
#
#   deploy/deploy.sh MANIFEST
#
#   $KUBECTL     kubectl; each environment is a context of its name
#   $DATABASES   the folder of the environments' databases, ENVIRONMENT.sqlite
#
# Each step leaves alone what is there already, so a run that was killed is repaired by saying it
# again. Exit 0: done; 1: refused or failed; 2: called wrong; 3: somebody gave no answer.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=registry.bash
. "$here/registry.bash"
step() { printf '%s  %-8s %s\n' "$ENVIRONMENT" "$1" "$2"; }

[ $# -eq 1 ] || fail 2 "usage: deploy/deploy.sh MANIFEST"
manifest=$1
: "${DATABASES:?set DATABASES to the folder of the databases}"
read -r -a kubectl <<<"${KUBECTL:-kubectl}"

# Values are quoted by gate: evaluating them is safe whatever a commit message says.
values=$(gate manifest get "$manifest" --format env) || exit
eval "$values"
services=$(gate manifest get "$manifest" 'services.*.name') || exit

# Templates and migrations are those of the commit that is deployed, not those that lie here.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
git archive --format=tar "$REVISION" >"$work/tree.tar" ||
    fail 3 "$REVISION is not in this clone: git fetch, then say it again"
tar -x -f "$work/tree.tar" -C "$work/tree"
template=$work/tree/deploy/$ENVIRONMENT.jsonnet
[ -f "$template" ] || fail 2 "$REVISION has no deploy/$ENVIRONMENT.jsonnet"

# Everything that can be known to be wrong is found before anything is touched.
jsonnet --yaml-stream --tla-code-file "manifest=$manifest" "$template" >"$work/objects.yaml" ||
    fail 1 "the templates of $REVISION do not take this manifest"
for service in $services; do
    name=$(gate manifest get "$manifest" "services.$service.image.uri") || exit
    digest=sha256:$(gate manifest get "$manifest" "services.$service.image.digest.sha256") || exit
    there=$(digest_of "$name@$digest") || exit
    [ "$there" = "$digest" ] || fail 1 "the registry has ${there:-nothing} where $name@$digest should be"
    printf '%s %s\n' "$name" "$digest" >>"$work/images"
done

# The environment's tag says what runs there; a promotion is nothing but this.
while read -r name digest; do
    before=$(digest_of "$name:$ENVIRONMENT") || exit
    if [ "$before" != "$digest" ]; then
        copy_image "docker://$name@$digest" "docker://$name:$ENVIRONMENT" "$digest"
    fi
    step image "$name:$ENVIRONMENT is $digest"
done <"$work/images"

applied=$("$here/migrate.py" "$DATABASES/$ENVIRONMENT.sqlite" "$work"/tree/*/migrations) || exit
step migrate "${applied:-nothing to do}"

"${kubectl[@]}" --context "$ENVIRONMENT" apply --filename - <"$work/objects.yaml" >"$work/said" 2>&1 ||
    fail 1 "kubectl apply failed: $(tail -n 1 "$work/said")"
step apply "$(grep -c . "$work/said") objects"
for service in $services; do
    "${kubectl[@]}" --context "$ENVIRONMENT" rollout status "deployment/$service" \
        --namespace "$ENVIRONMENT" --timeout 5m >"$work/said" 2>&1 ||
        fail 1 "$service did not come up: $(tail -n 1 "$work/said")"
    step rollout "$service is up"
done
