/// The end of a stream.
struct OutputTail {
    let limit: Int
    private var kept: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ piece: ArraySlice<UInt8>) {
        kept += piece
        // Cut seldom, so that it costs no more than the copying.
        if kept.count > limit * 2 { cut() }
    }

    private mutating func cut() {
        guard kept.count > limit else { return }
        kept.removeFirst(kept.count - limit)
        isCut = true
    }

    var bytes: [UInt8] {
        mutating get {
            cut()
            return kept
        }
    }
}
