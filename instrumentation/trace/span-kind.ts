// Span kinds as OTLP numbers them (`Span.SpanKind` in trace.proto; 0 is "unspecified" and never sent).

export const SPAN_KIND_INTERNAL = 1
export const SPAN_KIND_SERVER = 2
export const SPAN_KIND_CLIENT = 3
export const SPAN_KIND_PRODUCER = 4
export const SPAN_KIND_CONSUMER = 5

export type SpanKind =
  | typeof SPAN_KIND_INTERNAL
  | typeof SPAN_KIND_SERVER
  | typeof SPAN_KIND_CLIENT
  | typeof SPAN_KIND_PRODUCER
  | typeof SPAN_KIND_CONSUMER
