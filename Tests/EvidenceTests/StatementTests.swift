import GitObjects
import History
import JSON
import Testing

@testable import Evidence

private let hex64 = String(repeating: "5", count: 64)

private func statements() throws -> [(Statement, String)] {
    let digest = try #require(LineDigest(hex: hex64))
    func wrap(_ predicate: String, _ type: String, _ kind: String) -> String {
        let id = String(repeating: "a", count: 40)
        return
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":\(predicate),"
            + "\"predicateType\":\"\(type)\",\"subject\":[{\"annotations\":{\"repository\":"
            + "\"wrk/system\"},\"digest\":{\"\(kind)\":\"\(id)\"},\"name\":\"\(id)\"}]}"
    }
    let base = String(repeating: "b", count: 40)
    let head = String(repeating: "a", count: 40)
    return [
        (
            try review {
                $0.changeDigest = ChangeDigest(hex: hex64)
                $0.supersedes = [digest]
                $0.state = .changesRequested
                $0.comment = "\"é\"\n"
            },
            wrap(
                "{\"base\":\"\(base)\",\"changeDigest\":{\"sha256\":\"\(hex64)\"},\"comment\":"
                    + "\"\\\"é\\\"\\n\",\"createdOn\":\"2026-11-23T09:00:00Z\",\"state\":"
                    + "\"changes_requested\",\"supersedes\":[\"\(hex64)\"],\"targetRef\":"
                    + "\"refs/heads/master\"}", "urn:gate:review:v1", "gitCommit")
        ),
        (
            try review(),
            wrap(
                "{\"base\":\"\(base)\",\"changeDigest\":null,\"comment\":\"reads well\","
                    + "\"createdOn\":\"2026-11-23T09:00:00Z\",\"state\":\"approved\","
                    + "\"supersedes\":[],\"targetRef\":\"refs/heads/master\"}",
                "urn:gate:review:v1", "gitCommit")
        ),
        (
            Statement(
                subject: try id("a"), repository: "wrk/system",
                predicate: .testResult(
                    TestResult(
                        result: .failed, check: "unit", definition: hex64,
                        passedTests: ["b", "a"], failedTests: ["c"], url: "https://ci/1"))),
            wrap(
                "{\"configuration\":[{\"digest\":{\"sha256\":\"\(hex64)\"},\"name\":\"unit\"}],"
                    + "\"failedTests\":[\"c\"],\"passedTests\":[\"b\",\"a\"],\"result\":\"FAILED\","
                    + "\"url\":\"https://ci/1\"}",
                "https://in-toto.io/attestation/test-result/v0.1", "gitTree")
        ),
        (
            Statement(
                subject: try id("a"), repository: "wrk/system",
                predicate: .bypass(
                    Bypass(
                        ref: "refs/heads/master", old: try id("b"), new: try id("a"),
                        ruleset: "master", reason: "outage"))),
            wrap(
                "{\"new\":\"\(head)\",\"old\":\"\(base)\",\"reason\":\"outage\",\"ref\":"
                    + "\"refs/heads/master\",\"ruleset\":\"master\"}", "urn:gate:bypass:v1",
                "gitCommit")
        ),
        (
            Statement(
                subject: try id("a"), repository: "wrk/system",
                predicate: .deployment(
                    Deployment(
                        environment: "staging", train: "all", releaseID: "2026-11-23.1",
                        planDigest: hex64,
                        images: [
                            .init(name: "api", uri: "registry.wrk.example/api", digest: hex64)
                        ],
                        ticks: ["sign-in"], outcome: .rolledBack,
                        operator: "alice@wrk.example",
                        overrides: [.init(.freeze, reason: "Outage")], previous: digest,
                        createdOn: "2026-11-23T09:00:00Z"))),
            wrap(
                "{\"createdOn\":\"2026-11-23T09:00:00Z\",\"environment\":\"staging\",\"images\":"
                    + "[{\"digest\":{\"sha256\":\"\(hex64)\"},\"name\":\"api\",\"uri\":"
                    + "\"registry.wrk.example/api\"}],\"operator\":\"alice@wrk.example\","
                    + "\"outcome\":\"rolled_back\",\"overrides\":"
                    + "[{\"limit\":\"freeze\",\"reason\":\"Outage\"}],\"planDigest\":{\"sha256\":\"\(hex64)\"},"
                    + "\"previous\":\"\(hex64)\",\"releaseId\":\"2026-11-23.1\",\"ticks\":"
                    + "[\"sign-in\"],\"train\":\"all\"}", "urn:gate:deployment:v1", "gitCommit")
        ),
        (
            Statement(
                subject: try id("a"), repository: "wrk/system",
                predicate: .hold(
                    Hold(
                        state: .released, ref: "refs/heads/master", reason: "Repaired",
                        supersedes: [digest], createdOn: "2026-11-23T09:00:00Z"))),
            wrap(
                "{\"createdOn\":\"2026-11-23T09:00:00Z\",\"reason\":\"Repaired\",\"ref\":"
                    + "\"refs/heads/master\",\"state\":\"released\",\"supersedes\":"
                    + "[\"\(hex64)\"]}", "urn:gate:hold:v1", "gitCommit")
        ),
    ]
}

@Suite struct StatementTests {
    @Test func everyPredicateIsWrittenAndReadBack() throws {
        for (statement, text) in try statements() {
            let payload = try statement.payload()
            #expect(String(decoding: payload, as: UTF8.self) == text)
            #expect(try Statement(payload: payload) == statement)
        }
    }

    /// Any other byte at any place gives another statement or none, never the same one.
    @Test func noOtherBytesMeanTheSame() throws {
        for (statement, text) in try statements() {
            let payload = Array(text.utf8)
            for position in payload.indices {
                for byte in [payload[position] ^ 1, payload[position] ^ 0x20, 0x20] {
                    var changed = payload
                    changed[position] = byte
                    guard changed != payload else { continue }
                    do throws(EvidenceError) {
                        #expect(try Statement(payload: changed) != statement)
                    } catch {
                        #expect(!error.problem.isEmpty)
                    }
                }
            }
        }
    }

    /// Each row: what to replace in a good review, by what, and the clause that must appear.
    @Test(
        arguments: [
            ("\"_type\":", " \"_type\":", "not in canonical form"),
            ("Statement/v1", "Statement/v0.1", "no in-toto Statement v1"),
            ("urn:gate:review:v1", "urn:gate:review:v2", "none of gate's"),
            ("\"state\":\"approved\",", "", "lacks 'state'"),
            ("\"state\":\"approved\"", "\"state\":\"APPROVED\"", "not one of approved"),
            ("\"comment\":\"reads well\"", "\"comment\":7", "not a string"),
            ("\"comment\":", "\"comment\":\"\",\"extra\":", "unknown member 'extra'"),
            ("\"comment\":", "\"comment\":\"\",\"comment\":", "stands twice"),
            ("reads well", "reads\\u0020well", "not in canonical form"),
            ("reads well", "\\/", "not in canonical form"),
            ("\"changeDigest\":null", "\"changeDigest\":{\"sha256\":\"5\"}", "SHA-256"),
            ("\"changeDigest\":null", "\"changeDigest\":{\"sha1\":\"5\"}", "unknown member 'sha1'"),
            ("refs/heads/master", "master", "full name of a ref"),
            ("refs/heads/master", "refs/heads/a b", "full name of a ref"),
            ("09:00:00Z", "09:00:00+00:00", "not a time"),
            ("\"supersedes\":[]", "\"supersedes\":[\"x\"]", "digest of a line"),
            ("gitCommit", "gitTree", "unknown member 'gitTree'"),
            ("\"base\":\"bbbb", "\"base\":\"BBBB", "object id"),
            ("\"name\":\"aaaa", "\"name\":\"baaa", "name is not its digest"),
            ("\"subject\":[{", "\"subject\":[{},{", "exactly one"),
            ("\"repository\":\"wrk/system\"", "", "lacks 'repository'"),
        ] as [(String, String, String)])
    func refuses(_ part: String, _ replacement: String, _ clause: String) throws {
        let text = String(decoding: try review().payload(), as: UTF8.self)
        try #require(text.contains(part))
        let changed = text.split(separator: part, omittingEmptySubsequences: false)
            .joined(separator: replacement)
        let error = #expect(throws: EvidenceError.self) {
            try Statement(payload: Array(changed.utf8))
        }
        #expect(error?.problem.contains(clause) == true, "\(error?.problem ?? "")")
    }

    @Test func aBypassStandsOnTheTipThatItIsFor() throws {
        func payload(old: ObjectID, new: ObjectID) throws -> [UInt8] {
            let bypass = Bypass(
                ref: "refs/heads/master", old: old, new: new, ruleset: "master", reason: "outage")
            return try Statement(
                subject: try id("a"), repository: "wrk/system", predicate: .bypass(bypass)
            ).payload()
        }
        _ = try payload(old: .zero, new: try id("a"))
        _ = try payload(old: try id("a"), new: .zero)
        for (old, new) in [("a", "b"), ("b", "0"), ("a", "a")] {
            #expect(throws: EvidenceError.self) {
                try payload(old: try id(old), new: try id(new))
            }
        }
    }

    @Test func refusesToWriteWhatCouldNotBeRead() throws {
        let unsorted = try ["6", "5"].map {
            try #require(LineDigest(hex: String(repeating: $0, count: 64)))
        }
        for change in [
            { $0.supersedes = unsorted }, { $0.targetRef = "master" },
            { $0.createdOn = "yesterday" },
            { $0.targetRef = RefName(Array("refs/".utf8) + [0xff]) },
        ] as [(inout Review) -> Void] {
            let statement = try review(change)
            #expect(throws: EvidenceError.self) { try statement.payload() }
        }
    }
}
