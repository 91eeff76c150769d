/// Turns GitHub-flavoured Markdown into HTML that is safe to put into a page.
///
/// Tables, strikethrough and bare links are understood. Raw HTML is dropped, and so are links with
/// `javascript:`, `vbscript:`, `file:` and most `data:` addresses (CommonMark 0.29 as in GitHub's specification,
/// https://github.github.com/gfm/). Pictures become links, because nothing is fetched from elsewhere; blocks of code in a
/// known language have spans with the classes of highlight.js. The result is a fragment, not a page. May be called from
/// any thread; the cost grows with the length of the text, so callers bound that.
public func renderHTML(markdown: String) -> String {
    guard let parser = MarkdownParser() else { fatalError("cmark-gfm could not be set up: out of memory") }
    return parser.html(of: markdown)
}

/// The HTML of code in a language, such as `json`, with spans for its parts; escaped only where it is not known.
public func renderHTML(code: String, language: String) -> String {
    CodeColors.html(code, in: language) ?? CodeColors.escaped(code)
}
