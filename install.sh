#!/bin/sh
# Builds gate from this folder and installs it: one program, its hooks, templates and schemas.
#
#   ./install.sh                    into /usr/local
#   ./install.sh --prefix ~/.local  without root
#   ./install.sh --demo             nothing is installed: builds and shows what gate does
#
# Nothing is ever half installed. Everything is first written to a folder of its own inside the
# prefix, then moved into place file by file with rename(2), the program last; a list of the files
# is written before the first of them, so that --uninstall also undoes a run that was killed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
system=$(uname -s)

# ---- What a release is built with: the only place that says so ---------------------------------

static_libraries=

# Prepares the folder from which libstdc++ is linked statically, where there is an archive of it.
find_static_libraries() {
    [ "$system" = Linux ] || return 0
    for compiler in c++ clang++ g++; do
        archive=$("$compiler" -print-file-name=libstdc++.a 2>/dev/null) || continue
        [ -f "$archive" ] || continue
        static_libraries=$here/.build/static-libraries
        mkdir -p "$static_libraries"
        ln -sf "$archive" "$static_libraries/libstdc++.a"
        return 0
    done
}

# Prints the arguments of `swift build`, one a line.
release_flags() {
    echo -c
    echo release
    [ "$system" = Linux ] || return 0
    # A server needs no Swift: its runtime is inside the program.
    echo --static-swift-stdlib
    # A section for each function: what is not used can be left out, and the rest be put in order.
    for flag in -Xswiftc -Xfrontend -Xswiftc -function-sections \
        -Xcc -ffunction-sections -Xcc -fdata-sections; do
        echo "$flag"
    done
    # The linker that comes with Swift folds equal functions, packs relocations, which glibc applies
    # faster than the old form (glibc 2.36, Debian 12), and lays what the hook runs side by side: it
    # is a third of a megabyte in seventeen, and each touched page counts. Swift exports every symbol
    # of a program by default, which keeps unused code in it.
    echo -Xswiftc
    echo -use-ld=lld
    # libstdc++ (for swift-crypto) goes into the program too, as far as it is used: a megabyte less
    # to map at each start. The linker takes the archive because this folder has nothing else.
    if [ -n "$static_libraries" ]; then
        echo -Xswiftc
        echo "-L$static_libraries"
    fi
    for flag in --icf=safe -z pack-relative-relocs --no-export-dynamic \
        "--symbol-ordering-file=$here/packaging/hook-order.txt" --no-warn-symbol-ordering; do
        echo -Xlinker
        echo "$flag"
    done
}

# ---- What it needs ------------------------------------------------------------------------------

swift_wanted=6.1
run_packages_debian="git openssh-client"
build_packages_debian="libgit2-dev libyaml-dev pkg-config binutils"
# What `make lint test` and `make bench` need besides.
test_packages_debian="make python3 python3-venv openssh-server lighttpd shellcheck dpkg-dev
    debootstrap docker-registry skopeo umoci jsonnet python3-pytest curl systemd strace faketime
    chromium procps"
bench_packages_debian="make python3 python3-venv gcc libc6-dev gitolite3 valgrind strace"
packages_brew="libgit2 libyaml pkgconf git openssh"

usage() {
    cat <<'END'
usage: ./install.sh [--prefix DIR] [--deps]      build and install gate
       ./install.sh --demo [DIR]                 build, and show what gate does in DIR
       ./install.sh --uninstall [--prefix DIR]   remove what was installed
       ./install.sh --deps-only [--test] [--bench]   only install system packages

  --prefix DIR   where to install: DIR/bin/gate, DIR/share/gate (default /usr/local)
  --deps         install missing system packages first (apt-get or brew; sudo when not root)
  --deps-only    install them and stop; with --test and --bench also those that
                 `make test` and `make bench` need
  --build-only   build the release program and print its path
  --demo [DIR]   install missing system packages, build, and run `gate demo`;
                 DIR is a new temporary folder by default, and is kept
  --uninstall    remove exactly the files that were installed under the prefix
  --help         this text

exit status: 0 done, 1 failed (nothing was changed), 2 bad usage
END
}

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}
misuse() {
    printf 'install.sh: %s; see ./install.sh --help\n' "$*" >&2
    exit 2
}

# ---- Arguments ----------------------------------------------------------------------------------

action=install
prefix=/usr/local
deps=no
for_tests=no
for_bench=no
demo_folder=
set_action() {
    [ "$action" = install ] || misuse "$1 cannot be combined with --$action"
    action=${1#--}
}
while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ -n "${2-}" ] || misuse "--prefix needs a folder"
            prefix=$2
            shift
            ;;
        --prefix=?*) prefix=${1#--prefix=} ;;
        --deps) deps=yes ;;
        --test) for_tests=yes ;;
        --bench) for_bench=yes ;;
        --deps-only | --build-only | --uninstall) set_action "$1" ;;
        --demo)
            set_action "$1"
            case ${2-} in
                '' | -*) ;;
                *)
                    demo_folder=$2
                    shift
                    ;;
            esac
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) misuse "'$1' is no option of this script" ;;
    esac
    shift
done
if [ "$for_tests$for_bench" != nono ] && [ "$action" != deps-only ]; then
    misuse "--test and --bench go with --deps-only"
fi
# A shell leaves the tilde of --prefix=~/x as it is.
case $prefix in
    \~) prefix=$HOME ;;
    \~/*) prefix=$HOME/${prefix#??} ;;
esac
case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac
[ "$prefix" = / ] || prefix=${prefix%/}

# ---- System packages ----------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -- "$@"
    else
        fail "root is needed for this, and there is no sudo; as root, run: $*"
    fi
}

# Prints those of the named Debian packages that are not installed.
missing_debian() {
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

install_packages() {
    if command -v apt-get >/dev/null 2>&1; then
        # shellcheck disable=SC2086 # lists of words
        set -- $run_packages_debian $build_packages_debian
        # shellcheck disable=SC2086
        [ "$for_tests" = no ] || set -- "$@" $test_packages_debian
        # shellcheck disable=SC2086
        [ "$for_bench" = no ] || set -- "$@" $bench_packages_debian
        missing=$(missing_debian "$@")
        [ -n "$missing" ] || return 0
        say "installing: $missing"
        # The list of packages of a new machine is often empty or too old.
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2 ||
            say "install.sh: apt-get update failed; going on with the package lists as they are"
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends $missing </dev/null >&2 ||
            fail "apt-get could not install: $missing"
    elif command -v brew >/dev/null 2>&1; then
        # shellcheck disable=SC2086
        brew install $packages_brew >&2 || fail "brew could not install: $packages_brew"
    else
        fail "neither apt-get nor brew is here; install libgit2 1.5 or later, libyaml," \
            "pkg-config, git and OpenSSH with this system's own tool"
    fi
}

# Fails with everything that is missing and one command that gets it.
check_packages() {
    missing=
    command -v git >/dev/null 2>&1 || missing="$missing git"
    command -v ssh-keygen >/dev/null 2>&1 || missing="$missing ssh-keygen"
    command -v strip >/dev/null 2>&1 || missing="$missing strip"
    if command -v pkg-config >/dev/null 2>&1; then
        pkg-config --atleast-version=1.5 libgit2 || missing="$missing libgit2(1.5)"
        pkg-config --exists yaml-0.1 || missing="$missing libyaml"
    else
        missing="$missing pkg-config libgit2(1.5) libyaml"
    fi
    [ -z "$missing" ] ||
        fail "missing:$missing; get them with: ./install.sh --deps-only"
}

check_swift() {
    how="get it from https://www.swift.org/install/, or with its installer: swiftly install latest"
    command -v swift >/dev/null 2>&1 ||
        fail "Swift $swift_wanted or later is needed to build, and there is no 'swift' in PATH; $how"
    swift_found=$(swift --version 2>/dev/null |
        sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$swift_found" ] ||
        fail "'swift --version' does not say which version it is; $how"
    [ "${swift_found%%.*}" -gt "${swift_wanted%%.*}" ] ||
        { [ "${swift_found%%.*}" -eq "${swift_wanted%%.*}" ] &&
            [ "${swift_found#*.}" -ge "${swift_wanted#*.}" ]; } ||
        fail "Swift $swift_wanted or later is needed to build, and this is $swift_found; $how"
}

# ---- Building -----------------------------------------------------------------------------------

# Builds the release program and sets `program` to its path.
build() {
    check_packages
    check_swift
    find_static_libraries
    say "building gate with Swift $swift_found (a few minutes the first time)"
    # One argument a line, whatever else is in it.
    IFS='
'
    # shellcheck disable=SC2046
    swift build --package-path "$here" --product gate $(release_flags) >&2 ||
        fail "the build failed; nothing was changed"
    # shellcheck disable=SC2046
    program=$(swift build --package-path "$here" $(release_flags) --show-bin-path)/gate
    unset IFS
    [ -x "$program" ] || fail "the build left no program at $program"
}

# ---- Putting it in place ------------------------------------------------------------------------

list=share/gate/installed-files

# Copies one file into the folder that is being prepared: stage_file MODE FROM TO
stage_file() {
    { mkdir -p "$stage/${3%/*}" && cp "$2" "$stage/$3" && chmod "$1" "$stage/$3"; } ||
        fail "could not write below $prefix; nothing was changed"
}

# Prepares everything that gets installed in the folder `stage`.
stage_all() {
    stage_file 755 "$program" bin/gate
    # Without symbols it is less than half as large; the built program keeps them.
    if [ "$system" = Darwin ]; then
        strip -x "$stage/bin/gate"
    else
        strip "$stage/bin/gate"
    fi || fail "strip failed on the program; nothing was changed"
    for folder in hooks policies/templates policies/schema docs; do
        [ -d "$here/$folder" ] || continue
        target=share/gate/$folder
        [ "$folder" != docs ] || target=share/doc/gate
        (cd "$here/$folder" && find . -type f ! -name '.*') | sed 's|^\./||' | sort |
            while IFS= read -r file; do
                stage_file 644 "$here/$folder/$file" "$target/$file"
            done || exit 1
    done
    [ ! -f "$here/README.md" ] || stage_file 644 "$here/README.md" share/doc/gate/README.md
    # Completion is a convenience: without it gate is still whole.
    if "$stage/bin/gate" --generate-completion-script bash >"$work/completion" 2>/dev/null &&
        [ -s "$work/completion" ]; then
        stage_file 644 "$work/completion" share/bash-completion/completions/gate
    fi
    rm -f "$work/completion"
}

# Removes stages of runs that were killed, and this one's own.
remove_stages() {
    for left in "$prefix"/.gate-install.*; do
        [ -d "$left" ] || continue
        owner=${left##*.}
        if [ "$owner" = "$$" ] || ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$left"
        fi
    done
}

# Moves the prepared files into the prefix; afterwards the list names exactly what is there.
put_in_place() {
    (cd "$stage" && find . -type f | sed 's|^\./||' | grep -vx bin/gate | sort) >"$work/files"
    # Folders that are not there yet are ours to remove again.
    : >"$work/folders"
    (cd "$stage" && find . -mindepth 1 -type d | sed 's|^\./||' | sort) |
        while IFS= read -r folder; do
            if [ ! -d "$prefix/$folder" ] || grep -qxF "$folder/" "$prefix/$list" 2>/dev/null; then
                printf '%s/\n' "$folder" >>"$work/folders"
            fi
        done
    {
        echo bin/gate
        cat "$work/files"
        echo "$list"
        cat "$work/folders"
    } >"$work/new"
    mkdir -p "$stage/${list%/*}"
    # Until the last file is in place the list names the files of both versions.
    if [ -f "$prefix/$list" ]; then
        grep -vxF -f "$work/new" "$prefix/$list" >"$work/gone" || :
        cat "$work/gone" "$work/new" >"$stage/$list"
    else
        : >"$work/gone"
        cp "$work/new" "$stage/$list"
    fi
    (cd "$stage" && find . -mindepth 1 -type d | sed 's|^\./||' | sort) |
        while IFS= read -r folder; do
            [ -d "$prefix/$folder" ] || mkdir -m 755 "$prefix/$folder"
        done
    mv -f "$stage/$list" "$prefix/$list"
    while IFS= read -r file; do
        mv -f "$stage/$file" "$prefix/$file"
    done <"$work/files"
    mv -f "$stage/bin/gate" "$prefix/bin/gate"
    # Files that the version before had and this one has not.
    remove_listed "$work/gone"
    mv -f "$work/new" "$prefix/$list"
}

# Removes the files that a list names, then the folders as far as they are empty.
remove_listed() {
    while IFS= read -r file; do
        case $file in
            '' | /* | */ | ../* | */../* | */..) ;;
            *) rm -f "$prefix/$file" ;;
        esac
    done <"$1"
    sort -r "$1" | while IFS= read -r folder; do
        case $folder in
            /* | ../* | */../*) ;;
            */) rmdir "$prefix/${folder%/}" 2>/dev/null || : ;;
        esac
    done
}

check_prefix() {
    hint="choose another with --prefix (without root: --prefix ~/.local), or become root"
    mkdir -p "$prefix" 2>/dev/null || fail "cannot create the prefix $prefix; $hint"
    [ -w "$prefix" ] || fail "cannot write to the prefix $prefix; $hint"
    for folder in bin share share/gate; do
        [ ! -e "$prefix/$folder" ] || [ -w "$prefix/$folder" ] ||
            fail "cannot write to $prefix/$folder; $hint"
    done
}

# Installs the program that was built under the prefix.
install_all() {
    umask 022
    remove_stages
    work=$prefix/.gate-install.$$
    stage=$work/tree
    placing=no
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir -p "$stage" 2>/dev/null || fail "cannot write to the prefix $prefix; $hint"
    stage_all
    # From here on each step is a rename inside one file system, which needs next to no space.
    placing=yes
    put_in_place
    placing=no
    remove_stages
}

finish() {
    status=$?
    [ "$placing" = no ] || say "install.sh: $prefix was left between two versions, each file whole;" \
        "run this again, or with --uninstall"
    rm -rf "$work"
    exit "$status"
}

case $action in
    deps-only)
        install_packages
        ;;
    build-only)
        [ "$deps" = no ] || install_packages
        build
        printf '%s\n' "$program"
        ;;
    install)
        check_prefix
        [ "$deps" = no ] || install_packages
        build
        install_all
        say "installed $prefix/bin/gate ($("$prefix/bin/gate" --version 2>/dev/null || :))"
        case :$PATH: in
            *:"$prefix/bin":*) ;;
            *) say "$prefix/bin is not in your PATH: add it, or call the program by its full name" ;;
        esac
        say "next: gate init in a clone, gate install --server DIR on the server"
        ;;
    uninstall)
        [ -f "$prefix/$list" ] ||
            fail "there is no $prefix/$list: this script installed nothing under $prefix"
        { [ -w "$prefix/bin" ] && [ -w "$prefix/share/gate" ]; } ||
            fail "cannot write to $prefix; become root"
        copy=$(mktemp)
        trap 'rm -f "$copy"' EXIT
        # The list goes last, so that a run that is killed can be repeated.
        cp "$prefix/$list" "$copy"
        grep -vxF "$list" "$copy" >"$copy.files" || :
        grep -v '/$' "$copy.files" >"$copy.first" || :
        trap 'rm -f "$copy" "$copy.files" "$copy.first"' EXIT
        remove_listed "$copy.first"
        rm -f "$prefix/$list"
        remove_listed "$copy.files"
        remove_stages
        say "removed gate from $prefix; a repository whose hooks still call it now refuses" \
            "pushes: run 'gate uninstall' there before, or remove its hooks"
        ;;
    demo)
        install_packages
        build
        # The program looks for its hooks and templates beside itself, as when installed.
        prefix=$here/.build/demo
        mkdir -p "$prefix"
        install_all
        trap - EXIT INT TERM HUP
        [ -n "$demo_folder" ] || demo_folder=$(mktemp -d "${TMPDIR:-/tmp}/gate-demo.XXXXXX")
        exec "$prefix/bin/gate" demo "$demo_folder"
        ;;
esac
