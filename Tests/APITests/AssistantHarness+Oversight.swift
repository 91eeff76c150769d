import Application
import Core
import Domain
import Storage
import TestSupport

@testable import API

extension AssistantHarness {
    /// What administrators see, of the applications of the harness.
    static func oversight(_ stores: Stores, _ hosts: [HostSettings], _ clock: any WallClock) throws
        -> OversightService
    {
        OversightService(
            hosts: hosts,
            roles: .standard,
            catalogue: try catalogue(),
            unit: CreditUnit(),
            store: stores.oversight,
            actions: stores.actions,
            tenants: stores.tenants,
            audit: stores.audit,
            clock: clock
        )
    }

    /// Verifies the log by checkpoints that a test keeps, whatever signed them.
    static func inspection(_ stores: Stores, _ archive: MemoryCheckpoints, _ clock: any WallClock)
        -> AuditInspection
    {
        AuditInspection(
            trail: stores.auditTrail,
            audit: stores.audit,
            archive: archive,
            publicKey: "-----BEGIN PUBLIC KEY-----\n",
            verifier: PlainSeal(),
            clock: clock
        )
    }
}

/// Signs with the bytes of a word in front.
struct PlainSeal: CheckpointSigner, CheckpointVerifier {
    let publicKey = "plain"

    func sign(_ bytes: [UInt8]) -> [UInt8] { Array("sealed:".utf8) + bytes }

    func isSigned(_ bytes: [UInt8], signature: [UInt8]) -> Bool { signature == sign(bytes) }
}

/// Checkpoints that a test adds to.
struct MemoryCheckpoints: CheckpointArchive {
    let recorder = Recorder<AuditCheckpoint>()

    func all() async throws -> [AuditCheckpoint] { recorder.all }
}
