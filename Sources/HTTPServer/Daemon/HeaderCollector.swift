internal import CMicroHTTPD

/// Takes the header fields of a connection out of the library.
///
/// The library reads fields as C strings and skips what it does not understand. So each field must begin right after
/// the line before it, and the last must end the header: then nothing was cut at a NUL, skipped or unfolded. Addresses
/// are only compared here; a header lies in one piece in the connection's memory.
final class HeaderCollector {
    private(set) var fields: [HTTPHeaders.Field] = []
    private(set) var bytes = 0
    private(set) var areWellFormed = true

    /// Where the last line ended.
    private var end: Int

    /// Collects; `line` is the address of the request line, `end` that of its end.
    init(_ connection: ConnectionHandle, line: Int, end: Int) {
        self.end = end
        fields.reserveCapacity(16)
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe MHD_get_connection_values_n(
            connection.pointer,
            dh_mhd_headers,
            { context, _, name, nameSize, value, valueSize in
                guard let context = unsafe context else { return dh_mhd_no }
                let collector = unsafe Unmanaged<HeaderCollector>.fromOpaque(context).takeUnretainedValue()
                unsafe collector.add(
                    UnsafeRawBufferPointer(start: name, count: nameSize),
                    UnsafeRawBufferPointer(start: value, count: valueSize)
                )
                return dh_mhd_yes
            },
            me
        )
        // The last line's end, and an empty line: two to four bytes.
        let size = unsafe Int(dh_mhd_header_size(connection.pointer))
        if !(2...4).contains(line + size - self.end) { areWellFormed = false }
    }

    private func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        bytes += name.count + value.count + 4
        // A request with so many fields is refused; there is no use in keeping them.
        guard fields.count < 10_000 else { return }
        if unsafe !isNext(name) { areWellFormed = false }
        end = Int(bitPattern: value.baseAddress) + value.count
        if unsafe name.isEmpty || !name.allSatisfy(Self.isToken) { areWellFormed = false }
        if unsafe value.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F }) { areWellFormed = false }
        fields.append(
            HTTPHeaders.Field(name: unsafe Self.text(name[...]), value: unsafe Self.text(Self.trimmed(value)))
        )
    }

    private func isNext(_ name: UnsafeRawBufferPointer) -> Bool {
        let gap = Int(bitPattern: name.baseAddress) - end
        return gap == 1 || gap == 2
    }

    private static func trimmed(_ value: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        var slice = unsafe value[...]
        while let last = unsafe slice.last, last == 0x20 || last == 9 { unsafe slice = slice.dropLast() }
        unsafe slice = slice.drop { $0 == 0x20 || $0 == 9 }
        return unsafe slice
    }

    /// UTF-8, or what older software sends: one byte, one character (ISO 8859-1).
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        if let text = unsafe String(validating: bytes, as: UTF8.self) { return text }
        return unsafe String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
