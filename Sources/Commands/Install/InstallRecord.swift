import Files
import Git
import GitObjects

/// What `gate install` changed in a server's configuration, so that `gate uninstall` can put it
/// back: a file in the repository's `gate` folder, one setting a line.
struct InstallRecord {
    /// A setting, and the value that it had before; nil when it was not set.
    struct Setting: Equatable {
        let name: String
        let before: String?
    }

    private let repository: Repository
    private var folder: String { repository.commonDirectory + "/gate" }
    private var file: String { folder + "/installed" }
    private(set) var settings: [Setting]

    init(of repository: Repository) throws {
        self.repository = repository
        do {
            let bytes =
                try File.readIfPresent(
                    repository.commonDirectory + "/gate/installed", limit: 1 << 16) ?? []
            settings = bytes.split(separator: 0x0a).map { line in
                let parts = line.split(
                    separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
                return Setting(
                    name: String(decoding: parts[0], as: UTF8.self),
                    before: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil)
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Sets a setting, after the record says what it was.
    ///
    /// - Returns: whether it had another value.
    mutating func set(_ name: String, to value: String) throws -> Bool {
        let before = try repository.ownSetting(name)
        if before == value { return false }
        if !settings.contains(where: { $0.name == name }) {
            settings.append(Setting(name: name, before: before))
            try write()
        }
        try repository.git(["config", "--local", "--replace-all", name, value])
        return true
    }

    /// Puts one setting back as it was, and forgets it.
    mutating func restore(_ name: String) throws {
        guard let setting = settings.first(where: { $0.name == name }) else { return }
        try put(setting)
        settings.removeAll { $0.name == name }
        try write()
    }

    private func put(_ setting: Setting) throws {
        if let value = setting.before {
            try repository.git(["config", "--local", "--replace-all", setting.name, value])
        } else if try repository.ownSetting(setting.name) != nil {
            try repository.git(["config", "--local", "--unset-all", setting.name])
        }
    }

    /// Puts every recorded setting back as it was and forgets it.
    ///
    /// - Parameter known: settings of an earlier installation, which stay.
    func undo(keeping known: [Setting] = []) throws {
        for setting in settings.reversed() where !known.contains(setting) {
            try put(setting)
        }
        var rest = self
        rest.settings = known
        try rest.write()
    }

    private func write() throws {
        do {
            if settings.isEmpty {
                try File.remove(file)
                return
            }
            try Folder.make(folder)
            let lines = settings.map { setting in
                setting.before.map { "\(setting.name)=\($0)\n" } ?? "\(setting.name)\n"
            }
            try File.write(Array(lines.joined().utf8), to: file)
        } catch {
            throw CommandFailure(error)
        }
    }
}
