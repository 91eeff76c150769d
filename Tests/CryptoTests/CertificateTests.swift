import Core
import Crypto
import Testing

@Suite("Certificates")
struct CertificateTests {
    /// Made by openssl(1) for panel.example, *.hands.example and 192.0.2.7; its key exists nowhere.
    private static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBuDCCAV6gAwIBAgIUfivuA0sMhUESkXPYBMfPgLCngsgwCgYIKoZIzj0EAwIw
        GDEWMBQGA1UEAwwNcGFuZWwuZXhhbXBsZTAeFw0yNjExMjIwMTIzMDNaFw0zNjEx
        MTkwMTIzMDNaMBgxFjAUBgNVBAMMDXBhbmVsLmV4YW1wbGUwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAATxBgEJuewY9tM3hNHNUxxnQjUeEU0fa1Bd08B2ytos7g9P
        H+7T/IZJ54WSO/DZaKebmMfUvf1IhrDF0ELAkJ+Ho4GFMIGCMB0GA1UdDgQWBBT6
        traRQGR6NK0jHhb8enYXkZrI2jAfBgNVHSMEGDAWgBT6traRQGR6NK0jHhb8enYX
        kZrI2jAPBgNVHRMBAf8EBTADAQH/MC8GA1UdEQQoMCaCDXBhbmVsLmV4YW1wbGWC
        DyouaGFuZHMuZXhhbXBsZYcEwAACBzAKBggqhkjOPQQDAgNIADBFAiEA68HKsPvp
        SSzFk9UfsKxlEMZHchnDIhYia4EMp5M2R8UCIGRTP3A1TIyM4J+bDKBzVNgv2/sa
        V/k7vh3N2Y24PC2K
        -----END CERTIFICATE-----
        """

    @Test("of a chain the first one is read, with the time in which it is valid")
    func times() throws {
        let certificate = try #require(makeCertificate(pem: Array((Self.pem + "\n" + Self.pem).utf8)))
        #expect(certificate.validFrom.rfc3339.hasPrefix("2026-11-22T01:23:03"))
        #expect(certificate.validUntil.rfc3339.hasPrefix("2036-11-19T01:23:03"))
    }

    @Test("it is for the names and addresses that it says, and no others")
    func names() throws {
        let certificate = try #require(makeCertificate(pem: Array(Self.pem.utf8)))
        for host in ["panel.example", "PANEL.example", "a.hands.example", "192.0.2.7"] {
            #expect(certificate.isFor(host), "\(host)")
        }
        for host in [
            "example", "x.panel.example", "hands.example", "a.b.hands.example", "192.0.2.8", "::1", "",
        ] {
            #expect(!certificate.isFor(host), "\(host)")
        }
    }

    @Test("what is no certificate is none")
    func others() {
        for text in [
            "", "no certificate", String(Self.pem.dropLast(100)),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        ] {
            #expect(makeCertificate(pem: Array(text.utf8)) == nil)
        }
    }
}
