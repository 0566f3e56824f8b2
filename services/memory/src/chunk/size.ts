/**
 * Sizes are counted in quarters of a token: a character of an alphabetic script is one (about four to a token), one of
 * Chinese, Japanese or Korean four. An estimate, the same for every model; nothing is billed by it.
 */
export const TARGET_SIZE = 1100;
export const MAX_SIZE = 1400;
/** Code is kept whole up to here, as half a listing explains nothing. */
export const MAX_CODE_SIZE = 2800;

const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;

export function sizeOf(text: string, start: number, end: number): number {
  let size = 0;
  for (let at = start; at < end; at++) size += sizeAt(text, at);
  return size;
}

/** The offset up to which text from `start` on stays within a size; at most `end`. */
export function offsetWithin(text: string, start: number, end: number, size: number): number {
  let left = size;
  let at = start;
  while (at < end) {
    left -= sizeAt(text, at);
    if (left < 0) break;
    at++;
  }
  return at;
}

function sizeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0x1100 && WIDE.test(text.charAt(at)) ? 4 : 1;
}
