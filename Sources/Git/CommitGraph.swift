import GitObjects

/// Commits as nodes of a graph, each read once, for questions about many of them at a time.
///
/// Only ids of parents and the committer's time are read, which `git fsck` puts first; whoever uses
/// what a commit says reads it strictly (``Repository/commit(_:)``).
final class CommitGraph {
    private let objects: ObjectDatabase
    private var numbers: [ObjectID: Int] = [:]
    private var nodes: [Node] = []

    /// The graph of a repository; it reads what is asked for.
    init(_ objects: ObjectDatabase) {
        self.objects = objects
    }

    private struct Node {
        let id: ObjectID
        /// Seconds since 1970; a hint for the order, which may mislead.
        let time: Int64
        let parents: [ObjectID]
        /// Known as soon as somebody went there.
        var parentNumbers: [Int] = []
    }

    func parents(of id: ObjectID) throws(GitError) -> [ObjectID] {
        nodes[try number(of: id)].parents
    }

    /// Whether no commit is older than a parent of it by more than a day: then a walk in the order
    /// of dates has not been misled. git's own `name-rev` allows as much (`CUTOFF_DATE_SLOP`).
    func datesAgree(in commits: [ObjectID]) throws(GitError) -> Bool {
        for id in commits {
            let child = try number(of: id)
            for parent in try parentNumbers(child)
            where nodes[parent].time > nodes[child].time + 86_400 { return false }
        }
        return true
    }

    private func number(of id: ObjectID) throws(GitError) -> Int {
        if let known = numbers[id] { return known }
        let object = try objects.read(id, as: .commit)
        let node = try object.withBytes { bytes throws(GitError) in
            try Self.node(id, bytes)
        }
        numbers[id] = nodes.count
        nodes.append(node)
        return nodes.count - 1
    }

    private func parentNumbers(_ number: Int) throws(GitError) -> [Int] {
        let node = nodes[number]
        guard node.parentNumbers.count < node.parents.count else { return node.parentNumbers }
        var found: [Int] = []
        for parent in node.parents { found.append(try self.number(of: parent)) }
        nodes[number].parentNumbers = found
        return found
    }

    private static func node(
        _ id: ObjectID, _ bytes: UnsafeRawBufferPointer
    ) throws(GitError) -> Node {
        let malformed = GitError(.malformed, "commit \(id)", "has no header that git would write")
        // `tree <id>\n`, then `parent <id>\n` as often as there are any.
        let hexCount = ObjectID.byteCount * 2
        var position = "tree ".utf8.count + hexCount + 1
        let word = Array("parent ".utf8)
        var parents: [ObjectID] = []
        while bytes.count > position + word.count + hexCount,
            bytes[position..<position + word.count].elementsEqual(word)
        {
            let digits = position + word.count..<position + word.count + hexCount
            let text = UnsafeRawBufferPointer(rebasing: bytes[digits])
            guard let parent = ObjectID(hexDigits: text) else { throw malformed }
            parents.append(parent)
            position = digits.upperBound + 1
        }
        // `author …\n`, `committer … <…> 1700000000 +0000\n`.
        guard let authorEnd = bytes.firstIndex(ofLineEndFrom: position),
            let end = bytes.firstIndex(ofLineEndFrom: authorEnd + 1)
        else { throw malformed }
        let committer = bytes[authorEnd + 1..<end]
        let zone = committer.lastIndex(of: 0x20) ?? end
        let space = committer[..<zone].lastIndex(of: 0x20) ?? zone
        var time: Int64 = 0
        for digit in bytes[min(space + 1, zone)..<zone].prefix(18)
        where (0x30...0x39).contains(digit) {
            time = time * 10 + Int64(digit - 0x30)
        }
        return Node(id: id, time: time, parents: parents)
    }

    /// Whether one of `targets` is an ancestor of one of `tips`, or one of them; whatever the
    /// dates say.
    ///
    /// Sixty-four at a time are painted downwards together with the tips, as git's
    /// `paint_down_to_common` does with two. A commit that is below a tip and below all of the
    /// targets leads to none of them, and nothing below it does.
    func reaches(anyOf targets: [ObjectID], from tips: [ObjectID]) throws(GitError) -> Bool {
        var wanted: [Int] = []
        for id in targets { wanted.append(try number(of: id)) }
        // Neighbours in time share most of their way.
        wanted.sort { (nodes[$0].time, $0) > (nodes[$1].time, $1) }
        var start = 0
        while start < wanted.count {
            let end = min(start + UInt64.bitWidth, wanted.count)
            if try paint(wanted[start..<end], tips) { return true }
            start = end
        }
        return false
    }

    /// Below which of the targets a commit is, one bit for each, and whether it is below a tip.
    private struct Paint {
        var targets: UInt64 = 0
        var isBelowTip = false
        var isQueued = false
        var isTarget = false
    }

    private func paint(
        _ targets: ArraySlice<Int>, _ tips: [ObjectID]
    ) throws(GitError) -> Bool {
        let all = targets.count == UInt64.bitWidth ? UInt64.max : (1 << targets.count) - 1
        var paints = [Paint](repeating: Paint(), count: nodes.count)
        var queue = TimeQueue()
        // Queued commits below a tip that may still lead to a target.
        var open = 0
        var isFound = false
        func isOpen(_ paint: Paint) -> Bool {
            paint.isQueued && paint.isBelowTip && paint.targets != all
        }
        func add(_ number: Int, targets: UInt64, isBelowTip: Bool) {
            while paints.count <= number { paints.append(Paint()) }
            var paint = paints[number]
            let isNews =
                paint.targets | targets != paint.targets || isBelowTip && !paint.isBelowTip
            guard isNews else { return }
            if isOpen(paint) { open -= 1 }
            paint.targets |= targets
            paint.isBelowTip = paint.isBelowTip || isBelowTip
            isFound = isFound || paint.isTarget && paint.isBelowTip
            if !paint.isQueued {
                paint.isQueued = true
                queue.push(number, at: nodes[number].time)
            }
            if isOpen(paint) { open += 1 }
            paints[number] = paint
        }
        for (bit, number) in targets.enumerated() {
            add(number, targets: 1 << bit, isBelowTip: false)
            paints[number].isTarget = true
        }
        for id in tips { add(try number(of: id), targets: 0, isBelowTip: true) }
        while open > 0, !isFound, let number = queue.pop() {
            let paint = paints[number]
            if isOpen(paint) { open -= 1 }
            paints[number].isQueued = false
            for parent in try parentNumbers(number) {
                add(parent, targets: paint.targets, isBelowTip: paint.isBelowTip)
            }
        }
        return isFound
    }
}

/// Numbers by their times, the latest first: a binary heap.
private struct TimeQueue {
    private var heap: [(time: Int64, number: Int)] = []

    mutating func push(_ number: Int, at time: Int64) {
        heap.append((time, number))
        var index = heap.count - 1
        while index > 0, heap[(index - 1) / 2].time < heap[index].time {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func pop() -> Int? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return top.number }
        heap[0] = last
        var index = 0
        while true {
            var largest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].time > heap[largest].time {
                largest = child
            }
            if largest == index { return top.number }
            heap.swapAt(index, largest)
            index = largest
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func firstIndex(ofLineEndFrom start: Int) -> Int? {
        guard start < count else { return nil }
        return self[start...].firstIndex(of: 0x0a)
    }
}
