public import Core
internal import Domain

extension ApprovalService: Service {
    private static let batch = 100
    /// The clock of the machine may be set meanwhile.
    private static let longestSleep = Duration.seconds(600)
    private static let pauseAfterFailure = Duration.seconds(5)

    /// Brings tickets and approvals together when the server starts, before the tickets are looked at.
    ///
    /// Both are stored and moved in one transaction, so there is nothing to do unless rows were lost or edited: a ticket
    /// whose approval is not there is denied, since nobody could ever decide it.
    public func repair() async throws {
        let now = clock.now()
        for ticket in try await store.orphanedTickets() {
            let reason = Approval.voidedReason(
                "the question to a person is not there any more; submit it again"
            )
            _ = try await tickets.finish(
                ticket.id,
                as: .denied(reason: reason),
                run: nil,
                inlineOutput: nil,
                at: now
            )
            logger.error(
                "a ticket awaited an approval that was not there",
                .init("ticket.number", ticket.id.number)
            )
        }
        for id in try await store.strayApprovals() {
            guard let settled = try await store.settle(id, .cancel(at: now)), settled.isChanged else {
                continue
            }
            journal.note(settled.approval)
        }
    }

    /// Writes what was approved before a crash, then expires what nobody decides; works until its task is cancelled.
    ///
    /// It sleeps until the next one expires, and is woken by each change.
    public func run() async throws {
        await resumeInput()
        while !Task.isCancelled {
            let (changes, wake) = AsyncStream.makeStream(
                of: Approval.self,
                bufferingPolicy: .bufferingNewest(1)
            )
            let watch = hub.watch(wake)
            var pause = Self.longestSleep
            do {
                try await expireDue()
                if let next = try await store.nextExpiry() { pause = min(pause, next - clock.now()) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("approvals cannot be expired", .init("error", LogValue.error(error)))
                pause = Self.pauseAfterFailure
            }
            await Self.wait(pause, or: changes)
            withExtendedLifetime(watch) {}
        }
    }

    private static func wait(_ pause: Duration, or changes: AsyncStream<Approval>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: max(pause, .milliseconds(5))) }
            group.addTask { for await _ in changes { return } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Expires all that are due now.
    func expireDue() async throws {
        while true {
            let now = clock.now()
            let expired = try await store.expireDue(at: now, limit: Self.batch)
            for settled in expired where settled.isChanged {
                await follow(settled)
                journal.note(settled.approval)
            }
            if expired.count < Self.batch { return }
        }
    }

    /// Writes input that was approved and not used, and voids questions about tickets that are over.
    func resumeInput() async {
        do {
            for approval in try await store.openInputs() {
                if approval.state == .approved {
                    await deliver(approval)
                } else if try await tickets.ticket(approval.subject.ticket)?.state.isTerminal ?? true {
                    let now = clock.now()
                    let settled = try await store.settle(
                        approval.id,
                        .void(reason: "the ticket is over", at: now)
                    )
                    if let settled, settled.isChanged {
                        journal.note(settled.approval)
                    }
                }
            }
        } catch {
            logger.warning("approvals of input cannot be resumed", .init("error", LogValue.error(error)))
        }
    }
}
