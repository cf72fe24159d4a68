import GitObjects
import History
import Spawn
import Testing

@testable import Git

@Suite struct TreeComparisonTests {
    /// What `git diff-tree -z --raw` would print of these.
    private func raw(_ changes: [TreeChange]) -> [UInt8] {
        var bytes: [UInt8] = []
        for change in changes {
            let status =
                switch (change.old, change.new) {
                case (nil, _): "A"
                case (_, nil): "D"
                case (let old?, let new?):
                    old.mode.rawValue >> 12 == new.mode.rawValue >> 12 ? "M" : "T"
                }
            let (old, new) = (change.old, change.new)
            let modes = ":\(old?.mode.octal ?? "000000") \(new?.mode.octal ?? "000000")"
            let ids = " \((old?.id ?? .zero).hex) \((new?.id ?? .zero).hex) \(status)"
            bytes += Array((modes + ids).utf8) + [0] + change.path.bytes + [0]
        }
        return bytes
    }

    private func git(_ test: TestRepository, _ old: ObjectID, _ new: ObjectID) throws -> [UInt8] {
        try test.run([
            "git", "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old.hex,
            new.hex,
        ]).output
    }

    @Test(arguments: UInt64(1)...40)
    func agreesWithGit(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        let ids = [try test.blob("a"), try test.blob("b")]
        // Few names, so that files and folders of one name meet; names that sort around a slash.
        let names = ["a", "a-", "a.b", "a0", "b", "c", "\u{e9}", "\nx"]
        let modes = ["100644", "100644", "100644", "100755", "120000", "160000"]
        func someTree() throws -> ObjectID {
            var paths: [[String]: (String, ObjectID)] = [:]
            for _ in 0..<Int.random(in: 0...25, using: &random) {
                let path = (0...Int.random(in: 0...3, using: &random)).map { _ in
                    names[Int.random(in: 0..<names.count, using: &random)]
                }
                let clashes = paths.keys.contains {
                    $0.starts(with: path) || path.starts(with: $0)
                }
                if clashes { continue }
                paths[path] = (
                    modes[Int.random(in: 0..<modes.count, using: &random)],
                    ids[Int.random(in: 0..<2, using: &random)]
                )
            }
            return try test.tree(
                paths.map { (Array($0.key.joined(separator: "/").utf8), $0.value.0, $0.value.1) })
        }
        let repository = try test.open()
        let (one, other) = (try someTree(), try someTree())
        #expect(try raw(repository.changes(from: one, to: other)) == git(test, one, other))
        #expect(try raw(repository.changes(from: other, to: one)) == git(test, other, one))
        #expect(try raw(repository.changes(from: nil, to: one)) == git(test, .emptyTree, one))
        #expect(try repository.changes(from: one, to: one).isEmpty)
    }

    @Test func aFileBecomesAFolderAroundItsNeighbours() throws {
        let test = try TestRepository(bare: true)
        let one = try test.tree(["a": "1", "a-b": "2", "a0": "3"])
        let other = try test.tree(["a/x": "1", "a-b/y": "2", "a0": "4"])
        let changes = try test.open().changes(from: one, to: other)
        #expect(try raw(changes) == git(test, one, other))
        #expect(changes.map(\.path) == ["a", "a-b", "a-b/y", "a/x", "a0"])
    }

    @Test func groupWritableFilesAreFiles() throws {
        let test = try TestRepository(bare: true)
        let blob = try test.blob("x")
        let old = try test.object(.tree, Array("100664 f".utf8) + [0] + blob.bytes)
        let new = try test.object(.tree, Array("100644 f".utf8) + [0] + blob.bytes)
        #expect(try test.open().changes(from: old, to: new).isEmpty)
        #expect(try git(test, old, new).isEmpty)
    }

    @Test func aPathOfFiveThousandBytes() throws {
        let test = try TestRepository(bare: true)
        let long = (0..<1250).map { _ in "abc" }.joined(separator: "/")
        let new = try test.tree([long: "x", "short": "y"])
        let changes = try test.open().changes(from: nil, to: new)
        #expect(changes.map(\.path) == [TreePath(long), "short"])
        #expect(try raw(changes) == git(test, .emptyTree, new))
    }

    @Test func tooDeepIsALimit() throws {
        let test = try TestRepository(bare: true)
        let repository = try test.open()
        let writer = try Writer.open(gitDirectory: test.gitDirectory)
        var id = try writer.writeBlob([])
        for depth in 0...TreeComparison.depthLimit {
            id = try writer.writeTree(
                [TreeEntry(name: [0x64], mode: depth == 0 ? .blob : .tree, id: id)])
        }
        #expect {
            try repository.changes(from: nil, to: id)
        } throws: {
            ($0 as? GitError)?.kind == .limit
        }
    }

    @Test func aMalformedTreeIsFoundOnTheWay() throws {
        let test = try TestRepository(bare: true)
        let blob = try test.blob("x")
        let bad = try test.object(
            .tree, Array("100644 b\0".utf8) + blob.bytes + Array("100644 a\0".utf8) + blob.bytes)
        let top = try test.object(.tree, Array("40000 d\0".utf8) + bad.bytes)
        #expect {
            try test.open().changes(from: nil, to: top)
        } throws: {
            let error = $0 as? GitError
            return error?.kind == .malformed && error?.subject == "tree \(bad)"
        }
    }

    /// A tree is not read through when it has only names that its checked neighbour has: whatever
    /// else is wrong in it must be found all the same.
    @Test(arguments: 0..<9)
    func aMalformedTreeBesideAGoodOne(_ number: Int) throws {
        let test = try TestRepository(bare: true)
        let (one, two) = (try test.blob("1"), try test.blob("2"))
        func entry(_ mode: String, _ name: String, _ id: ObjectID) -> [UInt8] {
            Array("\(mode) \(name)\0".utf8) + id.bytes
        }
        let file = "100644"
        let good =
            entry(file, "a", one) + entry(file, "b", one) + entry(file, "c", one)
        let bad: [[UInt8]] = [
            entry(file, "a", one) + entry(file, "b", .zero) + entry(file, "c", one),
            entry(file, "a", two) + entry("100600", "b", one) + entry(file, "c", one),
            entry(file, "a", two) + entry(file, "c", one) + entry(file, "b", one),
            entry(file, "a", two) + entry(file, "b", one) + entry(file, "b", one),
            entry(file, "a", two) + entry(file, "b/x", one) + entry(file, "c", one),
            entry(file, "a", two) + entry("0100644", "b", one) + entry(file, "c", one),
            entry(file, "a", two) + entry(file, "b", one) + entry(file, "c", one).dropLast(),
            entry(file, "a", two) + entry(file, "b", one) + entry("040000", "c", one),
            entry(file, "a", two) + entry(file, "b", one) + entry(file, ".git", one),
        ]
        let repository = try test.open()
        let old = try test.object(.tree, good)
        _ = try repository.changes(from: nil, to: old)
        let new = try test.object(.tree, bad[number])
        #expect {
            try repository.changes(from: old, to: new)
        } throws: {
            let error = $0 as? GitError
            return error?.kind == .malformed && error?.subject == "tree \(new)"
        }
    }

    /// At once as one by one.
    @Test func manySteps() throws {
        let test = try TestRepository(bare: true)
        let repository = try test.open()
        var trees: [ObjectID] = []
        for number in 0..<40 {
            trees.append(try test.tree(["a": "\(number)", "d/b": "\(number / 3)", "e": "x"]))
        }
        let steps = (0..<600).map { TreeStep(from: trees[$0 % 40], to: trees[($0 * 7 + 1) % 40]) }
        let together = try repository.changes(ofEach: steps)
        #expect(together.count == steps.count)
        for (step, changes) in zip(steps, together) {
            #expect(try repository.changes(from: step.old, to: step.new) == changes)
        }
        let missing = try test.id(hex: String(repeating: "1", count: 40))
        #expect(throws: GitError.self) {
            try repository.changes(ofEach: steps + [TreeStep(from: nil, to: missing)])
        }
    }
}
