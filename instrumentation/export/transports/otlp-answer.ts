// What an answer of a collector means for the batch. https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
import type { HttpResponse } from '../../../runtime/contract.ts'
import type { SendResult, SpanBatch } from '../transport.ts'
import { readMessage, readPartialSuccess, toLogText } from './answer-body.ts'
import { readRetryAfter } from './retry-after.ts'

/** The protocol's own list; every other refusal is final. */
const RETRYABLE_STATUS: readonly number[] = [429, 502, 503, 504]
/** Of a server that failed in a way of its own: the protocol forbids more than the hope that it passes. DECISIONS.md. */
const INTERNAL_ERROR = 500
const MAX_FAULT_ATTEMPTS = 5

/** `sent` are the headers of the request: what a collector repeats of them is not logged. */
export function readAnswer(
  response: HttpResponse,
  batch: SpanBatch,
  sent: Readonly<Record<string, string>>,
): SendResult {
  const { statusCode, headers } = response
  if (isSuccess(statusCode)) {
    const partial = readPartialSuccess(response)
    if (partial === undefined) return { status: 'accepted' }
    const words = toLogText(partial.message, sent) || 'the collector does not say why'
    const refused = { count: Math.min(partial.rejectedSpans, batch.count), reason: words }
    return { status: 'accepted', refused }
  }
  const words = toLogText(readMessage(response), sent)
  const result = readStatus(statusCode, words)
  if (result.status !== 'retry') return result
  const afterMs = readRetryAfter(headers, Date.now())
  return afterMs === undefined ? result : { ...result, afterMs }
}

/** Where nothing but the status came. */
export function readStatus(statusCode: number, words = ''): SendResult {
  if (isSuccess(statusCode)) return { status: 'accepted' }
  const note =
    words !== '' ? `: ${words}` : isRedirect(statusCode) ? ', and redirects are not followed' : ''
  const reason = `the collector answered ${statusCode}${note}`
  if (RETRYABLE_STATUS.includes(statusCode)) return { status: 'retry', reason }
  return statusCode === INTERNAL_ERROR
    ? { status: 'retry', reason, maxAttempts: MAX_FAULT_ATTEMPTS }
    : { status: 'rejected', reason }
}

function isSuccess(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300
}

/** Followed, it would hand spans and keys to whoever it names. */
function isRedirect(statusCode: number): boolean {
  return statusCode >= 300 && statusCode < 400
}
