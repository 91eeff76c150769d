import Core
import Domain
import Testing

@Suite("An approval")
struct ApprovalTests {
    private static let start = Timestamp(seconds: 1_000)
    private static let alice = PrincipalID("operator:1")
    private static let bob = PrincipalID("operator:2")

    static func contents(_ change: (inout ApprovalContents) -> Void = { _ in }) -> ApprovalContents {
        var contents = ApprovalContents(
            command: "rm -r x",
            workingDirectory: "/srv",
            environment: ["A": "1", "B": "2"],
            host: "h",
            user: "u",
            policyVersion: "v1",
            scripts: [ScriptDigest(path: "/a", digest: "00")],
            reason: "it deletes",
            rule: "rm",
            proposedRule: "allow it"
        )
        change(&contents)
        return contents
    }

    static func approval(
        _ subject: ApprovalSubject = .run(TicketID(session: SessionID(1), number: 2)),
        _ contents: ApprovalContents = contents()
    ) -> Approval {
        Approval(
            id: ApprovalID(7),
            subject: subject,
            contents: contents,
            requestedBy: .hash,
            origin: .get,
            reference: nil,
            created: start,
            expires: start + .seconds(60),
            change: 1
        )
    }

    private static func decide(
        _ choice: ApprovalChoice,
        by principal: PrincipalID = alice,
        after delay: Duration = .seconds(1)
    ) -> ApprovalInput {
        .decide(choice, ApprovalDecision(by: principal, at: start + delay, note: "n"))
    }

    @Test("is decided once, and says by whom")
    func once() throws {
        var approval = Self.approval()
        #expect(try approval.apply(Self.decide(.approve)))
        #expect(approval.state == .approved)
        #expect(
            approval.decision == ApprovalDecision(by: Self.alice, at: Self.start + .seconds(1), note: "n")
        )
        #expect(approval.ticketState == .queued)
        for late in [
            Self.decide(.deny), Self.decide(.approve, by: Self.bob), Self.decide(.deny, by: Self.bob),
        ] {
            let failure = #expect(throws: Failure.self) { try approval.apply(late) }
            #expect(failure?.code == "approval_decided")
            #expect(failure?.kind == .conflict)
            #expect(failure?.message.contains("operator:1 has approved") == true)
        }
        #expect(try approval.apply(Self.decide(.approve)) == false, "one's own answer again changes nothing")
        for input in [ApprovalInput.expire(at: Self.start + .seconds(99)), .cancel(at: Self.start)] {
            #expect(try approval.apply(input) == false)
        }
        #expect(approval.state == .approved)
    }

    @Test("cannot be answered after its time, and expires only then")
    func expiry() throws {
        var approval = Self.approval()
        #expect(try approval.apply(.expire(at: Self.start + .seconds(59))) == false)
        let late = Self.decide(.approve, after: .seconds(60))
        #expect(throws: Failure.self) { try approval.apply(late) }
        #expect(approval.state == .awaiting)
        #expect(try approval.apply(.expire(at: Self.start + .seconds(60))))
        #expect(approval.state == .expired)
        #expect(approval.ticketState == .expired)
        let failure = #expect(throws: Failure.self) { try approval.apply(Self.decide(.approve)) }
        #expect(failure?.code == "approval_decided")
    }

    @Test("can be voided until what it is about began")
    func voided() throws {
        var approval = Self.approval()
        #expect(try approval.apply(Self.decide(.approve)))
        #expect(try approval.apply(.void(reason: "changed", at: Self.start)))
        #expect(approval.ticketState == .denied(reason: "approval_voided: changed"))
        #expect(approval.decision?.by == Self.alice, "who said yes stays known")
        let ticket = TicketID(session: SessionID(1), number: 2)
        var input = Self.approval(.input(ticket, bytes: [1], closing: false))
        #expect(try input.apply(Self.decide(.approve)))
        #expect(try input.apply(.use(at: Self.start)))
        #expect(try input.apply(.use(at: Self.start)) == false, "used once")
        #expect(try input.apply(.void(reason: "late", at: Self.start)) == false)
        #expect(input.ticketState == nil)
    }

    @Test("a no says who, why, the rule and what to do instead")
    func denial() throws {
        var approval = Self.approval()
        #expect(try approval.apply(Self.decide(.deny)))
        guard case .denied(let text)? = approval.ticketState else {
            Issue.record("not denied")
            return
        }
        let refusal = try #require(Refusal(text: text))
        #expect(refusal.reason == "operator:1 refused it: n")
        #expect(refusal.rule == "rm")
        #expect(!refusal.hint.isEmpty)
        #expect(Refusal(text: "no such thing") == nil)
    }

    @Test("binds every part that was shown: changing any of them changes the bytes")
    func binding() {
        let ticket = TicketID(session: SessionID(1), number: 2)
        let changes: [(inout ApprovalContents) -> Void] = [
            { $0.command = "rm -r x " }, { $0.command = "rm -r \u{212B}" }, { $0.command = "rm -r \u{C5}" },
            { $0.input = .open }, { $0.input = .bytes([]) }, { $0.input = .bytes([1]) },
            { $0.workingDirectory = nil }, { $0.workingDirectory = "" }, { $0.workingDirectory = "/srv/" },
            { $0.carriesOver = true }, { $0.environment = [:] }, { $0.environment["A"] = "2" },
            { $0.environment = ["A": "1B", "B": "2"] }, { $0.host = "g" }, { $0.user = "root" },
            { $0.policyVersion = "v2" }, { $0.scripts = [] },
            { $0.scripts = [ScriptDigest(path: "/a", digest: nil)] },
            { $0.scripts = [ScriptDigest(path: "/a", digest: "01")] }, { $0.reason = "" }, { $0.rule = "r" },
            { $0.proposedRule = nil },
        ]
        var seen: Set<[UInt8]> = [Self.approval().bindingBytes]
        for change in changes {
            #expect(seen.insert(Self.approval(.run(ticket), Self.contents(change)).bindingBytes).inserted)
        }
        for subject in [
            ApprovalSubject.run(TicketID(session: SessionID(1), number: 3)),
            .input(ticket, bytes: [], closing: false),
            .input(ticket, bytes: [], closing: true), .input(ticket, bytes: [0], closing: false),
        ] {
            #expect(seen.insert(Self.approval(subject).bindingBytes).inserted)
        }
        #expect(Self.approval().bindingBytes == Self.approval().bindingBytes)
    }

    @Test("names what differs between what was shown and what would run, and nothing else")
    func difference() {
        let shown = Self.contents()
        #expect(Self.contents().difference(from: shown) == nil)
        let judged = Self.contents {
            $0.policyVersion = "v2"
            $0.rule = "other"
        }
        #expect(judged.difference(from: shown) == nil, "verdicts are compared as verdicts")
        #expect(Self.contents { $0.user = "root" }.difference(from: shown) == "the user")
        #expect(
            Self.contents { $0.workingDirectory = "/" }.difference(from: shown) == "the working directory"
        )
        #expect(
            Self.contents { $0.scripts = [ScriptDigest(path: "/a", digest: "ff")] }.difference(from: shown)
                == "a script file"
        )
    }
}

@Suite("Words of a command that may be scripts")
struct ScriptWordsTests {
    @Test(
        "are found in the place of a command, after interpreters, by their names, or anywhere with a slash",
        arguments: [
            ("./deploy.sh --now", ["./deploy.sh!"]), ("bash deploy", ["deploy!"]),
            ("bash -x deploy arg", ["deploy!", "arg!"]), ("cd /srv && ./run", ["/srv", "./run!"]),
            ("python3.11 tool.py", ["tool.py!"]), (". ./env", ["./env!"]), ("ls -l", []),
            ("sudo -u www /opt/x", ["/opt/x"]), ("A=/bin/x env /opt/y", ["/opt/y!"]),
            ("tail /var/log/syslog", ["/var/log/syslog"]), ("'./my script' x", ["./my script!"]),
            ("x --file=/opt/z", ["/opt/z"]), ("a;b/c|d/e", ["b/c!", "d/e!"]), ("$HOME/x", []),
            ("./a\\ b", ["./a b!"]),
            ("if ./a; then ./b; fi", ["./a!", "./b!"]), ("x $(./inner.sh)", ["./inner.sh!"]),
            ("bash <./feed", ["./feed!"]), ("./a ./a", ["./a!"]), ("", []),
        ]
    )
    func words(_ command: String, _ expected: [String]) {
        let found = ScriptWords.candidates(in: command).map { $0.path + ($0.isCertain ? "!" : "") }
        #expect(found == expected)
    }

    @Test("are bounded")
    func bounded() {
        let command = (0..<1_000).map { "./s\($0)" }.joined(separator: ";")
        #expect(ScriptWords.candidates(in: command).count == ScriptWords.maximumWords)
    }
}
