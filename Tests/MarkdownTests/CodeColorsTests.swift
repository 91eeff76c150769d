import Markdown
import Testing

@Suite struct CodeColorsTests {
    /// Writes spans as `kind[…]`.
    private static func marked(_ code: String, _ language: String) -> String {
        var text = renderHTML(code: code, language: language)
        for kind in [
            "comment", "string", "attr", "variable", "number", "keyword", "literal", "built_in", "section",
        ] {
            text = text.replacing("<span class=\"hljs-\(kind)\">", with: "\(kind)[")
        }
        return text.replacing("</span>", with: "]").replacing("&quot;", with: "\"").replacing(
            "&lt;",
            with: "<"
        )
        .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    @Test(
        "the parts of code have their classes",
        arguments: [
            (
                "bash", "for x in $HOME; do # all",
                "keyword[for] x keyword[in] variable[$HOME]; keyword[do] comment[# all]"
            ),
            (
                "sh", "echo 'a\\' ${#x} a#b \"$y\"",
                "built_in[echo] string['a\\'] variable[${#x}] a#b string[\"$y\"]"
            ),
            (
                "json", "{\"a\": [1.5, true, \"b\"]}",
                "{attr[\"a\"]: [number[1.5], literal[true], string[\"b\"]]}"
            ),
            (
                "yaml", "a-b: yes\n- c: 1 # d\n",
                "attr[a-b]: literal[yes]\n- attr[c]: number[1] comment[# d]\n"
            ),
            ("ini", "[main]\nkey = 1 ; no\n", "section[[main]]\nattr[key] = number[1] comment[; no]\n"),
            ("python", "def f(): '''a\nb''' # c", "keyword[def] f(): string['''a\nb'''] comment[# c]"),
            ("sql", "SELECT max(a) -- x", "keyword[SELECT] built_in[max](a) comment[-- x]"),
            (
                "php", "/* a */ return $b; // c",
                "comment[/* a */] keyword[return] variable[$b]; comment[// c]"
            ),
            ("nginx", "listen 80; # <b>", "keyword[listen] number[80]; comment[# <b>]"),
        ]
    )
    func parts(language: String, code: String, expected: String) {
        #expect(Self.marked(code, language) == expected)
    }

    @Test("whatever the code is, its text stays, and nothing in it becomes HTML")
    func faithful() {
        let hostile = "<script>alert(\"1\")</script> 'é🚢 $ ${ /* \\"
        for language in ["bash", "ini", "json", "nginx", "php", "python", "sql", "yaml", "unknown", ""] {
            for code in [
                hostile, "\"", "'''", "\\", "$", "[", "#", "é", String(repeating: "\"\\", count: 5_000),
            ] {
                let html = renderHTML(code: code, language: language)
                #expect(!html.contains("<script"))
                var text = ""
                var isTag = false
                for character in html {
                    if character == "<" {
                        isTag = true
                    } else if character == ">" {
                        isTag = false
                    } else if !isTag {
                        text.append(character)
                    }
                }
                for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
                    text = text.replacing(name, with: sign)
                }
                #expect(text == code, "\(language)")
            }
        }
        let long = String(repeating: "if ", count: 10_000)
        #expect(renderHTML(code: long, language: "bash") == long)
    }

    @Test("a picture is a link, and no link lies in another")
    func pictures() {
        #expect(
            renderHTML(markdown: "![a *b*](https://e.com/x.png)")
                == "<p><a href=\"https://e.com/x.png\">a <em>b</em></a></p>\n"
        )
        #expect(renderHTML(markdown: "![](x.png)") == "<p><a href=\"x.png\">picture</a></p>\n")
        #expect(renderHTML(markdown: "[![a](x)](y)") == "<p><a href=\"y\">a</a></p>\n")
        #expect(renderHTML(markdown: "![![a](x)](y)") == "<p><a href=\"y\">a</a></p>\n")
        let many = String(repeating: "![", count: 5_000) + String(repeating: "](x)", count: 5_000)
        #expect(!renderHTML(markdown: many).contains("<img"))
    }
}
