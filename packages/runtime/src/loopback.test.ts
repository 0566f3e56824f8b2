import { describe, expect, it } from "vitest";
import { requireLoopbackWithoutAuth } from "./loopback.ts";

describe("a server that does not check who calls", () => {
  it.each(["0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com", "localhost.example.com", ""])(
    "does not listen on %j",
    (host) => {
      expect(() => requireLoopbackWithoutAuth(host, "off")).toThrow(
        expect.objectContaining({ code: "FR-E1002" }),
      );
      expect(() => requireLoopbackWithoutAuth(host, "jwt")).not.toThrow();
    },
  );

  it.each(["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])("listens on %s", (host) => {
    expect(() => requireLoopbackWithoutAuth(host, "off")).not.toThrow();
  });
});
