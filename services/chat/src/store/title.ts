const LENGTH = 60;

/** A conversation's first title: the first words of its first message. */
export function titleOf(text: string): string {
  const words = text.trim().replaceAll(/\s+/gu, " ");
  const characters = Array.from(words);
  if (characters.length <= LENGTH) return words;
  const cut = characters.slice(0, LENGTH - 1).join("");
  const lastBlank = cut.lastIndexOf(" ");
  return `${lastBlank > LENGTH / 2 ? cut.slice(0, lastBlank) : cut}…`;
}
