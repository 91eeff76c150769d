internal import Core

/// Whose forwarding headers are believed, and what they say about the client.
struct ForwardingRule: Sendable {
    private let networks: [AddressNetwork]
    private let trustsUnix: Bool
    private let header: HTTPForwardingHeader

    /// Makes a rule; entries that are neither a network nor `unix` make it nil.
    init?(trusted: [String], header: HTTPForwardingHeader) {
        var networks: [AddressNetwork] = []
        for entry in trusted where entry != "unix" {
            guard let network = AddressNetwork(entry) else { return nil }
            networks.append(network)
        }
        self.networks = networks
        self.header = header
        trustsUnix = trusted.contains("unix")
    }

    /// The client's address and whether it came over TLS.
    func client(of peer: HTTPPeer, isTLS: Bool, headers: HTTPHeaders) -> (address: String, isSecure: Bool) {
        let own: String
        switch peer {
        case .ip(let address, _):
            own = address
            guard networks.contains(where: { $0.contains(address) }) else { return (own, isTLS) }
        case .local:
            own = "local"
            guard trustsUnix else { return (own, isTLS) }
        }
        switch header {
        case .xForwarded:
            let hops = headers.all("X-Forwarded-For").flatMap { $0.split(separator: ",") }.map {
                String($0).trimmed
            }
            let proto = headers.all("X-Forwarded-Proto").last.map {
                $0.split(separator: ",").last.map(String.init) ?? ""
            }
            return (client(in: hops) ?? own, isTLS || proto?.trimmed.lowercased() == "https")
        case .forwarded:
            let elements = headers.all("Forwarded").flatMap { $0.split(separator: ",") }.map(Self.parameters)
            let proto = elements.last?["proto"]
            return (
                client(in: elements.map { $0["for"] ?? "" }) ?? own, isTLS || proto?.lowercased() == "https"
            )
        }
    }

    /// The right-most address that is not itself a trusted proxy; all to its left could be invented.
    private func client(in hops: [String]) -> String? {
        var last: String?
        for hop in hops.reversed() {
            guard let address = Self.address(of: hop) else { return last }
            last = address
            if !networks.contains(where: { $0.contains(address) }) { return address }
        }
        return last
    }

    /// The address of `1.2.3.4`, `1.2.3.4:5`, `[2001:db8::1]`, `[2001:db8::1]:5` or `2001:db8::1`.
    private static func address(of hop: String) -> String? {
        var text = hop
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1,
            let colon = text.firstIndex(of: ":")
        {
            text = String(text[..<colon])
        }
        return AddressNetwork.bytes(of: text).map(AddressNetwork.text)
    }

    /// The parameters of one element of `Forwarded` (RFC 7239 section 4).
    private static func parameters(of element: Substring) -> [String: String] {
        var result: [String: String] = [:]
        for pair in element.split(separator: ";") {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            var value = String(pair[pair.index(after: equals)...]).trimmed
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            result[String(pair[..<equals]).trimmed.lowercased()] = value
        }
        return result
    }
}
