import type { Citation } from "@forerun/contracts/forerun/common/v1/common_pb";

/** Where the answer's statements come from: title, place and the very words. */
export function Sources({ citations }: { citations: readonly Citation[] }) {
  if (citations.length === 0) return null;
  return (
    <section class="sources" aria-label="Sources">
      <h3>{citations.length === 1 ? "Source" : "Sources"}</h3>
      <ol>
        {citations.map((citation) => (
          <li key={`${citation.documentId}:${citation.start}`}>
            <details>
              <summary>
                <span class="source-title">{citation.title || citation.uri}</span>
                <span class="source-place">{placeOf(citation)}</span>
              </summary>
              <blockquote>{citation.quote}</blockquote>
              <p class="source-uri">{citation.uri}</p>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

function placeOf({ page, start, end }: Citation): string {
  return page > 0 ? `page ${page}` : `characters ${start}–${end}`;
}
