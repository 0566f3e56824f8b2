import { useMemo, useRef } from "preact/hooks";
import { NO_BLOCKS, splitBlocks } from "../model/blocks.ts";
import { renderMarkdown, renderOpenBlock } from "../model/markdown.ts";

/** The answer as Markdown. While it grows only its last block is drawn again. */
export function Answer({ text, open }: { text: string; open: boolean }) {
  const before = useRef(NO_BLOCKS);
  const blocks = splitBlocks(text, before.current);
  before.current = blocks;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click comes from a button inside, which has its own keys.
    // biome-ignore lint/a11y/noStaticElementInteractions: as above.
    <div class={`answer${open ? " growing" : ""}`} onClick={copyCode}>
      {blocks.closed.map((source, at) => (
        <Block key={at} source={source} open={false} />
      ))}
      <Block key="open" source={blocks.open} open={open} />
    </div>
  );
}

/** The same element while source and state are the same, which Preact then leaves alone. */
function Block({ source, open }: { source: string; open: boolean }) {
  return useMemo(() => {
    const html = open ? renderOpenBlock(source) : renderMarkdown(source);
    return <div dangerouslySetInnerHTML={{ __html: html }} />;
  }, [source, open]);
}

function copyCode({ target }: MouseEvent): void {
  if (!(target instanceof HTMLElement) || target.dataset.copy === undefined) return;
  const code = target.closest(".code")?.querySelector("code")?.textContent ?? "";
  void navigator.clipboard.writeText(code).then(() => {
    target.textContent = "Copied";
  });
}
