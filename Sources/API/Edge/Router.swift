internal import Domain
internal import HTTPServer

/// Finds the route of a request.
struct Router: Sendable {
    private struct Entry: Sendable {
        let pattern: [String?]
        let names: [String]
        var routes: [Route]
    }

    enum Match {
        case found(Route, parameters: [String: String])
        case wrongMethod(allowed: [HTTPMethod], template: StaticString)
        case none
    }

    /// All routes, for the documentation and for tests that walk them.
    let routes: [Route]
    private let entries: [Int: [Entry]]
    /// Those whose last parameter takes the rest of the path, by their number of segments.
    private let open: [Int: [Entry]]

    init(_ routes: [Route]) {
        self.routes = routes
        var entries: [Int: [Entry]] = [:]
        for route in routes {
            let pattern = route.segments.map { $0.hasPrefix("{") ? nil : String($0) }
            let names = route.segments.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
            var list = entries[pattern.count] ?? []
            if let index = list.firstIndex(where: { $0.pattern == pattern }) {
                list[index].routes.append(route)
            } else {
                list.append(Entry(pattern: pattern, names: names, routes: [route]))
            }
            entries[pattern.count] = list
        }
        self.entries = entries
        open = entries.compactMapValues { list in
            let taking = list.filter { $0.routes.contains(where: \.takesRest) }
            return taking.isEmpty ? nil : taking
        }
    }

    /// The route for a method and the decoded segments of a path; HEAD is served by GET.
    func match(_ method: HTTPMethod, _ path: [String]) -> Match {
        let path = path.last == "" ? Array(path.dropLast()) : path
        if let match = match(method, path, entries[path.count] ?? []) { return match }
        for count in open.keys.sorted(by: >) where count < path.count {
            let joined = Array(path.prefix(count - 1)) + [path[(count - 1)...].joined(separator: "/")]
            if let match = match(method, joined, open[count] ?? []) { return match }
        }
        return .none
    }

    private func match(_ method: HTTPMethod, _ path: [String], _ entries: [Entry]) -> Match? {
        for entry in entries where Self.fits(entry.pattern, path) {
            let wanted = method == .head ? .get : method
            guard let route = entry.routes.first(where: { $0.method == wanted }) else {
                var allowed = entry.routes.map(\.method)
                if allowed.contains(.get) { allowed.append(.head) }
                return .wrongMethod(allowed: allowed + [.options], template: entry.routes[0].template)
            }
            guard !entry.names.isEmpty else { return .found(route, parameters: [:]) }
            let values = zip(entry.pattern, path).compactMap { $0 == nil ? $1 : nil }
            return .found(route, parameters: Dictionary(zip(entry.names, values)) { first, _ in first })
        }
        return nil
    }

    private static func fits(_ pattern: [String?], _ path: [String]) -> Bool {
        for (wanted, given) in zip(pattern, path) {
            if let wanted {
                if wanted != given { return false }
            } else if given.isEmpty {
                return false
            }
        }
        return true
    }
}
