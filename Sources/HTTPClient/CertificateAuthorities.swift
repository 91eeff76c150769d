internal import CLinux

/// Where the machine keeps the certificate authorities that it trusts.
///
/// libcurl knows one place, that of the distribution it was built for; a program that carries its libraries along also
/// runs on others.
enum CertificateAuthorities {
    /// The bundles of the distributions, the one of Debian's libcurl first.
    static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, AlmaLinux, CentOS, Fedora
        "/etc/pki/tls/certs/ca-bundle.crt",  // CentOS before 7
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // Alpine without the package, and others
    ]

    /// The bundle of this machine, looked for once.
    static let system = first(of: bundles)

    /// The first that can be read; nil when there is none, and libcurl then says so in its own words.
    static func first(of paths: [String]) -> String? {
        paths.first { unsafe access($0, R_OK) == 0 }
    }
}
