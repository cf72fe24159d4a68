import Testing

@testable import Files

@Suite struct FileLockTests {
    @Test func oneAtATime() throws {
        let folder = try Folder.makeTemporary(prefix: "gate-lock")
        defer { #expect(throws: Never.self) { try Folder.remove(folder) } }
        let path = folder + "/lock"
        #expect(try !FileLock.isTaken(path))
        #expect(!File.exists(path))
        var first = try FileLock(path, waits: false)
        #expect(first != nil)
        #expect(try FileLock.isTaken(path))
        #expect(try FileLock(path, waits: false) == nil)
        withExtendedLifetime(first) {}
        first = nil
        #expect(try !FileLock.isTaken(path))
        #expect(try FileLock(path, waits: true) != nil)
        #expect(throws: FileError.self) { try FileLock(folder + "/none/lock", waits: false) }
    }
}
