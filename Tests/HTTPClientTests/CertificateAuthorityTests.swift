import Testing

@testable import HTTPClient

@Suite("The machine's certificate authorities")
struct CertificateAuthorityTests {
    @Test("the first bundle that is there is taken, and none when there is none")
    func first() {
        #expect(CertificateAuthorities.first(of: ["/nonexistent/a", "/etc/passwd", "/"]) == "/etc/passwd")
        #expect(CertificateAuthorities.first(of: ["/nonexistent/a"]) == nil)
    }

    @Test("Debian's bundle goes first, so that nothing changes there")
    func order() {
        #expect(CertificateAuthorities.bundles.first == "/etc/ssl/certs/ca-certificates.crt")
    }
}
