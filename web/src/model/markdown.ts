import DOMPurify from "dompurify";
import { Marked } from "marked";
import remend from "remend";

/**
 * Model and document text as HTML that can do nothing: raw HTML is shown as text, images are never loaded (their address would
 * carry data out), links keep to http, https and mailto. DOMPurify is the second wall behind the renderer.
 */
const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ text, href }) => escapeHtml(text ? `[image: ${text}]` : `[image: ${href}]`),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    heading({ tokens, depth }) {
      const level = Math.min(6, depth + 2);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return SAFE_LINK.test(href)
        ? `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow">${text}</a>`
        : text;
    },
    code: ({ text, lang }) => codeBlock(text, lang?.split(/\s/, 1)[0] ?? ""),
  },
});

const SAFE_LINK = /^(https?:|mailto:)/i;

const PURIFY = {
  ALLOWED_URI_REGEXP: SAFE_LINK,
  ADD_ATTR: ["target"],
  FORBID_TAGS: [
    "img",
    "picture",
    "video",
    "audio",
    "source",
    "svg",
    "math",
    "style",
    "form",
    "input",
    "iframe",
  ],
  FORBID_ATTR: ["style", "id", "name"],
};

export function renderMarkdown(source: string): string {
  const html = marked.parse(source, { async: false });
  return DOMPurify.sanitize(
    html.replaceAll("<table>", TABLE_OPEN).replaceAll("</table>", "</table></div>"),
    PURIFY,
  );
}

const TABLE_OPEN = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>';

/** The last block while it grows: unclosed marks are closed, so that half a link does not flicker. */
export function renderOpenBlock(source: string): string {
  return renderMarkdown(remend(source, { katex: false, linkMode: "text-only" }));
}

function codeBlock(text: string, language: string): string {
  const label = escapeHtml(language || "text");
  return `<div class="code"><div class="code-head"><span>${label}</span><button type="button" data-copy>Copy</button></div><pre tabindex="0" role="region" aria-label="Code, ${label}"><code>${escapeHtml(text)}</code></pre></div>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
