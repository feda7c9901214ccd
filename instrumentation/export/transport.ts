// What an exporter asks of the way to a collector.

/** How a collector answered: it has the batch; it may take it later; it will never take it. */
export type SendResult =
  | { readonly status: 'accepted' }
  | { readonly status: 'retry'; readonly reason: string }
  | { readonly status: 'rejected'; readonly reason: string }

export interface Transport {
  /** Sends the spans of one batch within the time given; never rejects. */
  send(spans: Uint8Array, timeoutMs: number): Promise<SendResult>
}
