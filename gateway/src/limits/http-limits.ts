import { duration } from "./duration.ts";
import type { LimitValues } from "./limit-values.ts";

/** What one HTTP/2 stream and one connection may have in flight towards us before the peer must wait. */
const STREAM_WINDOW_BYTES = 65_536;
const CONNECTION_WINDOW_BYTES = 1_048_576;
/** Answers queued on a connection whose client does not read. */
const MAX_OUTBOUND_FRAMES = 2_000;
/** SETTINGS, PING and RST_STREAM frames that wait to be answered. */
const MAX_OUTBOUND_CONTROL_FRAMES = 200;
const MAX_EMPTY_FRAMES_IN_A_ROW = 1;
const MAX_PRIORITY_FRAMES_A_STREAM = 10;
/** One WINDOW_UPDATE or so for each DATA frame sent is honest. */
const MAX_WINDOW_UPDATES_A_DATA_FRAME = 10;
/** After the last byte was sent to a client that does not close. */
const DELAYED_CLOSE_SECONDS = 1;

/**
 * Fields of an HttpConnectionManager that bound a client's headers, frames and time. A stream has no limit on its length: it
 * ends when nothing has passed for longer than its heartbeat, or when its client no longer takes what is sent.
 */
export function httpLimits(values: LimitValues): object {
  return {
    max_request_headers_kb: values.header_kib,
    request_headers_timeout: duration(values.header_seconds),
    request_timeout: duration(values.request_seconds),
    stream_idle_timeout: duration(values.stream_idle_seconds),
    stream_flush_timeout: duration(values.flush_seconds),
    delayed_close_timeout: duration(DELAYED_CLOSE_SECONDS),
    common_http_protocol_options: {
      idle_timeout: duration(values.connection_idle_seconds),
      max_headers_count: values.headers,
      headers_with_underscores_action: "REJECT_REQUEST",
    },
    http_protocol_options: { allow_chunked_length: false },
    http2_protocol_options: {
      max_concurrent_streams: values.streams_per_connection,
      initial_stream_window_size: STREAM_WINDOW_BYTES,
      initial_connection_window_size: CONNECTION_WINDOW_BYTES,
      max_outbound_frames: MAX_OUTBOUND_FRAMES,
      max_outbound_control_frames: MAX_OUTBOUND_CONTROL_FRAMES,
      max_consecutive_inbound_frames_with_empty_payload: MAX_EMPTY_FRAMES_IN_A_ROW,
      max_inbound_priority_frames_per_stream: MAX_PRIORITY_FRAMES_A_STREAM,
      max_inbound_window_update_frames_per_data_frame_sent: MAX_WINDOW_UPDATES_A_DATA_FRAME,
      override_stream_error_on_invalid_http_message: true,
      connection_keepalive: { interval: "30s", timeout: "10s" },
    },
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: "REJECT_REQUEST",
  };
}
