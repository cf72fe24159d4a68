import Files

/// Goes through the inputs of a corpus without libFuzzer, and ends in order, so that the counters of
/// `llvm-cov` are written.
struct CorpusWork {
    let reader: FuzzedReader

    func replay(_ folders: [String]) throws {
        var accepted = 0
        var total = 0
        for folder in folders {
            for path in try paths(in: folder) {
                total += 1
                do {
                    if try reader.read(try File.read(path)) { accepted += 1 }
                } catch let violation as Violation {
                    throw Violation(description: "\(path): \(violation)")
                }
            }
        }
        print("\(total) inputs, \(accepted) accepted")
    }

    /// Copies to the first folder what reaches a region of the readers' sources that nothing before
    /// it reached, the shortest inputs first.
    func keep(_ folders: [String]) throws {
        guard let target = folders.first else { return }
        var reached: Set<Int> = []
        for path in try paths(in: target) {
            reached.formUnion(try regions(of: try File.read(path)))
        }
        var candidates: [[UInt8]] = []
        for folder in folders.dropFirst() {
            for path in try paths(in: folder) { candidates.append(try File.read(path)) }
        }
        candidates.sort { $0.count < $1.count }
        var kept = 0
        for input in candidates {
            let regions = try regions(of: input)
            guard !regions.isSubset(of: reached) else { continue }
            reached.formUnion(regions)
            kept += 1
            try File.write(input, to: "\(target)/found-\(Self.name(of: input))")
        }
        print("\(kept) of \(candidates.count) kept, \(reached.count) regions")
    }

    /// Which regions of the instrumented sources an input reaches.
    private func regions(of input: [UInt8]) throws -> Set<Int> {
        let counters = Counters()
        counters.reset()
        _ = try reader.read(input)
        return Set(counters.values.indices.filter { counters.values[$0] != 0 })
    }

    private func paths(in folder: String) throws -> [String] {
        try Folder.names(in: folder).sorted().map { "\(folder)/\($0)" }
    }

    /// A name that depends on the content only (FNV-1a).
    private static func name(of input: [UInt8]) -> String {
        let hash = input.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}
