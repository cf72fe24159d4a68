public import ArgumentParser
import Files
import GitObjects
public import Release

/// A manifest in a file.
struct ManifestFile {
    let path: String

    func read() throws -> Manifest {
        let bytes: [UInt8]
        do {
            bytes = try File.read(path)
        } catch {
            throw CommandFailure.usage(
                shown("\(error)".utf8), hint: "make one: gate manifest -o manifest.json")
        }
        return try Self.parse(bytes, called: path)
    }

    static func parse(_ bytes: [UInt8], called name: String) throws -> Manifest {
        do {
            return try Manifest(parsing: bytes)
        } catch {
            throw failure(error, name)
        }
    }

    static func failure(_ error: ManifestError, _ name: String) -> CommandFailure {
        .usage(
            "\(shown(name.utf8)) \(shown(error.problem.utf8))",
            hint: error.hint.map { shown($0.utf8) })
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try File.write(bytes, to: path)
        } catch {
            throw CommandFailure.undetermined(shown("\(error)".utf8))
        }
    }
}

/// As what a manifest is shown.
enum ManifestFormat: String, ExpressibleByArgument, CaseIterable {
    case json, markdown, html, env, tsv

    func text(of manifest: Manifest) throws -> String {
        switch self {
        case .json: return String(decoding: manifest.json.manifestBytes(), as: UTF8.self)
        case .markdown: return manifest.markdown()
        case .html: return manifest.html()
        case .env: return manifest.text(of: [], as: .env)
        case .tsv:
            do {
                let path = try ManifestPath(parsing: "changes")
                return manifest.text(of: try manifest.values(at: path), as: .tsv)
            } catch {
                throw ManifestFile.failure(error, "the manifest")
            }
        }
    }
}

extension ValueFormat: ExpressibleByArgument {}
