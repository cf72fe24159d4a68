import Enforcement

/// What git runs in place of gate: a few lines of shell for each hook.
///
/// They are the same as the files in `hooks/` at the root of the repository (a test compares them):
/// inside the program they cannot be missing or be of another version than it.
enum HookScript: String, CaseIterable {
    case preReceive = "pre-receive"
    case postReceive = "post-receive"
    case prePush = "pre-push"

    /// The hooks of a server's repository, in the order in which they are put in place: what refuses
    /// comes last, so that it never runs without the rest.
    static let server: [HookScript] = [.postReceive, .preReceive]
    /// The hooks of a clone.
    static let clone: [HookScript] = [.prePush]

    /// The second line of every one, in all versions.
    private static let mark = "# Written by gate install; gate uninstall takes it away."

    /// The hook that runs the program at this absolute path.
    func text(program: String) -> [UInt8] {
        let parts = Self.split(template, at: Self.placeholder)
        return Array(parts.joined(separator: shellWord(program.utf8)).utf8)
    }

    /// Whether a file is a hook of gate's, of this or another version.
    static func isOurs(_ bytes: [UInt8]) -> Bool {
        let lines = bytes.split(separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false)
        return lines.count > 1 && lines[1].elementsEqual(mark.utf8)
    }

    /// The program that a hook of gate's runs; nil when it does not say so in gate's way.
    static func program(in bytes: [UInt8]) -> String? {
        let start = Array("gate=".utf8)
        guard let line = bytes.split(separator: 0x0a).first(where: { $0.starts(with: start) })
        else { return nil }
        let word = String(decoding: line.dropFirst(start.count), as: UTF8.self)
        guard word.hasPrefix("'"), word.hasSuffix("'"), word.utf8.count > 1 else { return word }
        return split(String(word.dropFirst().dropLast()), at: "'\\''").joined(separator: "'")
    }

    private static let placeholder = "@GATE@"

    private static func split(_ text: String, at mark: String) -> [String] {
        var parts: [String] = []
        var rest = text[...]
        while let range = rest.firstRange(of: mark) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }

    /// The text with `@GATE@` where the program's path goes.
    var template: String {
        switch self {
        case .preReceive: Self.preReceiveTemplate
        case .postReceive: Self.postReceiveTemplate
        case .prePush: Self.prePushTemplate
        }
    }

    private static let preReceiveTemplate = #"""
        #!/bin/sh
        # Written by gate install; gate uninstall takes it away.
        #
        # git runs this before it accepts a push (githooks(5)); what it reads goes to gate as it is.
        # Whatever keeps gate from deciding refuses the push. gate's place is written here when the hook is
        # installed and nothing in the environment changes it. It is not exec'd, so that a program that
        # cannot start (a library is missing) or is killed still ends in a sentence.
        gate=@GATE@
        before=$0.before-gate
        if [ -f "$before" ] && [ -x "$before" ]; then
            # The hook that was here before: it reads the same, and what it refuses is refused.
            input=$(cat && echo .) || exit 3
            printf %s "${input%.}" 2>/dev/null | "$before" "$@" || exit $?
            # Should the copy break off, gate reads a line that git never sends, and refuses.
            { printf %s "${input%.}" || echo broken; } | "$gate" hook pre-receive "$@"
        else
            "$gate" hook pre-receive "$@"
        fi
        status=$?
        case $status in
            0 | 1 | 2 | 3) exit $status ;;
        esac
        echo "gate: refused: $gate could not decide (it ended with $status); on the server, run: gate doctor" >&2
        exit 3

        """#

    private static let postReceiveTemplate = #"""
        #!/bin/sh
        # Written by gate install; gate uninstall takes it away.
        #
        # git runs this after a push was accepted (githooks(5)): gate answers with what a branch still
        # needs, and starts its checks where the owner wants that. Nothing can be refused any more, so a
        # gate that cannot run only warns.
        gate=@GATE@
        before=$0.before-gate
        status=0
        if [ -f "$before" ] && [ -x "$before" ]; then
            # The hook that was here before: it reads the same.
            input=$(cat && echo .) || exit 3
            printf %s "${input%.}" 2>/dev/null | "$before" "$@" || status=$?
            printf %s "${input%.}" | "$gate" hook post-receive "$@"
        else
            "$gate" hook post-receive "$@"
        fi ||
            echo "gate: warning: $gate could not say what this push needs; on the server, run: gate doctor" >&2
        exit $status

        """#

    private static let prePushTemplate = #"""
        #!/bin/sh
        # Written by gate install; gate uninstall takes it away.
        #
        # git runs this in a clone before it pushes (githooks(5)): gate gives the server's answer first, and
        # runs the checks of on_push. GATE=0 switches it off, GATE_SKIP=a,b leaves checks out; GATE_BIN names
        # another program, for who works on gate itself.
        gate=@GATE@
        here=${0%/*}
        before=$here/pre-push.before-gate
        [ -f "$before" ] && [ -x "$before" ] || before=
        # Moved aside by another hook manager, which runs it: what that has put in place is not run again.
        if [ -n "$before" ] && [ "${0##*/}" != pre-push ] && cmp -s "$before" "$here/pre-push"; then
            before=
        fi

        # Runs the hook that was here before.
        earlier() {
            line=
            { read -r line && read -r line; } <"$before"
            # shellcheck disable=SC2016
            if [ "$line" = '. "$(dirname "$0")/h"' ]; then
                # husky's goes by the name in $0, which is that of the file that is run: it is read instead.
                # shellcheck source=/dev/null
                (. "$before")
            else
                "$before" "$@"
            fi
        }

        if [ "${GATE-}" = 0 ]; then
            [ -n "$before" ] || exit 0
            earlier "$@"
            exit $?
        fi
        gate=${GATE_BIN:-$gate}
        if [ -n "$before" ]; then
            # It reads the same, and what it refuses is not pushed.
            input=$(cat && echo .) || exit 3
            printf %s "${input%.}" 2>/dev/null | earlier "$@" || exit $?
            printf %s "${input%.}" | "$gate" hook pre-push "$@"
        else
            "$gate" hook pre-push "$@"
        fi
        status=$?
        case $status in
            0 | 1 | 2 | 3 | 130) exit $status ;;
        esac
        echo "gate: refused: $gate could not decide (it ended with $status); repair it with: gate doctor" >&2
        echo "gate: to push without asking it: GATE=0 git push" >&2
        exit 3

        """#
}
