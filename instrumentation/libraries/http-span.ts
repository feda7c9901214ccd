// What the spans of all HTTP clients have in common: names, attributes, and when context may be put into a request.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
import type { Propagation } from '../propagation/propagation.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '../semconv.ts'
import type { Attributes } from '../trace/attributes.ts'
import type { Span } from '../trace/span.ts'
import { SPAN_KIND_CLIENT } from '../trace/span-kind.ts'
import { recordsUnder, type Tracer } from '../trace/tracer.ts'
import { redactUrl } from './redact-url.ts'

export interface HttpTarget {
  readonly method: string
  /** `http:` or `https:`. */
  readonly protocol: string
  readonly host: string
  /** Absent for the protocol's own port. */
  readonly port: number | undefined
  /** Path and query. */
  readonly path: string
}

/** A request's headers, as far as they are looked at and added to. */
export interface RequestHeaders {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }
const SIGV4 = 'AWS4-'

/**
 * Starts the span of a request that is about to be sent and puts its context into the headers. `undefined` outside
 * of an invocation. Headers that hold a `traceparent` already, or a signature that could cover them, stay as they are;
 * of others nothing is replaced.
 */
export function startHttpSpan(
  tracer: Tracer,
  target: HttpTarget,
  headers: RequestHeaders,
  propagation: Propagation,
): Span | undefined {
  const active = tracer.active()
  if (active === undefined) return undefined
  const span = tracer.startSpan({
    name: target.method,
    kind: SPAN_KIND_CLIENT,
    parent: active.spanContext,
    ...(recordsUnder(active) && { attributes: describeRequest(target) }),
  })
  if (mayInject(headers)) {
    const { baggage, traceHeader } = active
    propagation.inject(
      { spanContext: span.context, baggage, traceHeader },
      (name, value) => headers.set(name, value),
      name => headers.get(name) !== undefined,
    )
  }
  return span
}

/** Says where the request goes; called again when more is known of it. */
export function setHttpTarget(span: Span, target: HttpTarget): void {
  if (span.isRecording) span.setAttributes(describeTarget(target))
}

function describeRequest(target: HttpTarget): Attributes {
  return { [ATTR_HTTP_REQUEST_METHOD]: target.method, ...describeTarget(target) }
}

function describeTarget(target: HttpTarget): Attributes {
  return {
    [ATTR_URL_FULL]: redactUrl(formatUrl(target)),
    [ATTR_SERVER_ADDRESS]: target.host,
    [ATTR_SERVER_PORT]: target.port ?? DEFAULT_PORTS[target.protocol],
  }
}

function mayInject(headers: RequestHeaders): boolean {
  if (headers.get('traceparent') !== undefined) return false
  return headers.get('authorization')?.startsWith(SIGV4) !== true
}

/** The status line has come: 4xx and 5xx are errors for a client. */
export function setHttpStatus(span: Span, statusCode: number): void {
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode)
  if (statusCode >= 400) {
    span.setAttribute(ATTR_ERROR_TYPE, String(statusCode))
    span.setError('')
  }
}

/** There will be no (whole) answer. */
export function setHttpError(span: Span, error: unknown): void {
  span.setAttribute(ATTR_ERROR_TYPE, errorTypeOf(error))
  span.setError(error instanceof Error ? error.message : '')
}

/** Node's code where there is one; a DOMException's is a number, and its name says more. */
function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : error.name
}

function formatUrl({ protocol, host, port, path }: HttpTarget): string {
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const isDefault = port === undefined || port === DEFAULT_PORTS[protocol]
  return `${protocol}//${authority}${isDefault ? '' : `:${port}`}${path}`
}
