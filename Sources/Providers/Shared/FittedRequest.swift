internal import Domain

extension ProviderCall {
    /// A request as it is sent: with the nearest effort that its model knows, and with the bound of its answer.
    ///
    /// The only place that says how long an answer may be: encoders write this bound, and calls are reserved by it. It is
    /// the caller's, else the model's as configured, else the meter's for calls that somebody pays for.
    func fitted(_ request: ModelRequest) -> ModelRequest {
        var request = request
        let model = ModelReference(provider: settings.id, model: request.model)
        request.reasoning = settings.effort(request.reasoning, of: request.model)
        request.maximumOutputTokens =
            request.maximumOutputTokens ?? settings.model(request.model)?.maximumOutputTokens
            ?? services.meter.outputLimit(of: model, for: request.context)
        return request
    }
}
