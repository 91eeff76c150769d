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
        unsafe Self.dress(document)
        let extensions = unsafe cmark_parser_get_syntax_extensions(parser)
        guard let html = unsafe cmark_render_html(document, CMARK_OPT_DEFAULT, extensions) else { return "" }
        defer { unsafe cmark_get_default_mem_allocator().pointee.free(html) }
        return unsafe String(cString: html)
    }

    /// Gives colours to code, and puts links in the place of pictures.
    private static func dress(_ document: OpaquePointer) {
        guard let iterator = unsafe cmark_iter_new(document) else { return }
        var blocks: [OpaquePointer] = unsafe []
        var pictures: [(node: OpaquePointer, isLinked: Bool)] = unsafe []
        // Links must not lie in links; pictures become some.
        var depth = 0
        while true {
            let event = unsafe cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { break }
            guard let node = unsafe cmark_iter_get_node(iterator) else { continue }
            let type = unsafe cmark_node_get_type(node)
            if type == CMARK_NODE_CODE_BLOCK {
                unsafe blocks.append(node)
            } else if type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE {
                if event == CMARK_EVENT_ENTER {
                    if type == CMARK_NODE_IMAGE { unsafe pictures.append((node, depth > 0)) }
                    depth += 1
                } else {
                    depth -= 1
                }
            }
        }
        unsafe cmark_iter_free(iterator)
        unsafe blocks.forEach { unsafe color($0) }
        unsafe pictures.forEach { unsafe link($0.node, isLinked: $0.isLinked) }
    }

    /// Replaces a block of code in a language that is known by its HTML.
    private static func color(_ block: OpaquePointer) {
        guard let info = unsafe cmark_node_get_fence_info(block),
            let literal = unsafe cmark_node_get_literal(block)
        else { return }
        let name = unsafe String(cString: info).prefix { $0 != " " && $0 != "\t" }.lowercased()
        guard let html = unsafe CodeColors.html(String(cString: literal), in: name),
            let colored = unsafe cmark_node_new(CMARK_NODE_CUSTOM_BLOCK)
        else { return }
        let whole = "<pre><code class=\"language-\(name)\">\(html)</code></pre>"
        guard unsafe cmark_node_set_on_enter(colored, whole) == 1,
            unsafe cmark_node_replace(block, colored) == 1
        else { return unsafe cmark_node_free(colored) }
        unsafe cmark_node_free(block)
    }

    /// Replaces a picture by a link with its words.
    private static func link(_ picture: OpaquePointer, isLinked: Bool) {
        let type = isLinked ? CMARK_NODE_CUSTOM_INLINE : CMARK_NODE_LINK
        guard let link = unsafe cmark_node_new(type) else { return }
        if !isLinked, let url = unsafe cmark_node_get_url(picture) {
            _ = unsafe cmark_node_set_url(link, url)
        }
        guard unsafe cmark_node_replace(picture, link) == 1 else { return unsafe cmark_node_free(link) }
        if unsafe cmark_node_first_child(picture) == nil, let text = unsafe cmark_node_new(CMARK_NODE_TEXT) {
            _ = unsafe cmark_node_set_literal(text, "picture")
            _ = unsafe cmark_node_append_child(link, text)
        }
        while let child = unsafe cmark_node_first_child(picture) {
            guard unsafe cmark_node_append_child(link, child) == 1 else { break }
        }
        unsafe cmark_node_free(picture)
    }
}
