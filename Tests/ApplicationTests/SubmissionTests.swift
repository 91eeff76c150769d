import Core
import Domain
import Testing

@testable import Application

@Suite("What can be submitted")
struct SubmissionTests {
    private func failure(_ change: (inout Submission) -> Void) throws -> Failure? {
        var submission = Submission(target: .named(try SessionName("s")), command: "true", origin: .api)
        change(&submission)
        do {
            try submission.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "commands",
        arguments: [
            ("true", nil), (" x ", nil), ("", "command_missing"), (" \t\r\n\u{B}", "command_missing"),
            ("a\u{0}b", "command_has_nul"), (String(repeating: "a", count: 120 << 10), nil),
            (String(repeating: "a", count: (120 << 10) + 1), "command_too_long"),
            (String(repeating: "ä", count: 61_441), "command_too_long"), ("echo $(rm -rf /)", nil),
        ] as [(String, String?)]
    )
    func commands(command: String, code: String?) throws {
        #expect(try failure { $0.command = command }?.code == code)
    }

    @Test(
        "working directories",
        arguments: [
            ("/", nil), ("/srv/a b", nil), ("", "invalid_directory"), ("srv", "invalid_directory"),
            ("~", "invalid_directory"), ("/a\u{0}", "invalid_directory"),
            ("/" + String(repeating: "a", count: 4_095), "invalid_directory"),
            ("/" + String(repeating: "a", count: 4_094), nil),
        ] as [(String, String?)]
    )
    func directories(directory: String, code: String?) throws {
        #expect(try failure { $0.options.workingDirectory = directory }?.code == code)
    }

    @Test(
        "names and values of variables",
        arguments: [
            ("A", "x", nil), ("_a9", "", nil), ("A", "ä\n", nil), ("", "x", "invalid_environment"),
            ("9A", "x", "invalid_environment"), ("A-B", "x", "invalid_environment"),
            ("A=B", "x", "invalid_environment"),
            ("Ä", "x", "invalid_environment"), ("A", "a\u{0}", "invalid_environment"),
            ("DECKHAND_X", "x", "invalid_environment"),
            ("A", String(repeating: "x", count: 65_536), "environment_too_large"),
        ] as [(String, String, String?)]
    )
    func environment(name: String, value: String, code: String?) throws {
        #expect(try failure { $0.options.environment = [name: value] }?.code == code)
    }

    @Test("not more than 256 variables")
    func variableCount() throws {
        let many = Dictionary(uniqueKeysWithValues: (0..<257).map { ("V\($0)", "x") })
        #expect(try failure { $0.options.environment = many }?.code == "environment_too_large")
        #expect(try failure { $0.options.environment = many.filter { $0.key != "V0" } } == nil)
    }

    @Test("input of at most 1 MiB")
    func input() throws {
        #expect(try failure { $0.options.input = .bytes([UInt8](repeating: 0, count: 1 << 20)) } == nil)
        let tooLarge = try failure { $0.options.input = .bytes([UInt8](repeating: 0, count: (1 << 20) + 1)) }
        #expect(tooLarge?.code == "input_too_large")
        #expect(tooLarge?.kind == .tooLarge)
    }

    @Test("limits that make no sense are refused, each with its own code")
    func limits() throws {
        let table: [(String?, (inout LimitOverrides) -> Void)] = [
            ("invalid_timeout", { $0.time = .zero }), ("invalid_timeout", { $0.time = .seconds(-1) }),
            ("invalid_timeout", { $0.time = .seconds(604_801) }), (nil, { $0.time = .seconds(604_800) }),
            (nil, { $0.time = .milliseconds(1) }), ("invalid_grace", { $0.grace = .seconds(-1) }),
            ("invalid_grace", { $0.grace = .seconds(301) }), (nil, { $0.grace = .zero }),
            ("invalid_output_limit", { $0.outputBytes = 4_095 }), (nil, { $0.outputBytes = 4_096 }),
            ("invalid_output_limit", { $0.outputBytes = (1 << 40) + 1 }),
            ("invalid_limit", { $0.cpuSeconds = 0 }),
            ("invalid_limit", { $0.memoryBytes = -1 }), ("invalid_limit", { $0.processes = 0 }),
            ("invalid_limit", { $0.openFiles = 0 }), ("invalid_limit", { $0.fileBytes = 0 }),
            (nil, { $0.fileBytes = 1 }),
        ]
        for (index, (code, change)) in table.enumerated() {
            #expect(try failure { change(&$0.options.limits) }?.code == code, "row \(index)")
        }
    }

    @Test("every refusal says what to do next")
    func hints() throws {
        #expect(try failure { $0.command = "" }?.hint != nil)
        #expect(try failure { $0.options.workingDirectory = "x" }?.hint != nil)
        #expect(try failure { $0.options.environment = ["": ""] }?.hint != nil)
        #expect(try failure { $0.options.limits.time = .zero }?.hint != nil)
    }
}
