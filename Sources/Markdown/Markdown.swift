/// Turns GitHub-flavoured Markdown into HTML that is safe to put into a page.
///
/// Tables, strikethrough and bare links are understood. Raw HTML is dropped, and so are links and images with
/// `javascript:`, `vbscript:`, `file:` and most `data:` addresses (CommonMark 0.29 as in GitHub's specification,
/// https://github.github.com/gfm/). The result is a fragment, not a page. May be called from any thread; the cost
/// grows with the length of the text, so callers bound that.
public func renderHTML(markdown: String) -> String {
    guard let parser = MarkdownParser() else { fatalError("cmark-gfm could not be set up: out of memory") }
    return parser.html(of: markdown)
}
