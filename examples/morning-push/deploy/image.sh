#!/bin/bash
# Builds the image of a service from a commit, puts it into the registry, prints it by its digest.
#
#   deploy/image.sh SERVICE NAME REVISION     NAME:REVISION, e.g. registry.wrk.example/api:9ab03e7…
#
# There is no daemon, no network but the registry's and no root: the layer is a tar of the commit's
# own files (whatever else lies in the working tree), on top of $BASE. The same commit on the same
# base gives the same digest on every machine: times are the commit's, owners are root, the order is
# the names'. So it can be said again, and anybody can check an image by building it.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=registry.bash
. "$here/registry.bash"

[ $# -eq 3 ] || fail 2 "usage: deploy/image.sh SERVICE NAME REVISION"
service=$1 name=$2
: "${BASE:?set BASE to the base image, by its digest: registry.wrk.example/python@sha256:...}"
[[ $BASE == *@sha256:* ]] || fail 2 "BASE must name the base image by its digest, not $BASE"
revision=$(git rev-parse --verify --quiet "$3^{commit}") || fail 2 "there is no commit $3 here"
git cat-file -e "$revision:$service/__main__.py" 2>/dev/null ||
    fail 2 "$revision has no service $service"

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$revision")
created=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
source=$(git show "$revision:policies/people.yml" | sed -n 's/^repository: *\([^ ]*\).*/\1/p')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/app"
git archive --format=tar "$revision" "$service" lib flags.json | tar -x -C "$work/root/app"
tar --create --file "$work/layer.tar" --directory "$work/root" --format=gnu --sort=name \
    --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w app

umoci init --layout "$work/images"
said=$(skopeo copy --quiet "docker://$BASE" "oci:$work/images:base" 2>&1) ||
    refuse_registry "$BASE" "$said"
umoci raw add-layer --image "$work/images:base" --tag built --history.created "$created" \
    --history.created_by "deploy/image.sh $service" "$work/layer.tar"
umoci config --image "$work/images:built" --no-history --created "$created" \
    --config.workingdir /app --config.user 65534:65534 \
    --clear config.entrypoint --clear config.cmd \
    --config.entrypoint python3 --config.entrypoint -m --config.entrypoint "$service" \
    --config.env "REVISION=$revision" --config.env FLAGS=/app/flags.json \
    --config.label "org.opencontainers.image.revision=$revision" \
    --config.label "org.opencontainers.image.source=$source" \
    --config.label "org.opencontainers.image.created=$created"

digest=sha256:$(skopeo inspect --raw "oci:$work/images:built" | sha256sum | cut -d ' ' -f 1)
there=$(digest_of "$name:$revision") || exit
[ -z "$there" ] || [ "$there" = "$digest" ] ||
    fail 1 "$name:$revision is $there already, and this commit builds as $digest on $BASE"
copy_image "oci:$work/images:built" "docker://$name:$revision" "$digest"
printf '%s@%s\n' "$name" "$digest"
