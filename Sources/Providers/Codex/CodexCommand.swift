internal import Processes

/// The command line and environment of the app-server: everything is said there, and nothing in a file.
///
/// The program has no shell, no web, no plugins and no agents; unknown names end it at its start (`--strict-config`).
enum CodexCommand {
    /// The oldest version whose flags these are.
    static let oldestVersion = [0, 163, 0]

    private static let values: [(String, String)] = [
        ("approval_policy", #""never""#), ("sandbox_mode", #""read-only""#),
        ("web_search", #""disabled""#), ("check_for_update_on_startup", "false"),
        ("cli_auth_credentials_store", #""file""#), ("forced_login_method", #""chatgpt""#),
        ("project_doc_max_bytes", "0"), ("history.persistence", #""none""#),
        ("analytics.enabled", "false"), ("agents.enabled", "false"),
        ("include_environment_context", "false"), ("include_permissions_instructions", "false"),
        ("include_collaboration_mode_instructions", "false"), ("include_apps_instructions", "false"),
        ("skills.include_instructions", "false"), ("skills.bundled.enabled", "false"),
        ("tools.experimental_request_user_input.enabled", "false"),
    ]

    private static let featuresOff = [
        "shell_tool", "unified_exec", "shell_snapshot", "view_image", "image_generation", "apps", "plugins",
        "remote_plugin", "goals", "multi_agent", "memories", "skill_search", "tool_suggest", "hooks",
        "browser_use", "computer_use", "in_app_browser", "daemon_auto_start", "unbounded_connection_retries",
    ]

    /// The program for a profile.
    static func program(_ settings: CodexSettings, home: String, workspace: String) -> PipedProgram {
        var values = values + featuresOff.map { ("features.\($0)", "false") }
        var environment = ["HOME=\(home)", "CODEX_HOME=\(home)", "PATH=/usr/bin:/bin"]
        if let endpoints = settings.endpoints {
            values += [
                ("openai_base_url", "\"\(endpoints.models)\""),
                ("chatgpt_base_url", "\"\(endpoints.accounts)\""),
                ("features.enable_request_compression", "false"),
            ]
            environment += [
                "CODEX_APP_SERVER_LOGIN_ISSUER=\(endpoints.login)",
                "CODEX_REFRESH_TOKEN_URL_OVERRIDE=\(endpoints.login)/oauth/token",
                "CODEX_REVOKE_TOKEN_URL_OVERRIDE=\(endpoints.login)/oauth/revoke",
            ]
        }
        let arguments =
            ["--strict-config"] + values.flatMap { ["-c", "\($0.0)=\($0.1)"] }
            + ["app-server", "--listen", "stdio://"]
        return PipedProgram(
            path: settings.program,
            arguments: arguments,
            environment: environment,
            directory: workspace
        )
    }

    /// The version in what the program says of itself, such as `deckhand/0.163.0 (…)`; nil when there is none.
    static func version(in userAgent: String) -> [Int]? {
        guard let slash = userAgent.firstIndex(of: "/") else { return nil }
        let text = userAgent[userAgent.index(after: slash)...].prefix { $0 != " " && $0 != "-" }
        let numbers = text.split(separator: ".").compactMap { Int($0) }
        return numbers.count == 3 ? numbers : nil
    }
}
