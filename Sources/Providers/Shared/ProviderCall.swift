internal import Core
internal import Domain
internal import HTTPClient

/// One request to a vendor, without what all requests of the provider share.
struct VendorRequest: Sendable {
    /// What is put behind the base URL; begins with a slash.
    var path: String
    /// The vendor's fields, credentials included; those of the configuration are added.
    var headers: [(name: String, value: String)]
    /// Sent by `POST`; nil for `GET`.
    var body: [UInt8]?
    /// In place of ``ProviderLimits/retries``.
    var retries: Int?
    /// For the whole exchange; nil for the provider's other limits only.
    var totalTimeout: Duration?

    init(_ path: String, headers: [(name: String, value: String)], body: [UInt8]? = nil) {
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// Sends requests to one provider, with its limits, retries, metering and errors.
struct ProviderCall: Sendable {
    let settings: ProviderSettings
    let services: ProviderServices
    let failures: ProviderFailures

    init(_ settings: ProviderSettings, _ services: ProviderServices) {
        self.settings = settings
        self.services = services
        failures = ProviderFailures(settings)
    }

    /// Calls a model and hands over what the decoder makes of its answer, one piece of the connection at a time.
    ///
    /// Each attempt is metered. Returns after `finished`; an answer that ends without it throws `provider_interrupted`.
    func stream(
        _ request: VendorRequest,
        model: String,
        context: CallContext,
        size: CallSize,
        decoder: some ModelStreamDecoder,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        var decoder = decoder
        let attempts = attempts(model, context, size)
        do {
            let response = try await accepted(request, attempts)
            let type = response.headers["Content-Type"]?.lowercased() ?? ""
            if type.contains("json") {
                let body = try await body(of: response)
                let events = try decoder.decode(whole: body.bytes)
                attempts.delivered(events)
                if !events.isEmpty { try await receive(events) }
            } else if type.contains("html") {
                throw failures.malformed("a page for browsers")
            } else {
                try await readEvents(response, &decoder) { events in
                    // Counted first: whoever receives them may end the call.
                    attempts.delivered(events)
                    try await receive(events)
                }
            }
            guard decoder.isFinished else { throw failures.interrupted }
            await attempts.end(decoder.usage, .succeeded)
        } catch {
            await attempts.end(decoder.usage, outcome(of: error))
            throw failures.translated(error, model: model)
        }
    }

    /// Calls a model and returns its whole answer; each attempt is metered.
    func json(
        _ request: VendorRequest,
        model: String,
        context: CallContext,
        size: CallSize,
        usage: @Sendable (JSONValue) -> TokenUsage?
    ) async throws -> JSONValue {
        let attempts = attempts(model, context, size)
        do {
            let json = try await body(of: accepted(request, attempts)).json
            await attempts.end(usage(json), .succeeded)
            return json
        } catch {
            await attempts.end(nil, outcome(of: error))
            throw failures.translated(error, model: model)
        }
    }

    /// Sends a request that calls no model, such as for the list of models, and returns the whole answer.
    func json(_ request: VendorRequest) async throws -> JSONValue {
        do {
            let attempts = UnmeteredAttempts(clock: services.retries.clock)
            return try await body(of: accepted(request, attempts)).json
        } catch {
            throw failures.translated(error, model: nil)
        }
    }

    // MARK: Sending

    private func attempts(_ model: String, _ context: CallContext, _ size: CallSize) -> CallAttempts {
        CallAttempts(
            services,
            model: ModelReference(provider: settings.id, model: model),
            context: context,
            size: size
        )
    }

    private func accepted(
        _ request: VendorRequest,
        _ attempts: some HTTPClientAttempts
    ) async throws -> HTTPClientResponse {
        var policy = services.retries
        policy.maximumRetries = request.retries ?? settings.limits.retries
        let answer = try await services.client.send(http(request), retrying: policy, observer: attempts)
        switch answer {
        case .accepted(let response): return response
        case .refused(let refusal): throw VendorError(refusal, now: policy.clock.now())
        }
    }

    private func http(_ request: VendorRequest) -> HTTPClientRequest {
        var headers = request.headers
        if request.body != nil, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        for header in settings.headers { headers.append((header.name, header.value.reveal())) }
        var result = HTTPClientRequest(
            request.body == nil ? "GET" : "POST",
            settings.baseURL + request.path,
            headers: headers,
            body: request.body
        )
        result.firstByteTimeout = settings.limits.firstByte
        result.silenceTimeout = settings.limits.silence
        result.totalTimeout = request.totalTimeout
        result.maximumBodyBytes = settings.limits.answerBytes
        result.redirects = .refused
        return result
    }

    private func outcome(of error: any Error) -> CallOutcome {
        error is CancellationError || Task.isCancelled ? .cancelled : .failed
    }

    // MARK: Reading

    /// The whole answer, which is JSON and no error.
    private func body(of response: HTTPClientResponse) async throws -> (bytes: [UInt8], json: JSONValue) {
        var bytes = try await response.body.collect(limit: settings.limits.answerBytes)
        if response.headers["Content-Type"]?.lowercased().contains("event-stream") == true {
            bytes = try lastEvent(of: bytes)
        }
        guard let json = try? LenientJSON.parse(bytes) else {
            throw failures.malformed("it is not JSON")
        }
        if VendorError.isError(json) { throw VendorError(json: json) }
        return (bytes, json)
    }

    /// What a server says last that streams an answer although it was not asked to: that is the whole of it.
    private func lastEvent(of bytes: [UInt8]) throws -> [UInt8] {
        var stream = ServerSentEventDecoder(limit: settings.limits.eventBytes)
        let events = try stream.decode(bytes).filter { $0.data != "[DONE]" }
        guard let last = try stream.finish() ?? events.last else {
            throw failures.malformed("a stream without an event")
        }
        return Array(last.data.utf8)
    }

    private func readEvents(
        _ response: HTTPClientResponse,
        _ decoder: inout some ModelStreamDecoder,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        var stream = ServerSentEventDecoder(limit: settings.limits.eventBytes)
        var pieces = response.body.makeAsyncIterator()
        var lastContent = ContinuousClock.now
        while let piece = try await next(&pieces) {
            if try await handOver(stream.decode(piece), &decoder, receive) { lastContent = .now }
            if decoder.isFinished { return response.body.release() }
            if lastContent.duration(to: .now) > settings.limits.withoutContent {
                throw failures.failure(
                    HTTPClientError(.silent, "it sends signs of life, but nothing else")
                )
            }
        }
        // Servers that forget the last blank line: what is JSON is whole.
        if let last = try stream.finish(), (try? LenientJSON.parse(last.data)) != nil {
            _ = try await handOver([last], &decoder, receive)
        }
        if decoder.isFinished { return }
        // Errors in the middle of a stream, written as bare JSON.
        if let json = try? LenientJSON.parse(stream.unknownLines), VendorError.isError(json) {
            throw VendorError(json: json)
        }
        let rest = try decoder.finish()
        if !rest.isEmpty { try await receive(rest) }
    }

    /// The next piece; a connection that is lost in the middle ends the stream, and the decoder says what that means.
    private func next(_ pieces: inout HTTPClientBody.AsyncIterator) async throws -> [UInt8]? {
        do { return try await pieces.next() } catch let error as HTTPClientError
            where error.code == .connectionLost
        { return nil }
    }

    /// Hands over what events amount to, also what came before one that is an error; says whether it was anything.
    private func handOver(
        _ events: [ServerSentEvent],
        _ decoder: inout some ModelStreamDecoder,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws -> Bool {
        var batch: [ModelEvent] = []
        var failure: (any Error)?
        for event in events where failure == nil && !decoder.isFinished {
            do { batch += try decoder.decode(event) } catch { failure = error }
        }
        if !batch.isEmpty { try await receive(batch) }
        if let failure { throw failure }
        return !batch.isEmpty
    }
}
