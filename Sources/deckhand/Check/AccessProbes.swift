import CLinux
import Core

/// Who reaches what with this configuration.
enum AccessProbes {
    static func all(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        let execution = configuration.execution
        if execution.shell {
            switch execution.getPolicy {
            case .trusted:
                findings.append(
                    Finding("policy.get", .fine, "trusted: whoever has the hash runs what no rule denies")
                )
            case .ask:
                findings.append(
                    Finding(
                        "policy.get",
                        .fine,
                        "ask: commands with the hash meet all rules, and wait for a person"
                    )
                )
            }
            findings.append(user(execution.runAs))
        } else {
            findings.append(Finding("shell.access", .fine, "off: no route reaches a command"))
        }
        if let tls = configuration.network.tls {
            for (name, path) in [("tls.certificate", tls.certificateFile), ("tls.key", tls.keyFile)] {
                let isReadable = unsafe access(path, R_OK) == 0
                findings.append(
                    Finding(
                        name,
                        isReadable ? .fine : .broken,
                        isReadable ? path : "\(path) cannot be read",
                        hint: isReadable ? nil : "Name a PEM file that the server's user may read."
                    )
                )
            }
        }
        if let host = configuration.network.listenHost, !["127.0.0.1", "::1", "localhost"].contains(host),
            configuration.network.tls == nil
        {
            findings.append(
                Finding(
                    "network.plain",
                    .weak,
                    "plain HTTP on \(host): hash and output travel readable for everyone on the way",
                    hint: "Put a proxy with TLS before it, or set DECKHAND_TLS_PORT."
                )
            )
        }
        return findings
    }

    private static func user(_ name: String?) -> Finding {
        guard let name else {
            return geteuid() == 0
                ? Finding(
                    "user",
                    .weak,
                    "commands run as root and are fully trusted",
                    hint: "Set DECKHAND_RUN_AS to a system user if that is not meant."
                )
                : Finding("user", .fine, "commands run as the server's own user")
        }
        return unsafe getpwnam(name) == nil
            ? Finding(
                "user",
                .broken,
                "there is no user \(name)",
                hint: "Make it: useradd --system --create-home \(name)"
            )
            : Finding("user", .fine, "commands run as \(name)")
    }
}
