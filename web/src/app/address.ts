/** The open conversation stands in the address's fragment, which never reaches a server's log. */
export function addressOf(conversationId: string): string {
  return conversationId ? `#c/${conversationId}` : location.pathname;
}

export function conversationIn(fragment: string): string {
  return /^#c\/([0-9a-f-]{36})$/.exec(fragment)?.[1] ?? "";
}
