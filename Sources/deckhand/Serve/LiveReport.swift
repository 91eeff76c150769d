internal import API
internal import Core
internal import Domain
internal import Synchronization

/// The report of a server with its stores: also who may sign in, how notices fare, and whether providers answer.
final class LiveReport: ServerReport {
    /// Providers are asked again after so long.
    private static let lasting = Duration.seconds(600)

    private struct Found {
        let findings: [ServerFinding]
        let time: ContinuousClock.Instant
    }

    private let base: RunningReport
    private let configuration: Configuration
    private let operators: any OperatorStore
    private let notices: NoticeRecord?
    private let found = Mutex<Found?>(nil)

    init(
        _ base: RunningReport,
        _ configuration: Configuration,
        operators: any OperatorStore,
        notices: NoticeRecord?
    ) {
        self.base = base
        self.configuration = configuration
        self.operators = operators
        self.notices = notices
    }

    var settings: ServerSettings { base.settings }
    func load() async -> ServerLoad { await base.load() }

    func findings() async -> [ServerFinding] {
        var own: [Finding] = []
        if let all = try? await operators.operators() {
            own.append(OperatorProbe.finding(all, named: configuration.signIn.operators.count))
        }
        if let notices { own.append(notices.finding) }
        return await base.findings() + RunningReport.shown(own)
    }

    func outside() async -> [ServerFinding] {
        if let found = found.withLock({ $0 }), ContinuousClock.now - found.time < Self.lasting {
            return found.findings
        }
        var all = ProxyProbe.all(configuration.proxies)
        // That there is none is said by the findings already.
        if !configuration.providers.isEmpty { all += await ProviderProbes.all(configuration) }
        let findings = RunningReport.shown(all)
        found.withLock { $0 = Found(findings: findings, time: .now) }
        return findings
    }
}
