import ArgumentParser
import Checks
import Git
import GitObjects
import JSON

/// `gate cache`: what passed here and is not run again.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Shows or clears the stored results of local checks.",
        discussion: """
            A check that passed is not run again on the same inputs for a week, on this machine \
            and in this repository. The server never believes these results.

            Example:
              gate cache list
              gate cache clear
            """,
        subcommands: [List.self, Clear.self])

    private static func cache(of folder: String) throws -> ResultCache {
        do {
            return try ResultCache(of: try Repository.discover(from: folder))
        } catch {
            throw CommandFailure(error)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What is stored, newest first.",
            discussion: """
                Example:
                  gate cache list
                """)

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let cache = try CacheCommand.cache(of: global.directory)
            let entries = try cache.entries().filter { !$0.isExpired }
            if global.json {
                let list = entries.map { entry -> JSON in
                    [
                        "check": JSON(entry.check), "tree": JSON(entry.tree.hex),
                        "commit": JSON(entry.commit?.hex), "milliseconds": JSON(entry.milliseconds),
                        "storedAt": JSON(entry.storedAt), "bytes": JSON(entry.size),
                    ]
                }
                Screen.result([
                    "schemaVersion": 1, "kind": "CheckCache", "folder": JSON(cache.path),
                    "results": JSON(list),
                ])
                return
            }
            for entry in entries {
                let place = entry.commit.map { "commit \($0.short)" } ?? "tree \(entry.tree.short)"
                Screen.result(
                    "\(shown(entry.check.utf8))  \(place)  \(OutcomeText.time(entry.milliseconds))"
                        + "  \(Self.age(entry))")
            }
            let bytes = entries.reduce(0) { $0 + $1.size }
            Screen.note(
                "\(entries.count) result\(entries.count == 1 ? "" : "s"), \((bytes + 1023) / 1024)"
                    + " KiB in \(cache.path)")
        }

        private static func age(_ entry: ResultCache.Entry) -> String {
            let minutes = entry.age / 60
            return switch minutes {
            case ..<1: "just now"
            case ..<60: "\(minutes) min ago"
            case ..<2880: "\(minutes / 60) h ago"
            default: "\(minutes / 1440) days ago"
            }
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes all of this repository's results.",
            discussion: """
                Example:
                  gate cache clear
                """)

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let cache = try CacheCommand.cache(of: global.directory)
            let count = try cache.clear()
            if global.json {
                Screen.result([
                    "schemaVersion": 1, "kind": "CheckCacheCleared", "removed": JSON(count),
                ])
                return
            }
            Screen.result("removed \(count) result\(count == 1 ? "" : "s")")
        }
    }
}
