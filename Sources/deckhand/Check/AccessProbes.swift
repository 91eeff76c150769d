import CLinux
import Core
import Crypto

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
            findings += [certificate(tls, configuration.network.baseURL), key(tls.keyFile)]
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

    /// Browsers turn away from a certificate that is over, or for another name, without a word of ours.
    private static func certificate(_ tls: TLSConfiguration, _ address: String) -> Finding {
        let (name, path) = ("tls.certificate", tls.certificateFile)
        let hint = "Name a PEM file that the server's user may read."
        guard let bytes = readable(path) else {
            return Finding(name, .broken, "\(path) cannot be read", hint: hint)
        }
        guard let certificate = makeCertificate(pem: bytes) else {
            return Finding(name, .broken, "\(path) holds no certificate", hint: hint)
        }
        let now = SystemWallClock().now()
        let end = String(certificate.validUntil.rfc3339.prefix(10))
        if certificate.validUntil < now {
            return Finding(
                name,
                .weak,
                "\(path) was valid until \(end): browsers refuse it",
                hint: "Renew it; the server reads the file again when it changes."
            )
        }
        if certificate.validFrom > now {
            return Finding(
                name,
                .weak,
                "\(path) is valid from \(certificate.validFrom.rfc3339.prefix(10)) on only",
                hint: "Check the clock of this machine, or wait."
            )
        }
        // A proxy in front has a certificate of its own, and plain addresses need none.
        if let url = try? BaseURL(address), url.scheme == "https",
            url.authority.hasSuffix(":\(tls.port)") || (tls.port == 443 && url.authority == url.host),
            !certificate.isFor(url.host)
        {
            let host = url.host
            return Finding(
                name,
                .weak,
                "\(path), valid until \(end), is not for \(host): browsers refuse it",
                hint: "Name a certificate for \(host), or set FQDN to a name that it is for."
            )
        }
        guard certificate.validUntil > now + .seconds(14 * 86_400) else {
            return Finding(
                name,
                .weak,
                "\(path), valid until \(end) only",
                hint: "Renew it soon; the server reads the file again when it changes."
            )
        }
        return Finding(name, .fine, "\(path), valid until \(end)")
    }

    private static func key(_ path: String) -> Finding {
        unsafe access(path, R_OK) == 0
            ? Finding("tls.key", .fine, path)
            : Finding(
                "tls.key",
                .broken,
                "\(path) cannot be read",
                hint: "Name a PEM file that the server's user may read."
            )
    }

    /// At most a mebibyte of a file.
    private static func readable(_ path: String) -> [UInt8]? {
        let file = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = unsafe read(file, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer.prefix(count)
        }
        return bytes
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
