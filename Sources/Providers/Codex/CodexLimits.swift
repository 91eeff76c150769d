internal import Core
internal import Domain

/// Reads what the app-server says about limits.
enum CodexLimits {
    /// What is known with what is said now: what it leaves out stays as it was.
    static func merged(_ known: AccountLimits?, _ json: JSONValue) -> AccountLimits {
        var limits = known ?? AccountLimits()
        limits.plan = json["planType"]?.string ?? limits.plan
        limits.primary = window(json["primary"]) ?? limits.primary
        limits.secondary = window(json["secondary"]) ?? limits.secondary
        limits.isReached =
            json["rateLimitReachedType"]?.string != nil
            || [limits.primary, limits.secondary].contains { ($0?.usedPercent ?? 0) >= 100 }
        return limits
    }

    private static func window(_ json: JSONValue?) -> AccountWindow? {
        guard let used = json?["usedPercent"]?.number else { return nil }
        return AccountWindow(
            usedPercent: Int(max(0, min(used, 1_000))),
            length: json?["windowDurationMins"]?.integer.map { .seconds($0 * 60) },
            resets: json?["resetsAt"]?.integer.map { Timestamp(seconds: $0) }
        )
    }
}

extension AccountLimits {
    /// When the window that is used up begins anew.
    var resets: Timestamp? {
        let windows = [primary, secondary].compactMap(\.self)
        let full = windows.filter { $0.usedPercent >= 100 }
        return (full.isEmpty ? windows : full).compactMap(\.resets).max()
    }
}
