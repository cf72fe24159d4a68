import Testing

@testable import Files

@Suite struct FileTests {
    @Test func writesReplaceAndReadBack() throws {
        let folder = try Folder.makeTemporary(prefix: "gate-files")
        defer { #expect(throws: Never.self) { try Folder.remove(folder) } }
        let path = folder + "/a"
        try File.write(Array("one".utf8), to: path)
        try File.write(Array("two".utf8), to: path)
        #expect(try File.read(path) == Array("two".utf8))
        #expect(try Folder.names(in: folder) == ["a"])
    }

    @Test func missingFileIsMissingAndNotEmpty() throws {
        #expect(try File.readIfPresent("/nonexistent/file") == nil)
        #expect(throws: FileError.self) { try File.read("/nonexistent/file") }
    }

    @Test func largerThanTheLimitIsAnError() throws {
        let folder = try Folder.makeTemporary(prefix: "gate-files")
        defer { #expect(throws: Never.self) { try Folder.remove(folder) } }
        try File.write([1, 2, 3, 4], to: folder + "/a")
        #expect(throws: FileError.self) { try File.read(folder + "/a", limit: 3) }
    }

    @Test func writingWhereNothingMayBeWrittenLeavesNothing() throws {
        #expect(throws: FileError.self) { try File.write([1], to: "/proc/gate") }
    }

    @Test func removesFoldersWithoutFollowingLinks() throws {
        let folder = try Folder.makeTemporary(prefix: "gate-files")
        defer { #expect(throws: Never.self) { try Folder.remove(folder) } }
        try Folder.make(folder + "/kept/deep")
        try File.write([1], to: folder + "/kept/file")
        try Folder.make(folder + "/gone")
        #expect(symbolicLink(folder + "/kept", folder + "/gone/link") == 0)
        try Folder.remove(folder + "/gone")
        #expect(File.exists(folder + "/kept/file"))
        #expect(!File.exists(folder + "/gone"))
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private func symbolicLink(_ target: String, _ path: String) -> Int32 { symlink(target, path) }
