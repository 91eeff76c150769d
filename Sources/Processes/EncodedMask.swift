internal import Domain

/// The latest mask list as runners take it (see ``MaskForms``), so that it is not written anew for each run.
struct EncodedMask {
    private var list: MaskList?
    private var encoded: [UInt8] = []

    mutating func bytes(of list: MaskList) -> [UInt8] {
        if self.list !== list {
            self.list = list
            encoded = Self.encoded(list)
        }
        return encoded
    }

    static func encoded(_ list: MaskList) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(list.size + 5 * list.forms.count)
        for form in list.forms {
            bytes.append(form.wraps ? 1 : 0)
            for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: form.bytes.count >> (shift * 8))) }
            bytes += form.bytes
        }
        return bytes
    }
}
