// What the spans of all HTTP clients have in common: names, attributes, and when context may be put into a request.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
import type { Inject } from '../propagation/inject.ts'
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
import { SPAN_KIND_CLIENT, type SpanKind } from '../trace/span-kind.ts'
import type { Tracer } from '../trace/tracer.ts'
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

/** What a request is to those who know its service. */
export interface KnownRequest {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  /** What the headers of the answer tell. */
  readAnswer(header: (name: string) => string | undefined): Attributes
}

/** What the HTTP clients share. */
export interface HttpTools {
  readonly tracer: Tracer
  readonly inject: Inject
  /** Knows the requests of AWS's SDKs, and others signed like theirs. */
  readonly readAwsRequest:
    | ((target: HttpTarget, headers: RequestHeaders) => KnownRequest | undefined)
    | undefined
}

/** A request with its span. */
export interface HttpSpan {
  readonly span: Span
  readonly known: KnownRequest | undefined
  /** The span is that of the library's call that makes the request: it ends with the call, and the call says whether it failed. */
  readonly isOfCall: boolean
}

/**
 * Starts the span of a request that is about to be sent and puts its context into the headers. `undefined` outside
 * of an invocation. Headers that hold a context already, or a signature that could cover them, stay as they are.
 */
export function startHttpSpan(
  { tracer, inject, readAwsRequest }: HttpTools,
  target: HttpTarget,
  headers: RequestHeaders,
): HttpSpan | undefined {
  const active = tracer.active()
  if (active === undefined) return undefined
  const isAws = isAwsRequest(headers)
  const known = isAws ? readAwsRequest?.(target, headers) : undefined
  const call = known && active.call
  const span =
    call ??
    tracer.startSpan({
      name: known?.name ?? target.method,
      kind: known?.kind ?? SPAN_KIND_CLIENT,
      parent: active.spanContext,
    })
  span.setAttribute(ATTR_HTTP_REQUEST_METHOD, target.method)
  setHttpTarget(span, target)
  if (known !== undefined) span.fillAttributes(known.attributes)
  if (!isAws && headers.get('traceparent') === undefined) {
    inject({ spanContext: span.context, baggage: active.baggage }, (name, value) => {
      if (headers.get(name) === undefined) headers.set(name, value)
    })
  }
  return { span, known, isOfCall: call !== undefined }
}

/** Says where the request goes; called again when more is known of it. */
export function setHttpTarget(span: Span, target: HttpTarget): void {
  span.setAttribute(ATTR_URL_FULL, redactUrl(formatUrl(target)))
  span.setAttribute(ATTR_SERVER_ADDRESS, target.host)
  span.setAttribute(ATTR_SERVER_PORT, target.port ?? DEFAULT_PORTS[target.protocol])
}

/** Signed, or about to be: context that belongs into such a request was put there before. */
function isAwsRequest(headers: RequestHeaders): boolean {
  if (headers.get('authorization')?.startsWith(SIGV4) === true) return true
  return headers.get('amz-sdk-invocation-id') !== undefined
}

/** An answer begins. */
export function setHttpAnswer(
  { span, known, isOfCall }: HttpSpan,
  statusCode: number,
  header: (name: string) => string | undefined,
): void {
  if (isOfCall) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode)
  else setHttpStatus(span, statusCode)
  if (known !== undefined) {
    const { [ATTR_ERROR_TYPE]: error, ...attributes } = known.readAnswer(header)
    span.setAttributes(attributes)
    if (!isOfCall && statusCode >= 400) span.setAttribute(ATTR_ERROR_TYPE, error)
  }
}

/** The status line has come: 4xx and 5xx are errors for a client. */
function setHttpStatus(span: Span, statusCode: number): void {
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
