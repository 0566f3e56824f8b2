import { decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";

/** Characters that a text value may hold; others make grpc-js throw, and from a callback that would end the process. */
const LEGAL_VALUE = /^[ -~]*$/;

/**
 * Headers as gRPC metadata. `-bin` headers hold base64, which becomes bytes.
 * @throws Error for a value outside printable ASCII: convert before the call starts.
 */
export function toMetadata(headers: Headers | undefined): Metadata {
  const metadata = new Metadata();
  headers?.forEach((value, key) => {
    if (key.endsWith("-bin")) {
      for (const part of value.split(", ")) metadata.add(key, Buffer.from(decodeBinaryHeader(part)));
    } else if (LEGAL_VALUE.test(value)) {
      metadata.add(key, value);
    } else {
      throw new TypeError(`the header ${key} holds characters outside printable ASCII`);
    }
  });
  return metadata;
}

/** gRPC metadata as headers; bytes of `-bin` entries become base64. */
export function toHeaders(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const key of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(key)) {
      headers.append(key, typeof value === "string" ? value : encodeBinaryHeader(value));
    }
  }
  return headers;
}
