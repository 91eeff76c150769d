import Application
import CLinux
import Core
import Crypto
import Domain

/// `deckhand audit verify`.
struct AuditVerifyCommand: Command {
    static let specification = CommandSpecification(
        name: "audit verify",
        summary: "Check an export of an audit log; names the first row that is wrong and fails then.",
        operands: [.init(name: "FILE")],
        options: [
            .init(
                flag: "--key",
                placeholder: "FILE",
                summary: "The public key of deckhand audit key. Required."
            ),
            .init(
                flag: "--checkpoints",
                placeholder: "FILE",
                summary: "Checkpoints that were shipped earlier: the log must agree with them, too."
            ),
        ],
        details: "Needs no data directory and no server: it runs on any machine."
    )

    /// Bytes of a line.
    private static let longestLine = 1 << 24

    private let file: String
    private let key: String
    private let shipped: String?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        guard let key = arguments["--key"] else { throw UsageError("--key is missing") }
        self.key = key
        file = arguments.operand(0)
        shipped = arguments["--checkpoints"]
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let thread = DedicatedThread(name: "verify")
        let verification: AuditVerification
        do {
            verification = try await thread.run { [file, key, shipped] in
                try Self.verify(file, key: key, shipped: shipped)
            }
        } catch let fault as AuditFault {
            try await console.print(fault.description)
            await console.say("The log is not as it was written.")
            return 1
        }
        let confirmed = shipped == nil ? "" : ", \(verification.confirmed) shipped checkpoints confirmed"
        try await console.print(
            "\(verification.rows) rows up to row \(verification.last?.id ?? 0) are as they were written, "
                + "\(verification.checkpoints) checkpoints\(confirmed)."
        )
        return 0
    }

    private static func verify(_ file: String, key: String, shipped: String?) throws -> AuditVerification {
        var pem: [UInt8] = []
        try lines(of: key) { pem += $0 + [10] }
        guard let verifier = makeCheckpointVerifier(publicKey: pem) else {
            throw Failure(
                .invalid,
                code: "invalid_audit_key",
                message: "\(key) is no public key of Ed25519 as PEM.",
                hint: "Give the file that deckhand audit key printed on the log's host."
            )
        }
        var verification = AuditVerification(verifier)
        if let shipped {
            try lines(of: shipped) { line in
                guard verification.add(shipped: line) else {
                    throw Failure(
                        .invalid,
                        code: "invalid_audit_checkpoints",
                        message: "A line of \(shipped) is no checkpoint that this key signed.",
                        hint: "Give a copy of audit/checkpoints.jsonl as it was shipped."
                    )
                }
            }
        }
        try lines(of: file) { try verification.read($0) }
        try verification.finish()
        return verification
    }

    /// Hands each line to `body` without its line feed; a last one without any is taken, too.
    private static func lines(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw unreadable(path, SystemError.text(dh_errno())) }
        defer { _ = close(descriptor) }
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, SystemError.text(dh_errno())) }
            if count == 0 { break }
            var piece = buffer[..<count]
            while let end = piece.firstIndex(of: 10) {
                try body(rest + piece[..<end])
                rest = []
                piece = piece[(end + 1)...]
            }
            rest += piece
            guard rest.count <= longestLine else { throw unreadable(path, "a line is too long") }
        }
        if !rest.isEmpty { try body(rest) }
    }

    private static func unreadable(_ path: String, _ reason: String) -> Failure {
        Failure(
            .invalid,
            code: "audit_file_unusable",
            message: "\(path) cannot be read: \(reason).",
            hint: "Name a file that you may read."
        )
    }
}
