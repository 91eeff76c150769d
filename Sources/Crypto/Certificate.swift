internal import COpenSSL
public import Core

/// What of a certificate (RFC 5280) matters to whoever looks after it.
public struct Certificate: Sendable {
    /// When it begins to be valid.
    public let validFrom: Timestamp
    /// When it ends to be valid.
    public let validUntil: Timestamp
    private let encoded: [UInt8]

    init?(pem: [UInt8]) {
        guard !pem.isEmpty, pem.count <= Int(Int32.max) else { return nil }
        let read = unsafe pem.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free(input) }
            return unsafe PEM_read_bio_X509(input, nil, nil, nil)
        }
        guard let certificate = unsafe read else {
            // What a library notes about its failure must not be found by the next caller.
            ERR_clear_error()
            return nil
        }
        defer { unsafe X509_free(certificate) }
        guard let from = unsafe Self.seconds(X509_get0_notBefore(certificate)),
            let until = unsafe Self.seconds(X509_get0_notAfter(certificate))
        else { return nil }
        (validFrom, validUntil) = (Timestamp(seconds: from), Timestamp(seconds: until))
        var text: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_X509(certificate, &text)
        guard length > 0, let start = unsafe text else { return nil }
        defer { unsafe dh_openssl_free(start) }
        encoded = unsafe Array(UnsafeBufferPointer(start: start, count: Int(length)))
    }

    /// Says whether browsers take it for a host name or address (X509_check_host(3)).
    public func isFor(_ host: String) -> Bool {
        let read = unsafe encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var start = bytes.baseAddress
            return unsafe d2i_X509(nil, &start, bytes.count)
        }
        guard let certificate = unsafe read else { return false }
        defer { unsafe X509_free(certificate) }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        return unsafe X509_check_host(certificate, bare, bare.utf8.count, 0, nil) == 1
            || X509_check_ip_asc(certificate, bare, 0) == 1
    }

    /// Seconds since 1970 of a time (ASN1_TIME_diff(3)).
    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time = unsafe time, let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
        defer { unsafe ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}
