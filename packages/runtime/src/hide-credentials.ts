/**
 * A text with what an address in it may hold of secrets left out: user and password before the host, and the values of its
 * query. A value in braces is a place to fill in and stays.
 */
export function hideCredentials(text: string): string {
  if (!text.includes("://")) return text;
  return text.replace(/:\/\/[^/?#\s@]*@/g, "://…@").replace(/([?&][^=&#\s]{1,64})=(?!\{)[^&#\s]+/g, "$1=…");
}
