import Markdown
import Testing

@Suite struct MarkdownTests {
    @Test(
        "ordinary texts become the expected HTML",
        arguments: [
            ("", ""),
            ("# Title", "<h1>Title</h1>\n"),
            ("plain *emphasis* `a<b`", "<p>plain <em>emphasis</em> <code>a&lt;b</code></p>\n"),
            (
                "```sh\nls && echo \"1\"\n```",
                """
                <pre><code class="language-sh"><span class="hljs-built_in">ls</span> &amp;&amp; \
                <span class="hljs-built_in">echo</span> <span class="hljs-string">&quot;1&quot;</span>
                </code></pre>

                """
            ),
            (
                "```klingon\nqa\"pla\n```",
                "<pre><code class=\"language-klingon\">qa&quot;pla\n</code></pre>\n"
            ),
            ("~~gone~~", "<p><del>gone</del></p>\n"),
            (
                "see https://example.com/a?b=1",
                "<p>see <a href=\"https://example.com/a?b=1\">https://example.com/a?b=1</a></p>\n"
            ),
            (
                "[x](https://example.com \"t\")",
                "<p><a href=\"https://example.com\" title=\"t\">x</a></p>\n"
            ),
            ("grüße 🚢", "<p>grüße 🚢</p>\n"),
        ]
    )
    func rendering(markdown: String, expected: String) {
        #expect(renderHTML(markdown: markdown) == expected)
    }

    @Test("tables keep their alignment")
    func tables() {
        let html = renderHTML(markdown: "| a | b |\n|---|--:|\n| 1 | `x` |\n")
        #expect(html.contains("<table>"))
        #expect(html.contains("<th align=\"right\">b</th>"))
        #expect(html.contains("<td align=\"right\"><code>x</code></td>"))
    }

    static let hostileTexts = [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "<iframe src=\"https://example.com\"></iframe>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#x73;cript:alert(1))",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "| a |\n|---|\n| <script>alert(1)</script> |",
        "<svg/onload=alert(1)>",
        "<!-- --><script>alert(1)</script>",
        "<div\nonclick=alert(1)>x</div>",
    ]

    @Test("nothing that runs gets through", arguments: hostileTexts)
    func hostileInput(markdown: String) {
        let html = renderHTML(markdown: markdown).lowercased()
        let forbidden = [
            "<script", "<img src=x", "<iframe", "<svg", "<div", "=\"javascript:", "=\"vbscript:", "=\"data:",
            "=\"file:",
        ]
        for text in forbidden { #expect(!html.contains(text), "\(html)") }
    }

    @Test("attribute values cannot be left with a quote")
    func quotes() {
        let html = renderHTML(
            markdown: "[x](https://e.com/\"onmouseover=alert(1))\n\n[y](<https://e.com/\"z> '\"')"
        )
        #expect(!html.contains("\"onmouseover"))
        #expect(html.contains("title=\"&quot;\""))
    }

    @Test("NUL becomes the replacement character")
    func nul() {
        #expect(renderHTML(markdown: "a\0b") == "<p>a\u{FFFD}b</p>\n")
    }

    @Test("deep nesting and many brackets end in reasonable time", .timeLimit(.minutes(1)))
    func deepNesting() {
        let depth = 20_000
        #expect(renderHTML(markdown: String(repeating: "[", count: depth)).contains("[[["))
        #expect(renderHTML(markdown: String(repeating: "> ", count: 2_000) + "x").contains("<blockquote>"))
        #expect(renderHTML(markdown: String(repeating: "*a_ ", count: depth)).contains("*a_"))
    }
}
