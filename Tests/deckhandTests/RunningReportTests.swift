import API
import Core
import Testing

@testable import deckhand

@Suite("How a running server is")
struct RunningReportTests {
    private static func report(_ environment: [String: String]) throws -> RunningReport {
        let folder = TemporaryFolder()
        var all = environment
        all["DECKHAND_DATA"] = folder.path
        let surroundings = Surroundings(
            environment: all,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: 0,
            executablePath: "/usr/bin/deckhand"
        )
        return RunningReport(
            try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve()
        )
    }

    @Test("every option is shown with its source, and a secret by its length only")
    func settings() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        let settings = try Self.report(["HASH": hash, "PORT": "8099"]).settings
        #expect(settings.options.count == ConfigurationOption.all.count)
        let port = try #require(settings.options.first { $0.key == "PORT" })
        #expect(port.value == "8099" && port.source == "environment" && !port.isDefault)
        #expect(settings.options.contains { $0.isDefault && $0.source == "default" })
        #expect(!settings.options.contains { $0.value.contains(hash) })
    }

    @Test("load and memory are read as proc(5) says, and not at all from anything else")
    func load() throws {
        #expect(MachineLoad.averages("0.52 0.58 0.59 1/467 31337\n") == [0.52, 0.58, 0.59])
        #expect(MachineLoad.averages("nothing of the kind") == [])
        let memory = MachineLoad.memory("MemTotal:       2000 kB\nMemAvailable:    500 kB\nHugePages: x\n")
        #expect(memory == ["MemTotal": 2_048_000, "MemAvailable": 512_000])
        let now = MachineLoad.now(dataDirectory: "/")
        #expect(now.averages.count == 3 && now.processors > 0)
        #expect((now.memoryAvailable ?? 0) > 0 && (now.memory ?? 0) >= (now.memoryAvailable ?? 0))
        #expect((now.disk ?? 0) > 0)
    }
}
