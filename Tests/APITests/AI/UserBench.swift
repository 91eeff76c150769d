import Core
import Domain
import HTTPServer
import Synchronization
import TestSupport
import Testing

@testable import API

/// Host applications and their users, asking the edge of a harness.
struct UserBench: Sendable {
    private static let serial = Atomic<Int>(0)

    let harness: AssistantHarness

    init(_ harness: AssistantHarness) { self.harness = harness }

    /// A token that the application signed.
    static func token(_ claims: [String: JSONValue], issuer: String = AssistantHarness.issuer) -> String {
        let number = serial.add(1, ordering: .relaxed).newValue
        var members = claims
        members["iss"] = members["iss"] ?? .string(issuer)
        members["jti"] = members["jti"] ?? .string("t-\(number)")
        return FakeHostTokens.token(.object(members))
    }

    /// The claims of a user; a brand superadmin unless another role is given.
    static func claims(
        _ subject: String,
        client: String = "acme",
        brands: [String] = ["north"],
        locations: [String]? = nil,
        role: String = "brand_superadmin"
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "sub": .string(subject), "client": .string(client), "role": .string(role),
            "brands": .array(brands.map(JSONValue.string)),
        ]
        if let locations { members["locations"] = .array(locations.map(JSONValue.string)) }
        return members
    }

    /// A token for one call of the application's own backend.
    static func serviceToken(issuer: String = AssistantHarness.issuer) -> String {
        token(["sub": .string("backend"), "use": .string("service")], issuer: issuer)
    }

    func exchange(_ token: String) async throws -> Answer {
        let body = JSONValue.object(["token": .string(token)]).bytes
        return try await harness.send(.post, "/v1/ai/session", body: body)
    }

    /// A user with a session.
    func user(
        _ subject: String,
        client: String = "acme",
        brands: [String] = ["north"],
        locations: [String]? = nil,
        role: String = "brand_superadmin",
        issuer: String = AssistantHarness.issuer
    ) async throws -> AssistantCaller {
        let claims = Self.claims(subject, client: client, brands: brands, locations: locations, role: role)
        let answer = try await exchange(Self.token(claims, issuer: issuer))
        return AssistantCaller(
            harness: harness,
            bearer: try #require(answer["token"]?.string, "\(answer.text)")
        )
    }

    /// A call of the application's own backend.
    func backend(
        _ method: HTTPMethod,
        _ path: String,
        json: String? = nil,
        issuer: String = AssistantHarness.issuer
    ) async throws -> Answer {
        let caller = AssistantCaller(harness: harness, bearer: Self.serviceToken(issuer: issuer))
        return try await caller.api(method, path, json: json)
    }
}

extension AssistantCaller {
    /// Makes a chat of a user; its id.
    func userChat(_ json: String? = nil) async throws -> Int64 {
        let answer = try await api(.post, "/v1/ai/chats", json: json)
        return try #require(answer["id"]?.integer, "\(answer.text)")
    }
}
