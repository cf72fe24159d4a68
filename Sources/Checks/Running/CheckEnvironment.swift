import Spawn

/// The environment of a check: gate's own without what leads to a repository, a key, an agent or
/// a secret.
///
/// This keeps secrets from code that looks for them where programs usually find them. Code that
/// runs as the same user can still read that user's files; a CI that checks strangers' code does it
/// as a user of its own, and signs in another step (`gate attest`).
public enum CheckEnvironment {
    /// Ways to a key, an agent or a keyring.
    private static let names = bytes([
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "SSH_SK_PROVIDER", "GPG_AGENT_INFO",
        "GPG_TTY", "GNUPGHOME", "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL",
        "GNOME_KEYRING_PID", "KRB5CCNAME", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND",
        "GOOGLE_APPLICATION_CREDENTIALS", "NETRC", "PGPASSFILE", "KUBECONFIG", "DOCKER_CONFIG",
        "VAULT_ADDR",
    ])
    private static let prefixes = bytes([
        "GATE_", "AWS_", "AZURE_", "GIT_TRACE", "ACTIONS_ID_TOKEN_",
    ])
    /// Parts of names that say "secret", in upper case.
    private static let marks = bytes([
        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY", "API_KEY",
        "PRIVATE_KEY", "SIGNING_KEY", "ACCESS_KEY",
    ])

    private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }

    /// The environment without these.
    public static func scrubbed(_ environment: [[UInt8]]) -> [[UInt8]] {
        Child.environmentForAnotherRepository(from: environment).filter { variable in
            let name = Array(variable.prefix { $0 != 0x3d })
            // Of ASCII alone, as these words are.
            let upper = name.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }
            return !name.elementsEqual("GATE".utf8) && !names.contains(name)
                && !prefixes.contains { upper.starts(with: $0) }
                && !marks.contains { occurs($0, in: upper) }
        }
    }

    private static func occurs(_ word: [UInt8], in name: [UInt8]) -> Bool {
        guard name.count >= word.count else { return false }
        return (0...(name.count - word.count)).contains { start in
            name[start..<(start + word.count)] == word[...]
        }
    }
}
