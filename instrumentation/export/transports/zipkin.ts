// Zipkin's v2 API over HTTP: `POST /api/v2/spans` with a list of spans as JSON; 202 means taken.
import type { HttpClient, OpenHttpClient } from '../../../runtime/contract.ts'
import { decodeHead, decodeSpans } from '../otlp-decoder.ts'
import type { SpanBatch, Transport } from '../transport.ts'
import { toZipkinSpan } from '../zipkin-span.ts'
import { openCollectorClient } from './collector-client.ts'
import { exchange, statusOf } from './exchange.ts'
import { readRetryAfter } from './retry-after.ts'
import { createPartedSend, type Posted } from './send-in-parts.ts'

export interface ZipkinOptions {
  /** `OTEL_EXPORTER_ZIPKIN_ENDPOINT`, path included. */
  readonly url: URL
  readonly userAgent: string
  readonly openHttpClient: OpenHttpClient
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#zipkin-exporter */
export const DEFAULT_ZIPKIN_ENDPOINT = 'http://localhost:9411/api/v2/spans'

const TOO_LARGE = 413
const RETRYABLE_STATUS: readonly number[] = [408, 429, 502, 503, 504]
/** Zipkin says 500 when its storage fails: that may pass, or be what it thinks of these spans. */
const MAX_FAULT_ATTEMPTS = 3
const MAX_REASON_CHARACTERS = 200

/** Nothing is opened before the first batch. */
export function createZipkinTransport(options: ZipkinOptions): Transport {
  const { url, userAgent } = options
  const headers = { 'Content-Type': 'application/json', 'User-Agent': userAgent }
  const path = `${url.pathname}${url.search}`
  let client: HttpClient | undefined
  return {
    send: createPartedSend(async (batch, timeoutMs) => {
      const { body, damaged } = encodeZipkinSpans(batch)
      try {
        client ??= openCollectorClient(url, options.openHttpClient)
        const request = { method: 'POST', path, headers, body: Buffer.from(body) } as const
        const response = await exchange(client, request, timeoutMs)
        const afterMs = readRetryAfter(response.headers, Date.now())
        return readStatus(response.statusCode, damaged, afterMs)
      } catch (error) {
        const statusCode = statusOf(error)
        if (statusCode !== undefined) return readStatus(statusCode, damaged)
        return { status: 'retry', reason: describe(error) }
      }
    }),
  }
}

/** The body of a request, and how many spans of the batch are not in it because their bytes are damaged. */
export function encodeZipkinSpans(batch: SpanBatch): { body: string; damaged: number } {
  const head = decodeHead(batch.head)
  const { spans } = decodeSpans(batch.spans)
  const body = JSON.stringify(spans.map(span => toZipkinSpan(span, head)))
  return { body, damaged: Math.max(0, batch.count - spans.length) }
}

function readStatus(statusCode: number, damaged: number, afterMs?: number): Posted {
  if (statusCode === TOO_LARGE) return 'too large'
  if (statusCode >= 200 && statusCode < 300) {
    if (damaged === 0) return { status: 'accepted' }
    return { status: 'accepted', refused: { count: damaged, reason: 'their bytes are damaged' } }
  }
  const reason = `Zipkin answered ${statusCode}`
  const wait = afterMs === undefined ? {} : { afterMs }
  if (RETRYABLE_STATUS.includes(statusCode)) return { status: 'retry', reason, ...wait }
  if (statusCode >= 500)
    return { status: 'retry', reason, ...wait, maxAttempts: MAX_FAULT_ATTEMPTS }
  return { status: 'rejected', reason }
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON_CHARACTERS)
}
