// What an exporter asks of the way to a collector.
import type { RequestHead } from './otlp-encoder.ts'

/** How a collector answered: it has the batch; it may take it later; it will never take it. */
export type SendResult =
  | {
      readonly status: 'accepted'
      /** Spans of the batch that it refused for good, and why (OTLP's partial success). */
      readonly refused?: { readonly count: number; readonly reason: string }
    }
  | {
      readonly status: 'retry'
      readonly reason: string
      /** Milliseconds the collector asked to wait (`Retry-After`). */
      readonly afterMs?: number
      /** After so many attempts it is as good as rejected: no protocol promises that trying again helps. */
      readonly maxAttempts?: number
    }
  | { readonly status: 'rejected'; readonly reason: string }

/** Finished spans of one resource. */
export interface SpanBatch {
  readonly head: RequestHead
  /** `scope_spans.spans` entries one after another, as `encodeSpan` wrote them. */
  readonly spans: Uint8Array
  readonly count: number
}

export interface Transport {
  /** Sends one batch within the time given; never rejects. */
  send(batch: SpanBatch, timeoutMs: number): Promise<SendResult>
}
