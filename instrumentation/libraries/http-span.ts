// What the spans of all HTTP clients have in common: names, attributes, and when context may be put into a request.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
import {
  captureHeaders,
  type HeaderLists,
  REQUEST_HEADER,
  RESPONSE_HEADER,
} from '../captured-headers.ts'
import type { Propagation } from '../propagation/propagation.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '../semconv.ts'
import type { Attributes, AttributeValue } from '../trace/attributes.ts'
import type { Span } from '../trace/span.ts'
import type { SpanContext } from '../trace/span-context.ts'
import { SPAN_KIND_CLIENT, type SpanKind } from '../trace/span-kind.ts'
import { type ActiveContext, type ClientCall, recordsUnder, type Tracer } from '../trace/tracer.ts'
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
  /** Of a socket in the file system. */
  readonly socketPath?: string | undefined
  /** False where the port is a guess; known where absent. */
  readonly isPortKnown?: boolean
}

/** A request's headers, as far as they are looked at and added to. */
export interface RequestHeaders {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

/** By protocol, as URLs have it. */
export const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }
const SIGV4 = 'AWS4-'

/** What a request is to those who know its service. */
export interface KnownRequest {
  readonly name: string
  readonly kind: SpanKind
  describe(set: SetAttribute): void
  /** What the headers of the answer tell. */
  describeAnswer(header: ReadHeader, set: SetAttribute): void
}

export type ReadHeader = (name: string) => string | undefined

/** `undefined` sets nothing. */
export type SetAttribute = (name: string, value: AttributeValue | undefined) => void

/** `undefined` for a request that goes to no server of this process. */
export type FindOwnServer = (target: HttpTarget, active: ActiveContext) => OwnRequest | undefined

/** A request to a server of this process. */
export interface OwnRequest {
  /** It is the invocation's own, on its way to who serves it: no span. */
  readonly isPassedOn: boolean
  /** What the request carries now that it is sent, and its span where it has one. */
  expect(traceparent: string | undefined, span?: Span): void
}

/** Told of each request of one client as it begins. */
export type HttpListener = (message: unknown) => void

/** What the HTTP clients share. */
export interface HttpTools {
  readonly tracer: Tracer
  readonly propagation: Propagation
  /** Headers that are to stand on spans; none where absent. */
  readonly capture?: HeaderLists | undefined
  /** Knows the requests of AWS's SDKs, and others signed like theirs. */
  readonly readAwsRequest:
    | ((target: HttpTarget, headers: RequestHeaders) => KnownRequest | undefined)
    | undefined
  /** Set as soon as the function listens. */
  findOwnServer?: FindOwnServer
}

/** A request with its span. */
export interface HttpSpan {
  readonly span: Span
  readonly known: KnownRequest | undefined
  /** The library's call that makes the request: the span is the call's, ends with it, and fails when it fails. */
  readonly call: ClientCall | undefined
  /** Headers of the answer that are to stand on it. */
  readonly responseHeaders: readonly string[]
}

/**
 * Starts the span of a request that is about to be sent and puts its context into the headers. `undefined` outside
 * of an invocation, and for the invocation's own request on its way to a server of this process. Nothing is replaced; a
 * request with a `traceparent` of its own gets nothing, nor does one with an AWS signature that the SDK has not made.
 */
export function startHttpSpan(
  tools: HttpTools,
  target: HttpTarget,
  headers: RequestHeaders,
): HttpSpan | undefined {
  const { tracer, propagation, findOwnServer } = tools
  const active = tracer.active()
  if (active === undefined) return undefined
  if (isAwsRequest(headers)) return startAwsRequest(tools, active, target, headers)
  const own = findOwnServer?.(target, active)
  const started = own?.isPassedOn ? undefined : startRequest(tools, active, target, headers)
  const spanContext = started?.span.context ?? active.spanContext
  injectHeaders(propagation, active, spanContext, headers)
  own?.expect(headers.get('traceparent'), started?.span)
  return started
}

function startRequest(
  { tracer, capture }: HttpTools,
  active: ActiveContext,
  target: HttpTarget,
  headers: RequestHeaders,
  known?: KnownRequest,
): HttpSpan {
  const attributes = recordsUnder(active) ? describeRequest(target, headers, capture) : undefined
  const span = tracer.startSpan({
    name: known?.name ?? target.method,
    kind: known?.kind ?? SPAN_KIND_CLIENT,
    parent: active.spanContext,
    ...(attributes && { attributes }),
  })
  return { span, known, call: undefined, responseHeaders: capture?.response ?? [] }
}

/** A request that a library's call makes is told on the call's span. */
function startAwsRequest(
  tools: HttpTools,
  active: ActiveContext,
  target: HttpTarget,
  headers: RequestHeaders,
): HttpSpan {
  const { propagation, readAwsRequest, capture } = tools
  const { call } = active
  const started =
    call === undefined
      ? startRequest(tools, active, target, headers, readAwsRequest?.(target, headers))
      : { span: call.span, known: undefined, call, responseHeaders: capture?.response ?? [] }
  if (recordsUnder(active)) {
    const { span, known } = started
    if (call !== undefined) span.setAttributes(describeRequest(target, headers, capture))
    known?.describe((name, value) => span.setAttribute(name, value))
    span.setAttribute(ATTR_HTTP_REQUEST_RESEND_COUNT, readResends(headers))
  }
  if (call === undefined) injectHeaders(propagation, active, started.span.context, headers)
  return started
}

function injectHeaders(
  propagation: Propagation,
  { baggage, traceHeader }: ActiveContext,
  spanContext: SpanContext,
  headers: RequestHeaders,
): void {
  if (headers.get('traceparent') !== undefined || !mayAddTo(headers)) return
  propagation.inject(
    { spanContext, baggage, traceHeader },
    (name, value) => headers.set(name, value),
    name => headers.get(name) !== undefined,
  )
}

/** Says where the request goes; called again when more is known of it. */
export function setHttpTarget(span: Span, target: HttpTarget): void {
  if (span.isRecording) span.setAttributes(describeTarget(target))
}

function describeRequest(
  target: HttpTarget,
  headers: RequestHeaders,
  capture: HeaderLists | undefined,
): Attributes {
  return {
    [ATTR_HTTP_REQUEST_METHOD]: target.method,
    ...describeTarget(target),
    ...(capture && captureHeaders(REQUEST_HEADER, capture.request, headers.get)),
  }
}

function describeTarget(target: HttpTarget): Attributes {
  return {
    [ATTR_URL_FULL]: redactUrl(formatUrl(target)),
    [ATTR_SERVER_ADDRESS]: target.host,
    [ATTR_SERVER_PORT]: target.port ?? DEFAULT_PORTS[target.protocol],
  }
}

/** Signed, or about to be. */
const isAwsRequest = (headers: RequestHeaders): boolean => hasSignature(headers) || isOfSdk(headers)

const hasSignature = (headers: RequestHeaders): boolean =>
  headers.get('authorization')?.startsWith(SIGV4) === true

const isOfSdk = (headers: RequestHeaders): boolean =>
  headers.get('amz-sdk-invocation-id') !== undefined

/**
 * AWS SDK v3 signs a request and sends it at once, and signs it anew to send it again: headers that come after the signature
 * are not covered by it, and AWS takes them. What others have signed may be sent with the same headers twice.
 */
const mayAddTo = (headers: RequestHeaders): boolean => isOfSdk(headers) || !hasSignature(headers)

/** `amz-sdk-request: attempt=2; max=3` */
function readResends(headers: RequestHeaders): number | undefined {
  const header = headers.get('amz-sdk-request')
  if (header?.startsWith('attempt=') !== true) return undefined
  const attempt = Number.parseInt(header.slice('attempt='.length), 10)
  return attempt > 1 ? attempt - 1 : undefined
}

/** An answer begins. */
export function setHttpAnswer(
  { span, known, call, responseHeaders }: HttpSpan,
  statusCode: number,
  header: ReadHeader,
): void {
  if (responseHeaders.length > 0)
    span.setAttributes(captureHeaders(RESPONSE_HEADER, responseHeaders, header))
  if (call !== undefined) {
    span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode)
    call.readAnswer?.(header)
    return
  }
  setHttpStatus(span, statusCode)
  known?.describeAnswer(header, (name, value) => {
    if (name !== ATTR_ERROR_TYPE || statusCode >= 400) span.setAttribute(name, value)
  })
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
