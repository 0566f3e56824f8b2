import { keepToken } from "./token.ts";

/** Takes a token and begins anew with it: nothing that was on the page is then another caller's. */
export function TokenForm() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const token = new FormData(event.currentTarget).get("token");
        if (typeof token !== "string" || !token.trim()) return;
        keepToken(token.trim());
        location.reload();
      }}
    >
      <input type="password" name="token" aria-label="Token" autocomplete="off" required />
      <button type="submit">Use it</button>
    </form>
  );
}
