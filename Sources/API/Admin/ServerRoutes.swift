internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/server: how this server is set up, and how it is.
struct ServerRoutes: Sendable {
    private let server: any ServerReport
    private let version: String

    init(_ services: EdgeServices, _ admin: AdminServices) {
        server = admin.server
        version = services.settings.version
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/server", access: .signIn(.admin, on: nil), state),
            Route(.get, "/v1/admin/server/settings", access: .signIn(.admin, on: nil), settings),
        ]
    }

    private func state(_ context: RequestContext) async throws -> HTTPResponse {
        let isOutside = try QueryReader(context.request.query).flag("outside")
        let load = await server.load()
        let findings = isOutside ? await server.outside() : await server.findings()
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("version")
                writer.string(version)
                writer.key("uptime")
                writer.number(load.uptime)
                writer.key("load")
                writer.array { writer in for average in load.averages { writer.number(average) } }
                writer.key("processors")
                writer.integer(load.processors)
                Self.write("memory", load.memory, &writer)
                Self.write("memory_available", load.memoryAvailable, &writer)
                Self.write("disk", load.disk, &writer)
                Self.write("disk_free", load.diskFree, &writer)
                writer.key("findings")
                writer.array { writer in for finding in findings { Self.write(finding, to: &writer) } }
            }
        }
    }

    private func settings(_ context: RequestContext) async throws -> HTTPResponse {
        let settings = server.settings
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("file")
                writer.string(settings.file)
                writer.key("sections")
                writer.array { writer in for name in settings.sections { writer.string(name) } }
                writer.key("warnings")
                writer.array { writer in for warning in settings.warnings { writer.string(warning) } }
                writer.key("options")
                writer.array { writer in for option in settings.options { Self.write(option, to: &writer) } }
            }
        }
    }

    private static func write(_ name: StaticString, _ value: Int64?, _ writer: inout JSONWriter) {
        writer.key(name)
        writer.optional(value)
    }

    private static func write(_ finding: ServerFinding, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(finding.name)
            writer.key("verdict")
            writer.string(finding.verdict)
            writer.key("text")
            writer.string(finding.text)
            writer.key("hint")
            writer.optional(finding.hint)
        }
    }

    private static func write(_ option: ServerSettings.Option, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("key")
            writer.string(option.key)
            writer.key("group")
            writer.string(option.group)
            writer.key("value")
            writer.string(option.value)
            writer.key("source")
            writer.string(option.source)
            writer.key("default")
            writer.bool(option.isDefault)
            writer.key("summary")
            writer.string(option.summary)
        }
    }
}
