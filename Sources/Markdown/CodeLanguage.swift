/// What ``CodeColors`` needs to know of a language; those of web/shared/highlight.ts.
struct CodeLanguage: Sendable {
    var keywords: Set<String> = []
    var builtIns: Set<String> = []
    var literals: Set<String> = []
    var quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    var lineComments: [String] = ["#"]
    /// `#` begins a comment wherever it stands outside of a text.
    var commentsAnywhere = false
    var hasBlockComments = false
    var hasTripleQuotes = false
    var quotesSpanLines = false
    /// In `'…'` a backslash is a character like others.
    var singleQuotesAreRaw = false
    var hasVariables = false
    /// Words may have `-` in them.
    var hasDashes = false
    var ignoresCase = false
    /// A text before a colon is a key.
    var keysAreQuoted = false
    /// What stands between a key at the beginning of a line and its value.
    var keySign: UInt8?

    func escapes(in quote: UInt8) -> Bool { !(singleQuotesAreRaw && quote == UInt8(ascii: "'")) }

    /// The language with a name or one of its other names, in small letters.
    static func named(_ name: String) -> CodeLanguage? { all[others[name] ?? name] }

    private static let others = [
        "sh": "bash", "shell": "bash", "console": "bash", "zsh": "bash", "toml": "ini", "conf": "ini",
        "py": "python",
        "yml": "yaml", "mysql": "sql",
    ]

    private static let all: [String: CodeLanguage] = [
        "bash": bash, "ini": ini, "json": json, "nginx": nginx, "php": php, "python": python, "sql": sql,
        "yaml": yaml,
    ]

    private static let bash = CodeLanguage(
        keywords: words(
            "if then else elif fi for while until do done case esac in function select time return exit"
        ),
        builtIns: words(
            """
            alias awk cat cd chmod chown cp curl cut declare df du echo eval exec export false find grep head journalctl \
            kill local ls mkdir mv printf ps pwd read rm sed set shift sort source ssh sudo systemctl tail tar test trap \
            true uniq unset wc xargs
            """
        ),
        quotesSpanLines: true,
        singleQuotesAreRaw: true,
        hasVariables: true,
        hasDashes: true
    )
    private static let ini = CodeLanguage(
        literals: words("true false on off yes no"),
        lineComments: ["#", ";"],
        hasDashes: true,
        keySign: UInt8(ascii: "=")
    )
    private static let json = CodeLanguage(
        literals: words("true false null"),
        quotes: [UInt8(ascii: "\"")],
        lineComments: ["//"],
        hasBlockComments: true,
        keysAreQuoted: true
    )
    private static let nginx = CodeLanguage(
        keywords: words(
            """
            access_log add_header alias error_log error_page events gzip http if include index listen location proxy_pass \
            proxy_set_header return rewrite root server server_name set ssl_certificate ssl_certificate_key try_files \
            upstream user worker_processes
            """
        ),
        literals: words("on off"),
        hasVariables: true
    )
    private static let php = CodeLanguage(
        keywords: words(
            """
            abstract as break case catch class const continue default do echo else elseif extends final finally fn for \
            foreach function global if implements include instanceof interface match namespace new private protected public \
            readonly require return static switch throw trait try use while yield
            """
        ),
        literals: words("true false null"),
        lineComments: ["//", "#"],
        commentsAnywhere: true,
        hasBlockComments: true,
        quotesSpanLines: true,
        hasVariables: true,
        ignoresCase: true
    )
    private static let python = CodeLanguage(
        keywords: words(
            """
            and as assert async await break class continue def del elif else except finally for from global if import in is \
            lambda nonlocal not or pass raise return try while with yield
            """
        ),
        builtIns: words("dict enumerate int len list open print range set sorted str sum tuple zip"),
        literals: words("True False None"),
        commentsAnywhere: true,
        hasTripleQuotes: true
    )
    private static let sql = CodeLanguage(
        keywords: words(
            """
            add alter and as asc between by case create cross default delete desc distinct drop else end exists explain from \
            group having if in index inner insert into is join key left like limit not offset on or order outer primary \
            references right select set show table then union unique update use using values view when where with
            """
        ),
        builtIns: words("avg coalesce count max min now sum"),
        literals: words("true false null"),
        lineComments: ["--"],
        hasBlockComments: true,
        quotesSpanLines: true,
        ignoresCase: true
    )
    private static let yaml = CodeLanguage(
        literals: words("true false null yes no on off"),
        hasDashes: true,
        keySign: UInt8(ascii: ":")
    )

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(separator: " ").map(String.init))
    }
}
