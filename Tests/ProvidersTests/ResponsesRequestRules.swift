import Core
import Testing

/// What the vendor demands of a request's body; it refuses unknown fields and calls without a result.
enum ResponsesRequestRules {
    private static let fields: Set<String> = [
        "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text",
        "include", "stream", "stream_options", "store", "max_output_tokens", "temperature", "top_p",
        "prompt_cache_key",
    ]

    static func check(_ body: [UInt8]) throws {
        let json = try JSONValue(parsing: body)
        let members = try #require(json.object)
        #expect(Set(members.keys).isSubset(of: fields), "unknown: \(Set(members.keys).subtracting(fields))")
        #expect(json["model"]?.string == "gpt-5.6-sol")
        #expect(json["stream"]?.bool == true)
        #expect(json["store"]?.bool == false)
        #expect(json["include"] == .array([.string("reasoning.encrypted_content")]))
        #expect(json["stream_options"] == .object(["include_obfuscation": .bool(false)]))
        for tool in json["tools"]?.array ?? [] { try check(tool: tool) }
        try check(input: #require(json["input"]?.array))
    }

    private static func check(tool: JSONValue) throws {
        switch tool["type"]?.string {
        case "shell":
            #expect(
                tool
                    == .object([
                        "type": .string("shell"), "environment": .object(["type": .string("local")]),
                    ])
            )
        case "function":
            #expect(
                Set(try #require(tool.object).keys) == [
                    "type", "name", "description", "parameters", "strict",
                ]
            )
        default: Issue.record("an unknown tool: \(tool)")
        }
    }

    private static func check(input: [JSONValue]) throws {
        var open: Set<String> = []
        var closed: Set<String> = []
        for (index, item) in input.enumerated() {
            switch item["type"]?.string {
            case nil, "message":
                #expect(open.isEmpty || item["role"]?.string == "assistant", "a message before the results")
                #expect(item["role"]?.string != nil && item["content"] != nil)
                for part in item["content"]?.array ?? [] where item["role"]?.string == "user" {
                    #expect(["input_text", "input_image"].contains(part["type"]?.string))
                }
            case "reasoning":
                #expect(item["encrypted_content"]?.string != nil && item["summary"]?.array != nil)
                let next = index + 1 < input.count ? input[index + 1] : .null
                let isProduct =
                    ["message", "function_call", "shell_call", "reasoning"].contains(next["type"]?.string)
                #expect(isProduct, "reasoning without what it produced")
            case "function_call", "shell_call":
                let id = try #require(item["call_id"]?.string)
                #expect(open.insert(id).inserted && !closed.contains(id))
                if item["type"]?.string == "function_call" {
                    #expect(item["name"]?.string != nil && item["arguments"]?.string != nil)
                } else {
                    #expect(item["action"]?["commands"]?.array?.isEmpty == false)
                }
            case "function_call_output", "shell_call_output":
                let id = try #require(item["call_id"]?.string)
                #expect(open.remove(id) != nil, "a result without its call")
                closed.insert(id)
                if item["type"]?.string == "shell_call_output" {
                    for result in try #require(item["output"]?.array) {
                        #expect(result["stdout"]?.string != nil && result["stderr"]?.string != nil)
                        #expect(["exit", "timeout"].contains(result["outcome"]?["type"]?.string))
                    }
                }
            default: Issue.record("an unknown item: \(item)")
            }
        }
        #expect(open.isEmpty, "calls without a result: \(open)")
    }
}
