import Application
import CLinux
import Domain
import Testing

@testable import deckhand

@Suite struct ArtifactConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(_ section: String?) throws(ConfigurationError) -> ArtifactSettings {
        folder.write(section.map { "{ artifacts: \($0) }" } ?? "{}", to: "deckhand.json5")
        let surroundings = Surroundings(
            environment: ["DECKHAND_DATA": folder.path],
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve()
            .configuration.artifacts
    }

    @Test("what is left out is as the reference says, and every member is taken over")
    func members() throws {
        for section in [nil, "{}"] {
            let settings = try resolve(section)
            #expect(settings.maximumBytes == 10 << 20 && settings.lifetime == .seconds(90 * 86_400))
            #expect(settings.quota.bytesOfOwner == 256 << 20 && settings.quota.countOfOwner == 2_000)
            #expect(settings.quota.bytesOfClient == 4 << 30)
        }
        let settings = try resolve(
            #"{ maximumBytes: "1MiB", bytesOfUser: 5000, filesOfUser: 3, bytesOfClient: "2GiB", keep: "7d" }"#
        )
        #expect(settings.maximumBytes == 1 << 20 && settings.lifetime == .seconds(7 * 86_400))
        #expect(settings.quota.bytesOfOwner == 5_000 && settings.quota.countOfOwner == 3)
        #expect(settings.quota.bytesOfClient == 2 << 30)
    }

    @Test(
        "mistakes are named",
        arguments: [
            ("7", "artifacts"), ("{ maximumBytes: 1 }", "artifacts.maximumBytes"),
            ("{ filesOfUser: 0 }", "artifacts.filesOfUser"), ("{ keep: \"1s\" }", "artifacts.keep"),
            ("{ quota: 1 }", "artifacts.quota"),
        ]
    )
    func mistakes(_ section: String, _ key: String) {
        do {
            _ = try resolve(section)
            Issue.record("\(section) was taken")
        } catch { #expect(error.mistakes.map(\.key).contains(key), "\(error.mistakes)") }
    }
}
