import Commands
import Git
import Hooks
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// A hook goes past the argument parser: it starts faster, and no argument that git passes on can
// be taken for `--help` and make it exit 0.
let arguments = Array(CommandLine.arguments.dropFirst())
// The Swift runtime finds the arguments with the help of /proc/self/maps. In a chroot without /proc
// there are none, not even the program's name: a hook would print the help instead of deciding, and
// exit 0.
if CommandLine.argc < 1 {
    exit(GateCommand.reportUnreadableArguments())
}
// Here and not in the rooms: only a program knows that this thread lives as long as it.
StuckCalls.watch()
if arguments.first == "hook" {
    exit(Hook.run(Array(arguments.dropFirst())))
}
Interruption.watch()
exit(GateCommand.run(arguments))
