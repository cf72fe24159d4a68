#!/bin/sh
# Makes a Debian package of the release build in dist/ and prints its path.
#
# What it depends on is read from the program itself: the packages, on the system that builds it,
# of the libraries that it names. So a package is for the Debian release that it was built on.
set -eu
cd "$(dirname -- "$0")/.."

fail() {
    printf 'packaging/debian.sh: %s\n' "$*" >&2
    exit 1
}
command -v dpkg-deb >/dev/null 2>&1 || fail "dpkg-deb is missing: ./install.sh --deps-only --test"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$work/gate
mkdir -p "$root/usr"
./install.sh --prefix "$root/usr"
# dpkg keeps a list of its own.
rm "$root/usr/share/gate/installed-files"

# The libraries that the program itself names, without those that they name in turn.
needed=$(objdump -p "$root/usr/bin/gate" | sed -n 's/^ *NEEDED *//p')
depends=
for library in $needed; do
    file=$(ldd "$root/usr/bin/gate" | awk -v name="$library" '$1 == name { print $3 }')
    [ -n "$file" ] || continue # the loader itself
    # dpkg knows files by their names before /lib became a link to /usr/lib.
    package=$({ dpkg-query -S "$(readlink -f "$file")" || dpkg-query -S "$file" ||
        dpkg-query -S "${file#/usr}"; } 2>/dev/null | head -n 1 | cut -d : -f 1)
    [ -n "$package" ] || fail "no installed package owns $file"
    case $package in
        libc6) entry="libc6 (>= $(dpkg-query -W -f '${Version}' libc6 | cut -d - -f 1))" ;;
        libgcc-s1 | libstdc++6) entry=$package ;;
        *)
            version=$(dpkg-query -W -f '${Version}' "$package" | sed 's/[-+].*//')
            entry="$package (>= $version)"
            ;;
    esac
    case ", $depends," in
        *", $entry,"*) ;;
        *) depends="$depends${depends:+, }$entry" ;;
    esac
done
depends="$depends, git (>= 1:2.39), openssh-client"

version=$("$root/usr/bin/gate" --version | tr -d '[:space:]')
printf '%s' "$version" | grep -qE '^[0-9][0-9A-Za-z.+~]*$' ||
    fail "'$version' is no version that dpkg knows"
architecture=$(dpkg --print-architecture)
size=$(du -sk "$root/usr" | cut -f 1)
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: gate
Version: $version
Architecture: $architecture
Maintainer: the gate maintainers <gate@wrk.example>
Installed-Size: $size
Depends: $depends
Section: vcs
Priority: optional
Description: git hooks that let only reviewed and checked changes land
 gate keeps the protected branches of a git server releasable: a hook on the
 server lets a change land only when somebody else reviewed it and its checks
 passed, judged by a policy and by signed evidence in the repository itself.
 The same program gives developers that answer before they push.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
mkdir -p dist
package=dist/gate_${version}_$architecture.deb
# Written beside and renamed: a package that is there is whole.
dpkg-deb --root-owner-group -Zxz --build "$root" "$package.partial" >&2
mv -f "$package.partial" "$package"
echo "$package"
