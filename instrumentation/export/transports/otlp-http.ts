// OTLP over HTTP with protobuf bodies. https://opentelemetry.io/docs/specs/otlp/#otlphttp
import type { HttpClient, OpenHttpClient } from '../../../runtime/contract.ts'
import { encodeRequest } from '../otlp-encoder.ts'
import type { SendResult, Transport } from '../transport.ts'

export interface OtlpHttpOptions {
  /** Where traces go, path included. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
  readonly openHttpClient: OpenHttpClient
}

/** The protocol's own list; every other refusal is final. */
const RETRYABLE_STATUS: readonly number[] = [429, 502, 503, 504]
/** A collector answers with a few bytes; what is longer is not read. */
const MAX_RESPONSE_BYTES = 64 * 1024
const MAX_REASON_CHARACTERS = 200
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Nothing is opened or loaded before the first batch. */
export function createOtlpHttpTransport(options: OtlpHttpOptions): Transport {
  const { url, openHttpClient } = options
  const headers = mergeHeaders(
    { 'Content-Type': 'application/x-protobuf', 'User-Agent': options.userAgent },
    basicAuthorization(url),
    options.headers,
  )
  let client: HttpClient | undefined
  return {
    async send({ head, spans }, timeoutMs) {
      const untilMs = Date.now() + timeoutMs
      for (;;) {
        try {
          client ??= openClient(url, openHttpClient)
          const response = await client.request({
            method: 'POST',
            path: `${url.pathname}${url.search}`,
            headers,
            body: encodeRequest(head, spans),
            timeoutMs: Math.max(1, untilMs - Date.now()),
          })
          return classify(response.statusCode)
        } catch (error) {
          if (!isStale(error) || Date.now() >= untilMs) return classifyFailure(error)
        }
      }
    },
  }
}

/**
 * A kept connection was dead, as they are after a freeze: at once again, on a new one. The worst that can come of it
 * is a span that arrives twice, under the same id.
 */
function isStale(error: unknown): boolean {
  return (error as { maybeStale?: unknown } | null)?.maybeStale === true
}

function openClient(url: URL, open: OpenHttpClient): HttpClient {
  // `[::1]` is how a URL writes the host `::1`.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port)
  const target = { host, port, maxBodyBytes: MAX_RESPONSE_BYTES }
  if (url.protocol === 'http:') return open(target)
  // 17-21 ms, so only where it is needed, and after the first response.
  const { connect } = process.getBuiltinModule('node:tls')
  return open({
    ...target,
    // An address is no server name (RFC 6066, section 3).
    connect: () =>
      connect({
        host,
        port,
        ALPNProtocols: ['http/1.1'],
        ...(isName(host) && { servername: host }),
      }),
  })
}

function isName(host: string): boolean {
  return !host.includes(':') && !/^[0-9.]+$/.test(host)
}

function classify(statusCode: number): SendResult {
  if (statusCode >= 200 && statusCode < 300) return { status: 'accepted' }
  const reason = `the collector answered ${statusCode}`
  return RETRYABLE_STATUS.includes(statusCode)
    ? { status: 'retry', reason }
    : { status: 'rejected', reason }
}

/** No whole answer. A status that came all the same counts: what was taken must not be sent twice. */
function classifyFailure(error: unknown): SendResult {
  const statusCode: unknown = (error as { statusCode?: unknown }).statusCode
  if (typeof statusCode === 'number') return classify(statusCode)
  // A header that cannot be sent will not be any better next time.
  return { status: error instanceof TypeError ? 'rejected' : 'retry', reason: describe(error) }
}

/** Later ones win, in whatever case their names are written. */
function mergeHeaders(
  ...sources: readonly Readonly<Record<string, string>>[]
): Record<string, string> {
  const merged = new Map<string, [name: string, value: string]>()
  for (const source of sources) {
    for (const [name, value] of Object.entries(source))
      merged.set(name.toLowerCase(), [name, value])
  }
  return Object.fromEntries(merged.values())
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
