// A span as a collector understands it: OTLP's fields in plain values, the same whether it came as protobuf or JSON.

export type SpanKind = 'UNSPECIFIED' | 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER'

export type StatusCode = 'UNSET' | 'OK' | 'ERROR'

/** Values are string, boolean, number (bigint above 2^53), Uint8Array, array, object or undefined (an empty value). */
export type Attributes = Readonly<Record<string, unknown>>

export interface CollectedSpan {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState: string
  readonly flags: number
  readonly name: string
  readonly kind: SpanKind
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: Attributes
  readonly events: readonly CollectedEvent[]
  readonly links: readonly CollectedLink[]
  readonly status: { readonly code: StatusCode; readonly message: string }
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
  readonly resource: Attributes
  readonly scope: { readonly name: string; readonly version: string }
}

export interface CollectedEvent {
  readonly name: string
  readonly timeUnixNano: bigint
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

export interface CollectedLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly flags: number
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}
