internal import CLinux
internal import Glibc

/// Socket calls with addresses, which the importer shows as unions (glibc with its extensions switched on).
enum SocketCalls {
    static func open(_ family: Int32, _ type: __socket_type) -> Int32 {
        socket(family, Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Binds; a `size` less than the address's own counts for abstract names (unix(7)).
    static func bind<Address>(_ descriptor: Int32, _ address: Address, size: Int? = nil) -> Int32 {
        unsafe withAddress(address) { unsafe Glibc.bind(descriptor, $0, size.map { socklen_t($0) } ?? $1) }
    }

    static func connect<Address>(_ descriptor: Int32, _ address: Address) -> Int32 {
        unsafe withAddress(address) { unsafe Glibc.connect(descriptor, $0, $1) }
    }

    /// Sends a datagram; `size` is that of the address, which counts for abstract names.
    static func send(_ bytes: [UInt8], _ descriptor: Int32, to address: sockaddr_un, size: Int) -> Int {
        unsafe withAddress(address) { pointer, _ in
            unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(size))
        }
    }

    static func unixAddress(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return address
    }

    static func ip4Address(_ bytes: [UInt8], _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin_addr) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    static func ip6Address(_ bytes: [UInt8], _ port: UInt16) -> sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    /// The raw bytes of a socket's own or its peer's address, or nil.
    static func addressBytes(_ descriptor: Int32, ofPeer: Bool) -> [UInt8]? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutableBytes(of: &storage) { buffer in
            let pointer = unsafe buffer.assumingMemoryBound(to: sockaddr.self).baseAddress
            let argument = unsafe __SOCKADDR_ARG(__sockaddr__: pointer)
            let result =
                unsafe ofPeer
                ? getpeername(descriptor, argument, &size) : getsockname(descriptor, argument, &size)
            return unsafe result == 0 ? [UInt8](buffer.prefix(Int(size))) : nil
        }
    }

    private static func withAddress<Address, Result>(
        _ address: Address,
        _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafeBytes(of: address) { buffer in
            let pointer = unsafe buffer.assumingMemoryBound(to: sockaddr.self).baseAddress
            return unsafe body(__CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(buffer.count))
        }
    }
}
