internal import CMarkGFM

/// One parser of cmark-gfm with its extensions attached; used for one text.
@safe struct MarkdownParser: ~Copyable {
    /// Registration writes to tables of the library, so it happens once, before the first parser.
    private static let registration: Void = cmark_gfm_core_extensions_ensure_registered()

    private let parser: OpaquePointer

    init?() {
        Self.registration
        guard let parser = unsafe cmark_parser_new(CMARK_OPT_DEFAULT) else { return nil }
        for name in ["table", "strikethrough", "autolink"] {
            guard let found = unsafe cmark_find_syntax_extension(name),
                unsafe cmark_parser_attach_syntax_extension(parser, found) == 1
            else {
                unsafe cmark_parser_free(parser)
                return nil
            }
        }
        unsafe self.parser = unsafe parser
    }

    deinit { unsafe cmark_parser_free(parser) }

    /// The HTML of a text; without `CMARK_OPT_UNSAFE`, so raw HTML and dangerous links do not get through.
    consuming func html(of markdown: String) -> String {
        var text = markdown
        text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe cmark_parser_feed(parser, characters.baseAddress, characters.count)
            }
        }
        guard let document = unsafe cmark_parser_finish(parser) else { return "" }
        defer { unsafe cmark_node_free(document) }
        let extensions = unsafe cmark_parser_get_syntax_extensions(parser)
        guard let html = unsafe cmark_render_html(document, CMARK_OPT_DEFAULT, extensions) else { return "" }
        defer { unsafe cmark_get_default_mem_allocator().pointee.free(html) }
        return unsafe String(cString: html)
    }
}
