internal import Application
internal import Core
internal import Domain

/// What a person sees before they decide, as HTML that needs no script.
struct ApprovalPage: Sendable {
    let basePath: String
    let id: ApprovalID

    private var path: String { HTMLText.escape("\(basePath)/approve/\(id)") }

    /// The form for whoever is not signed in; it does not tell whether there is such an approval.
    func signIn(_ error: Failure?) -> String {
        """
        <form class="signin" method="post" action="\(path)/signin">
        \(HTMLPage.anchor)
        <h1>Sign in to decide</h1>
        <p>Something on this server waits for the decision of a person.</p>
        \(Self.notice(error))<label class="field"><span>Name</span> <input class="input" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
        <label class="field"><span>Passphrase</span> <input class="input" name="passphrase" type="password" autocomplete="current-password" required></label>
        <button class="button primary">Sign in</button>
        <p class="note">You came here by a link from elsewhere and are signed in already? <a href="\(path)">Go on</a></p>
        </form>
        """
    }

    /// An error where nothing else can be shown.
    func failure(_ failure: Failure) -> String { "<h1>This cannot be shown</h1>\n\(Self.notice(failure))" }

    /// The approval, with the form to decide while it waits.
    func show(_ shown: ShownApproval, to person: KnownSignIn, token: String, _ error: Failure? = nil)
        -> String
    {
        let approval = shown.approval
        var html = "<h1>\(title(approval))</h1>\n\(Self.notice(error))"
        html += "<p class=\"note \(Self.mark(approval.state))\">\(state(shown, person))</p>\n"
        html += "<div class=\"card\(approval.state == .awaiting ? " asks" : "")\">\n\(facts(shown))"
        if approval.state == .awaiting { html += form(shown, token) }
        return html
            + "</div>\n<p class=\"lead\">Signed in as \(HTMLText.escape(person.person.name.rawValue)).</p>"
    }

    // MARK: Parts

    private static func notice(_ failure: Failure?) -> String {
        guard let failure else { return "" }
        let hint = failure.hint.map { " \($0)" } ?? ""
        return "<p class=\"note bad\" role=\"alert\">\(HTMLText.escape(failure.message + hint))</p>\n"
    }

    private func title(_ approval: Approval) -> String {
        switch (approval.subject, approval.state) {
        case (.run, .awaiting): "May this command run?"
        case (.input, .awaiting): "May this be typed into a running command?"
        default: "Approval \(id)"
        }
    }

    private static func mark(_ state: ApprovalState) -> String {
        switch state {
        case .awaiting: "busy"
        case .approved: "good"
        default: "bad"
        }
    }

    private func state(_ shown: ShownApproval, _ person: KnownSignIn) -> String {
        let approval = shown.approval
        var text =
            switch approval.state {
            case .awaiting: "Waits for a decision until \(Self.moment(approval.expires))."
            case .approved: "Approved."
            case .denied: "Denied."
            case .expired: "Expired without a decision."
            case .voided(let reason): "Voided: \(reason)."
            case .cancelled: "Called off before anybody decided."
            }
        if let decision = approval.decision, let by = decision.by {
            let who = by == person.person.id.principal ? "you" : by.rawValue
            text += " Decided by \(who) at \(Self.moment(decision.at))."
            if let note = decision.note { text += " Note: \(note)" }
        }
        if approval.state != .awaiting, let ticket = shown.ticket {
            text +=
                " Ticket \(ticket.id.number) of session \(ticket.sessionName) is \(ticket.state.word) now."
        }
        return HTMLText.escape(text)
    }

    private func facts(_ shown: ShownApproval) -> String {
        let approval = shown.approval
        let contents = approval.contents
        var rows: [(String, String)] = []
        if case .input(_, let bytes, let closing) = approval.subject {
            rows.append(("Typed text", Self.exact(bytes, marksLineEnds: true)))
            if closing { rows.append(("Then", "The input is closed.")) }
        }
        rows.append(("Command", Self.exact(Array(contents.command.utf8))))
        switch contents.input {
        case .none: break
        case .open: rows.append(("Input", "Open: it can be typed into while it runs."))
        case .bytes(let bytes): rows.append(("Input", Self.exact(bytes, marksLineEnds: true)))
        }
        rows.append(("Directory", directory(contents)))
        rows.append(("User and host", "<code>\(Self.word(contents.user))@\(Self.word(contents.host))</code>"))
        for (name, value) in contents.environment.sorted(by: { $0.key < $1.key }) {
            let text = "\(name)=\(value)"
            rows.append(("Variable", Self.exact(Array(text.utf8), marksLineEnds: true)))
        }
        for script in contents.scripts {
            let digest = script.digest.map { "SHA-256 \($0)" } ?? "too large to be covered by this decision"
            rows.append(("Runs the file", "<code>\(Self.word(script.path))</code> \(digest)"))
        }
        rows.append(("Asked because", HTMLText.escape(contents.reason)))
        rows.append(("Rule", "<code>\(Self.word(contents.rule))</code>"))
        rows.append(("Asked by", HTMLText.escape(origin(shown))))
        rows.append(("Asked at", Self.moment(approval.created)))
        return "<div class=\"ask\"><dl>\n" + rows.map { "<dt>\($0)</dt><dd>\($1)</dd>\n" }.joined()
            + "</dl></div>\n"
    }

    private func directory(_ contents: ApprovalContents) -> String {
        if contents.carriesOver { return "Where the command before it in the session leaves off." }
        guard let directory = contents.workingDirectory else { return "The home of the user." }
        return "<code>\(Self.word(directory))</code>"
    }

    private func origin(_ shown: ShownApproval) -> String {
        let approval = shown.approval
        var text = "\(approval.requestedBy.rawValue) (\(approval.origin.rawValue))"
        if let reference = approval.reference { text += ", \(reference)" }
        if let ticket = shown.ticket {
            text += ", ticket \(ticket.id.number) of session \(ticket.sessionName)"
        }
        return text
    }

    private func form(_ shown: ShownApproval, _ token: String) -> String {
        var (always, rule) = ("", "")
        if let proposed = shown.approval.contents.proposedRule {
            always =
                "<button class=\"button\" name=\"decision\" value=\"always\">Approve, and propose always</button>"
            rule =
                "<p class=\"lead\">“Propose always” leaves this rule for review:</p>\(Self.exact(Array(proposed.utf8)))\n"
        }
        // A text area, because the key Enter in a field would press the first button.
        return """
            <form class="ask" method="post" action="\(path)">
            <input type="hidden" name="csrf_token" value="\(HTMLText.escape(token))">
            <input type="hidden" name="digest" value="\(HTMLText.escape(shown.digest))">
            <label class="field"><span>Note (optional)</span><textarea class="input" name="note" rows="2" maxlength="1000"></textarea></label>
            <div class="ask-buttons"><button class="button primary" name="decision" value="approve">Approve</button>
            <button class="button danger" name="decision" value="deny">Deny</button>
            \(always)</div>
            \(rule)</form>

            """
    }

    /// Such as `2026-03-01 09:30 UTC`.
    private static func moment(_ time: Timestamp) -> String {
        "\(time.rfc3339.prefix(16).replacing("T", with: " ")) UTC"
    }

    private static func exact(_ bytes: [UInt8], marksLineEnds: Bool = false) -> String {
        "<pre>\(VisibleText.html(bytes, marksLineEnds: marksLineEnds))</pre>"
    }

    private static func word(_ text: String) -> String { VisibleText.html(text.utf8, marksLineEnds: true) }
}
