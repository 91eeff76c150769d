import Application
import Core
import Crypto
import Domain
import Storage

extension AuditFiles {
    /// Verifies the log of these stores by the key and the checkpoints that are here.
    func inspection(of stores: Stores, clock: any WallClock) -> AuditInspection? {
        makeCheckpointVerifier(publicKey: Array(signer.publicKey.utf8)).map { verifier in
            AuditInspection(
                trail: stores.auditTrail,
                audit: stores.audit,
                archive: self,
                publicKey: signer.publicKey,
                verifier: verifier,
                clock: clock
            )
        }
    }
}
