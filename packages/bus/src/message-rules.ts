import { BusError, type BusHeaders } from "./bus.ts";

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Headers as they arrive. @throws BusError for names that are no token and values of several lines. */
export function checkHeaders(headers: BusHeaders = {}): BusHeaders {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || /[\r\n]/.test(value))
      throw new BusError("bad_header", `the header ${JSON.stringify(name.slice(0, 80))} cannot be sent`);
    checked[name] = value.trim();
  }
  return checked;
}

export function checkPayload(data: Uint8Array, maxBytes: number): void {
  if (data.byteLength > maxBytes) throw tooLargeError(data.byteLength, maxBytes);
}

export function tooLargeError(bytes: number, maxBytes: number): BusError {
  return new BusError(
    "payload_too_large",
    `${bytes} bytes and their headers are more than the ${maxBytes} of a message`,
  );
}

export function closedError(): BusError {
  return new BusError("closed", "the bus is closed");
}
