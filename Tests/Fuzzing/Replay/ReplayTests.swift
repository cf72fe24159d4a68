import Files
import Testing

/// What `make fuzz` goes on from and what it has found, through the same entry points: a defect that
/// was mended does not come back unseen.
@Suite("inputs of the fuzzer")
struct ReplayTests {
    private static let folder = #filePath.split(separator: "/").dropLast(2)
        .reduce("") { $0 + "/" + $1 }

    @Test("no input breaks a reader", arguments: FuzzedReader.all.map(\.name))
    func replay(_ name: String) throws {
        let reader = try #require(FuzzedReader.named(name))
        let corpus = try Self.files(in: "Corpus/\(name)")
        #expect(corpus.count >= 3, "\(name) has no corpus")
        for path in try corpus + Self.files(in: "Crashers/\(name)") {
            let input = try File.read(path)
            let isAccepted: Bool
            do {
                isAccepted = try reader.read(input)
            } catch {
                Issue.record("\(path): \(error)")
                continue
            }
            // What the tools themselves wrote must be read; what was spoilt by hand must not.
            let file = path.split(separator: "/").last ?? ""
            if file.hasPrefix("good-") { #expect(isAccepted, "\(path) is refused") }
            if file.hasPrefix("bad-") { #expect(!isAccepted, "\(path) is accepted") }
        }
    }

    /// The files of a folder, sorted; none where there is no such folder.
    private static func files(in name: String) throws -> [String] {
        let path = "\(folder)/\(name)"
        guard File.isFolder(path) else { return [] }
        return try Folder.names(in: path).sorted().map { "\(path)/\($0)" }
    }
}
