// OTLP over HTTP: protobuf or JSON, plain or compressed, signed or with keys. https://opentelemetry.io/docs/specs/otlp/#otlphttp
import type { HttpClient, OpenHttpClient } from '../../../runtime/contract.ts'
import type { SendResult, SpanBatch, Transport } from '../transport.ts'
import { type Authorizer, type Headers, isDistrust, mergeHeaders } from './authorizer.ts'
import { openCollectorClient, type TlsFiles } from './collector-client.ts'
import { exchange, statusOf } from './exchange.ts'
import { readAnswer, readStatus } from './otlp-answer.ts'
import { encodeBody, formatHeaders, type OtlpFormat } from './otlp-body.ts'
import { createPartedSend, type Posted } from './send-in-parts.ts'

export interface OtlpHttpOptions {
  /** Where traces go, path included. */
  readonly url: URL
  readonly headers: Headers
  readonly userAgent: string
  /** Absent means protobuf, not compressed. */
  readonly format?: OtlpFormat
  readonly tls?: TlsFiles
  /** Asked in this order. */
  readonly authorizers?: readonly Authorizer[]
  readonly openHttpClient: OpenHttpClient
}

const PLAIN_PROTOBUF: OtlpFormat = { protocol: 'http/protobuf', compression: 'none' }
const MAX_REASON_CHARACTERS = 200
const TOO_LARGE = 413
/** A key that was changed is known to one side earlier than to the other: such a refusal may pass, or stay. */
const MAX_DISTRUST_ATTEMPTS = 5

interface Answer {
  readonly posted: Posted
  /** Authorized again, the same request may be taken. */
  readonly mayRepeat: boolean
}

/** Nothing is opened or loaded before the first batch. */
export function createOtlpHttpTransport(options: OtlpHttpOptions): Transport {
  const { url, authorizers = [], format = PLAIN_PROTOBUF } = options
  const ownHeaders = mergeHeaders(
    { ...formatHeaders(format), 'User-Agent': options.userAgent },
    basicAuthorization(url),
    options.headers,
  )
  const path = `${url.pathname}${url.search}`
  let client: HttpClient | undefined

  async function request(batch: SpanBatch, body: Uint8Array, untilMs: number): Promise<Answer> {
    let headers: Headers = ownHeaders
    for (const authorizer of authorizers) {
      const unauthorized = { method: 'POST', url, headers, body } as const
      headers = await authorizer.authorize(unauthorized, leftMs(untilMs))
    }
    client ??= openCollectorClient(url, options.openHttpClient, options.tls)
    const message = { method: 'POST', path, headers, body } as const
    const response = await exchange(client, message, leftMs(untilMs))
    const { statusCode } = response
    if (statusCode === TOO_LARGE) return { posted: 'too large', mayRepeat: false }
    const posted = readAnswer(response, batch, headers)
    if (!isDistrust(statusCode) || authorizers.length === 0) return { posted, mayRepeat: false }
    const learned = authorizers.filter(each => each.learn(response))
    return { posted: softenDistrust(posted, statusCode), mayRepeat: learned.length > 0 }
  }

  return {
    send: createPartedSend(async (batch, timeoutMs) => {
      const untilMs = Date.now() + timeoutMs
      let body: Uint8Array
      try {
        const encoded = encodeBody(batch, format)
        body = encoded instanceof Uint8Array ? encoded : await encoded
      } catch (error) {
        // What cannot be written now will not be any better next time.
        return { status: 'rejected', reason: describe(error) }
      }
      try {
        const { posted, mayRepeat } = await request(batch, body, untilMs)
        return mayRepeat ? (await request(batch, body, untilMs)).posted : posted
      } catch (error) {
        return readFailure(error)
      }
    }),
  }
}

function leftMs(untilMs: number): number {
  return Math.max(1, untilMs - Date.now())
}

/** With keys that are fetched, "not allowed" is not the last word. */
function softenDistrust(posted: SendResult, statusCode: number): SendResult {
  if (posted.status !== 'rejected' || statusCode === 400) return posted
  return { status: 'retry', reason: posted.reason, maxAttempts: MAX_DISTRUST_ATTEMPTS }
}

/** No whole answer. A status that came all the same counts: what was taken must not be sent twice. */
function readFailure(error: unknown): Posted {
  const statusCode = statusOf(error)
  if (statusCode === TOO_LARGE) return 'too large'
  if (statusCode !== undefined) return readStatus(statusCode)
  // A header that cannot be sent will not be any better next time.
  return { status: error instanceof TypeError ? 'rejected' : 'retry', reason: describe(error) }
}

/** Credentials in the address. */
function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const credentials = `${decode(url.username)}:${decode(url.password)}`
  return { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** A percent sign that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON_CHARACTERS)
}
