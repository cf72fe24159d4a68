#!/bin/bash
# Makes a base image of this Debian machine's own Python and puts it into the registry, so that the
# example needs no other registry. Where you have a base image, name it in $BASE and forget this.
#
#   deploy/base-image.sh NAME     e.g. registry.wrk.example/python; prints NAME@sha256:...
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=registry.bash
. "$here/registry.bash"

[ $# -eq 1 ] || fail 2 "usage: deploy/base-image.sh NAME"
python=$(readlink -f /usr/bin/python3)
version=${python##*/}
library=/usr/lib/$version
created=1970-01-01T00:00:00Z

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/usr/bin" "$work/root/app" "$work/root/tmp"
chmod 1777 "$work/root/tmp"
# The interpreter, its library without what a service never imports, and the libraries that these
# need (ldd names them).
{
    printf '%s\n' "$python"
    find "$library" -type f \( -name '*.py' -o -name '*.so' \) ! -name '_tkinter*' \
        ! -path '*/config-*' ! -path "$library/test/*" ! -path "$library/tkinter/*" \
        ! -path "$library/lib2to3/*" ! -path "$library/idlelib/*" ! -path "$library/distutils/*" \
        ! -path "$library/ensurepip/*" ! -path "$library/pydoc_data/*"
} >"$work/files"
# shellcheck disable=SC2046 # library names of Debian have no blanks
ldd $(grep -e '\.so$' -e "^$python\$" "$work/files") | grep -o '/[^ )]*[^ ):]' |
    grep -e '\.so' | grep -v "^$library/" | sort -u >"$work/libraries"
sort -u "$work/files" "$work/libraries" |
    tar --create --dereference --absolute-names --files-from - --transform 's,^/,,' |
    tar --extract --directory "$work/root"
ln -s "$version" "$work/root/usr/bin/python3"
tar --create --file "$work/layer.tar" --directory "$work/root" --format=gnu --sort=name \
    --mtime=@0 --owner=0 --group=0 --numeric-owner .

umoci init --layout "$work/images"
umoci new --image "$work/images:base"
umoci raw add-layer --image "$work/images:base" --history.created "$created" \
    --history.created_by "deploy/base-image.sh, $version" "$work/layer.tar"
umoci config --image "$work/images:base" --no-history --created "$created" --os linux \
    --architecture "$(dpkg --print-architecture)" --config.env PATH=/usr/bin \
    --config.env PYTHONDONTWRITEBYTECODE=1 --config.cmd python3
digest=sha256:$(skopeo inspect --raw "oci:$work/images:base" | sha256sum | cut -d ' ' -f 1)
copy_image "oci:$work/images:base" "docker://$1:$version" "$digest"
printf '%s@%s\n' "$1" "$digest"
