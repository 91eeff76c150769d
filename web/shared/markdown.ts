import DOMPurify from "dompurify";
import { marked } from "marked";
import { highlight } from "./highlight";

/**
 * Markdown of models and people as HTML that can do nothing: no script, style, form, frame or picture from elsewhere.
 *
 * The page around may have no content policy at all, so this is the only guard there.
 */
const allowedTags = [
  "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li",
  "table", "thead", "tbody", "tr", "th", "td", "a", "span", "input", "sup", "sub", "kbd",
];
const allowedAttributes = ["href", "title", "align", "class", "start", "type", "checked", "disabled"];

const purify = DOMPurify;
let isReady = false;

function prepare(): void {
  if (isReady) return;
  isReady = true;
  purify.addHook("afterSanitizeAttributes", (node: Element) => {
    if (node.tagName === "A") {
      const target = node.getAttribute("href") ?? "";
      if (!/^(https?:|mailto:)/i.test(target)) node.removeAttribute("href");
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", "noopener noreferrer nofollow");
    }
    // Task lists have check boxes that cannot be changed; nothing else is a control.
    if (node.tagName === "INPUT" && (node.getAttribute("type") !== "checkbox" || !node.hasAttribute("disabled"))) node.remove();
    const name = node.getAttribute("class");
    if (name !== null && !/^(hljs-[a-z_-]+ ?)+$/.test(name)) node.removeAttribute("class");
  });
}

const renderer = new marked.Renderer();
renderer.code = (text: string, language: string | undefined) => {
  const name = (language ?? "").split(/\s/)[0] ?? "";
  return `<pre><code>${highlight(text, name)}</code></pre>\n`;
};
// Pictures are never fetched: what they stand for is shown as a link.
renderer.image = (target: string | null, _title: string | null, text: string) =>
  `<a href="${escape(target ?? "")}">${text === "" ? "picture" : escape(text)}</a>`;
renderer.html = (text: string) => escape(text);

export function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** The blocks of a text: all but the last stay as they are while the text grows, and are rendered once. */
export function blocks(text: string): string[] {
  const tokens = marked.lexer(text, { gfm: true });
  // Each is rendered by itself, and has to know where the text's links by reference lead.
  const targets = Object.entries(tokens.links)
    .map(([name, { href }]) => `[${name}]: <${(href ?? "").replace(/[<>\s]/g, encodeURIComponent)}>`).join("\n");
  const refers = (token: { type: string; raw: string }) => targets !== "" && token.type !== "code" && token.raw.includes("[");
  return tokens.filter((token) => token.type !== "space").map((token) => (refers(token) ? `${token.raw}\n\n${targets}` : token.raw));
}

/** Safe HTML of Markdown; a `TrustedHTML` where the browser knows these. */
export function render(text: string): TrustedHTML | string {
  prepare();
  const html = marked.parse(text, { gfm: true, breaks: false, renderer, headerIds: false, mangle: false });
  const config = {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: allowedAttributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    KEEP_CONTENT: true,
  };
  return "trustedTypes" in window
    ? (purify.sanitize(html, { ...config, RETURN_TRUSTED_TYPE: true }) as TrustedHTML)
    : purify.sanitize(html, config);
}
