#!/bin/bash
# install.sh, with a stand-in for `swift` that builds in no time: what it installs, what it leaves
# when it is killed at any moment, what it removes, and what it says when it cannot.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
passed=0 failed=0

# check WORDS COMMAND...: one test
check() {
    local words=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not so: $words"
        sed 's/^/    /' "$work/said"
    fi
}
run() {
    "$work/source/install.sh" "$@" >"$work/said" 2>&1 </dev/null
    status=$?
}
said() { grep -qF -- "$1" "$work/said"; }
is() { [ "$1" = "$2" ]; }
# Everything below a folder, with what it contains.
picture() { (cd "$1" && find . -mindepth 1 \( -type d -printf '%p/\n' -o -type f -printf '%p %m ' \
    -exec sha1sum {} \; \) | sort); }

# A source folder of its own, and a program that says which version it is.
mkdir -p "$work/source" "$work/bin" "$work/build"
cp -r "$root/install.sh" "$root/hooks" "$work/source/"
mkdir -p "$work/source/policies/templates" "$work/source/docs/reference"
echo 'rulesets: []' >"$work/source/policies/templates/master.yml"
echo 'a page' >"$work/source/docs/reference/page.md"
version() {
    printf '#!/bin/sh\necho "%s"\n' "$1" >"$work/build/gate"
    chmod +x "$work/build/gate"
}
cat >"$work/bin/swift" <<'END'
#!/bin/sh
case "$*" in
    --version) echo "Swift version ${STUB_SWIFT:-6.1} (swift-${STUB_SWIFT:-6.1}-RELEASE)" ;;
    *--show-bin-path*) echo "$STUB_BUILD" ;;
    build*) exit "${STUB_STATUS:-0}" ;;
    *) exit 9 ;;
esac
END
# shellcheck disable=SC2016 # expanded by the stand-in
printf '#!/bin/sh\nexit "${STUB_STRIP:-0}"\n' >"$work/bin/strip"
chmod +x "$work/bin/swift" "$work/bin/strip"
export STUB_BUILD=$work/build PATH=$work/bin:$PATH
prefix=$work/prefix

version one
run --prefix "$prefix"
check "installs" is "$status" 0
check "says what it installed" said "installed $prefix/bin/gate (one)"
check "says that the folder is not in PATH" said "$prefix/bin is not in your PATH"
check "the program runs" is "$("$prefix/bin/gate" --version)" one
check "the hooks are beside it" cmp -s "$prefix/share/gate/hooks/pre-receive" "$root/hooks/pre-receive"
check "and the templates" test -f "$prefix/share/gate/policies/templates/master.yml"
check "and the pages" test -f "$prefix/share/doc/gate/reference/page.md"
check "nothing else is left in the prefix" is "$(ls -A "$prefix")" "bin
share"
find "$prefix" -mindepth 1 \( -type f -printf '%P\n' -o -type d -printf '%P/\n' \) | sort >"$work/there"
check "the list names exactly what is there" \
    cmp -s "$work/there" <(sort "$prefix/share/gate/installed-files")

before=$(picture "$prefix")
run --prefix "$prefix"
check "a second time changes nothing" is "$(picture "$prefix")" "$before"

version two
rm "$work/source/policies/templates/master.yml"
run --prefix "$prefix"
check "an update brings the new program" is "$("$prefix/bin/gate")" two
check "and removes what the new version has not" test ! -e "$prefix/share/gate/policies"
(umask 077 && run --prefix "$work/strict")
check "others can run it whatever the umask" is "$(stat -c %a "$work/strict/bin/gate" \
    "$work/strict/bin" "$work/strict/share/gate/hooks/pre-push" | tr '\n' ' ')" "755 755 644 "

mkdir -p "$prefix/share/gate/hooks" && touch "$prefix/share/gate/mine"
run --uninstall --prefix "$prefix"
check "uninstalls" is "$status" 0
check "removes exactly what it installed" is "$(cd "$prefix" && find . -type f)" ./share/gate/mine
run --uninstall --prefix "$prefix"
check "there is nothing to remove twice" is "$status" 1

mkdir -p "$work/shared/bin" "$work/shared/share/doc" && touch "$work/shared/bin/other"
before=$(picture "$work/shared")
run --prefix "$work/shared"
run --uninstall --prefix "$work/shared"
check "leaves a shared prefix as it was, empty folders too" is "$(picture "$work/shared")" "$before"

# Killed at any moment: the program is the old one or the new one and runs; the next run repairs
# everything, and so does --uninstall.
whole=0 undone=0 tries=40
# What the killed script had started goes on for a moment, longer on a busy machine; in a process
# group of its own (set -m) it can be waited for.
set -m
for number in $(seq "$tries"); do
    rm -rf "$work/killed"
    version old
    run --prefix "$work/killed"
    version new
    "$work/source/install.sh" --prefix "$work/killed" >/dev/null 2>&1 &
    sleep "$(printf '0.%03d' $((number * 3)))"
    killed=$!
    kill -KILL "$killed" 2>/dev/null
    wait "$killed" 2>/dev/null
    for _ in $(seq 1000); do
        kill -0 -- "-$killed" 2>/dev/null || break
        sleep 0.02
    done
    case $("$work/killed/bin/gate") in
        old | new) whole=$((whole + 1)) ;;
    esac
    if [ $((number % 2)) -eq 0 ]; then
        run --prefix "$work/killed"
        [ "$("$work/killed/bin/gate")" = new ] && [ "$(ls -A "$work/killed")" = "bin
share" ] && undone=$((undone + 1))
    else
        run --uninstall --prefix "$work/killed"
        [ -z "$(find "$work/killed" -type f)" ] && undone=$((undone + 1))
    fi
done
set +m
: >"$work/said"
check "killed $tries times, the program was whole $whole times" is "$whole" "$tries"
check "killed $tries times, it was repaired or removed $undone times" is "$undone" "$tries"

# What it refuses, in one sentence and without a trace.
refuses() {
    local words=$1 wanted=$2
    shift 2
    rm -rf "$work/refused"
    run --prefix "$work/refused" "$@"
    check "$words: exit status" is "$status" "$wanted"
    check "$words: nothing is installed" test ! -e "$work/refused/bin/gate"
}
refuses "an unknown option" 2 --frobnicate
check "names the option" said "--frobnicate"
refuses "two actions" 2 --demo --uninstall
STUB_SWIFT=5.10 refuses "an old Swift" 1
check "says which is needed" said "Swift 6.1 or later is needed to build, and this is 5.10"
STUB_SWIFT=6.0 refuses "a slightly old Swift" 1
STUB_STATUS=1 refuses "a build that fails" 1
check "says so" said "the build failed; nothing was changed"
path=$PATH
PATH=/usr/bin:/bin
if ! command -v swift >/dev/null; then
    refuses "no Swift" 1
    check "says where to get it" said "https://www.swift.org/install/"
fi
PATH=$path
STUB_STRIP=1 refuses "a program that cannot be stripped" 1
check "leaves nothing" is "$(find "$work/refused" -type f 2>/dev/null)" ""
STUB_SWIFT=7.0 run --prefix "$work/later"
check "a later Swift will do" is "$status" 0

touch "$work/file"
run --prefix "$work/file/inside"
check "a prefix that cannot be made" is "$status" 1
check "says what to do" said "choose another with --prefix"
if [ "$(id -u)" -eq 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
    head -c 200000 /dev/zero >>"$work/build/gate"
    run --prefix "$work/small"
    check "a full disk" is "$status" 1
    check "says where, and that nothing was changed" \
        said "could not write below $work/small; nothing was changed"
    check "leaves nothing on it" is "$(find "$work/small" -type f | wc -l)" 0
    mount -o remount,ro "$work/small"
    run --prefix "$work/small"
    check "a read-only prefix" is "$status" 1
    check "says so" said "cannot write to the prefix"
    umount "$work/small"
fi
run --help
check "--help explains itself" is "$status" 0

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
