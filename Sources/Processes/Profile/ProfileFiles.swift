internal import Core

/// Reads the kernel's and the distribution's small files; pure.
enum ProfileFiles {
    /// The distribution's name with its version (os-release(5)).
    static func system(_ text: String) -> String? {
        let values = assignments(text)
        if let pretty = values["PRETTY_NAME"], !pretty.isEmpty { return pretty }
        guard let name = values["NAME"], !name.isEmpty else { return nil }
        return values["VERSION"].map { "\(name) \($0)" } ?? name
    }

    private static func assignments(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].hasPrefix("#") else { continue }
            var value = String(parts[1]).trimmed
            for quote in ["\"", "'"]
            where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                value = String(value.dropFirst().dropLast())
            }
            values[String(parts[0]).trimmed] = value
        }
        return values
    }

    /// Number and kind of processors (proc(5), /proc/cpuinfo).
    static func processors(_ text: String) -> String? {
        let fields = text.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (String(parts[0]).trimmed, String(parts[1]).trimmed)
        }
        let count = fields.count { $0.0 == "processor" }
        guard count > 0 else { return nil }
        let model = fields.first { $0.0 == "model name" || $0.0 == "Model" }?.1
        return model.map { "\(count) × \($0)" } ?? "\(count)"
    }

    /// The machine's memory and swap (proc(5), /proc/meminfo).
    static func memory(_ text: String) -> String? {
        guard let total = kibibytes("MemTotal", text) else { return nil }
        let swap = kibibytes("SwapTotal", text) ?? 0
        return "\(size(total << 10))\(swap > 0 ? ", swap \(size(swap << 10))" : ", no swap")"
    }

    private static func kibibytes(_ name: String, _ text: String) -> Int64? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.flatMap {
                $0 >= 0 && $0 < 1 << 50 ? $0 : nil
            }
        }
        return nil
    }

    /// A file system on a device of its own.
    struct Mount: Equatable {
        let device: String
        let place: String
        let kind: String
    }

    /// The mounted disks, each device once and at most eight, the shortest place of each (proc(5), /proc/mounts).
    static func disks(_ text: String) -> [Mount] {
        var found: [Mount] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map { unescaped(String($0)) }
            guard words.count >= 3 else { continue }
            let mount = Mount(device: words[0], place: words[1], kind: words[2])
            let isDisk =
                mount.device.hasPrefix("/dev/") && !mount.device.hasPrefix("/dev/loop") || mount.place == "/"
                || mount.kind == "zfs" || mount.kind.hasPrefix("nfs")
            guard isDisk else { continue }
            if let index = found.firstIndex(where: { $0.device == mount.device }) {
                if mount.place.utf8.count < found[index].place.utf8.count { found[index] = mount }
            } else if found.count < 8 {
                found.append(mount)
            }
        }
        return found
    }

    /// Spaces and the like are written as three octal digits (fstab(5)).
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes.dropFirst(index + 1).prefix(3)
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                result.append(code)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Bytes with one decimal: what people say of disks and memory.
    static func size(_ bytes: Int64) -> String {
        for (unit, factor) in [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)] as [(String, Int64)]
        where bytes >= factor {
            let tenths = (bytes * 10 + factor / 2) / factor
            return tenths.isMultiple(of: 10)
                ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(bytes >> 10) KiB"
    }
}
