// The trace's id for the caller, as a header of the HTTP response (`BATON_RESPONSE_HEADER`).
//
//   traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//   server-timing: traceparent;desc="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
//
// Only a result that names its status is an HTTP response for sure. With payload format 2.0 a result that has nothing of a
// response is the body: it is wrapped as the service in front would, which makes it a 200 of type application/json. A text is
// the body as it is, anything else is as JSON.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

import { formatTraceparent } from './propagation/trace-context.ts'
import type { SpanContext } from './trace/span-context.ts'

export type ResponseHeaderName = 'traceparent' | 'server-timing'

/** What has to be known of the invocation. */
export interface AnsweredRequest {
  /** Name of the event's source in the table of triggers. */
  readonly source: string
  readonly event: unknown
  readonly spanContext: SpanContext
}

type Fields = Readonly<Record<string, unknown>>

const REST = 'api-gateway-rest'
const ALB = 'alb'
/** Sources whose handlers answer with an HTTP response. */
const SOURCES: readonly string[] = [REST, 'api-gateway-http', 'function-url', ALB, 'vpc-lattice']

export const mayHaveResponseHeader = (source: string): boolean => SOURCES.includes(source)

/** The result with the header; the very same result where it has no place in it, or stands there already. */
export function addToResult(
  name: ResponseHeaderName,
  request: AnsweredRequest,
  result: unknown,
): unknown {
  if (!isRecord(result) || result.statusCode === undefined) return wrap(name, request, result)
  const { multiValueHeaders } = result
  if (!takesLists(request, result)) return addTo(name, request, result)
  if (!canTake(result.headers, name) || !canTake(multiValueHeaders, name)) return result
  const own = isRecord(multiValueHeaders) ? multiValueHeaders : {}
  return { ...result, multiValueHeaders: { ...own, [name]: [headerValue(name, request)] } }
}

const WRAPPED_SOURCES: readonly string[] = ['api-gateway-http', 'function-url']
/** With one of these, and without a status, services disagree on what a result is. */
const RESPONSE_FIELDS = [
  'statusCode',
  'headers',
  'multiValueHeaders',
  'cookies',
  'body',
  'isBase64Encoded',
]
/** Quotes of the body are escaped in the wrapper, which may make it twice as long: an answer has 6 MB. */
const MAX_BODY_LENGTH = 1024 * 1024

function wrap(name: ResponseHeaderName, request: AnsweredRequest, result: unknown): unknown {
  if (!WRAPPED_SOURCES.includes(request.source)) return result
  const body = bodyOf(result)
  if (body === undefined || body.length > MAX_BODY_LENGTH) return result
  const headers = { 'content-type': 'application/json', [name]: headerValue(name, request) }
  return { statusCode: 200, headers, body }
}

/** `undefined` for what may be more than a body, and for what is no JSON: that is for the runtime to tell. */
function bodyOf(result: unknown): string | undefined {
  if (typeof result === 'string') return result
  if (result === undefined || result === null) return undefined
  const isBody = Array.isArray(result) || typeof result !== 'object' || isRecord(result)
  if (!isBody || RESPONSE_FIELDS.some(field => Object.hasOwn(Object(result), field)))
    return undefined
  try {
    return JSON.stringify(result)
  } catch {
    return undefined
  }
}

/** The same for the first part of an HTTP response stream: it is a response with or without a status. */
export function addToPrelude(
  name: ResponseHeaderName,
  request: AnsweredRequest,
  prelude: unknown,
): unknown {
  if (prelude === undefined) return addTo(name, request, {})
  return isRecord(prelude) ? addTo(name, request, prelude) : prelude
}

function addTo(name: ResponseHeaderName, request: AnsweredRequest, response: Fields): Fields {
  const { headers, multiValueHeaders } = response
  if (!canTake(headers, name) || holds(multiValueHeaders, name)) return response
  const own = isRecord(headers) ? headers : {}
  return { ...response, headers: { ...own, [name]: headerValue(name, request) } }
}

/**
 * A load balancer reads `multiValueHeaders` where it sends them; a REST API reads both. Where only `headers` are given,
 * ours goes there too, so that a list which the user did not give cannot displace what they gave.
 */
function takesLists({ source, event }: AnsweredRequest, result: Fields): boolean {
  const hasLists = isRecord(result.multiValueHeaders)
  const hasHeaders = isRecord(result.headers)
  if (source === ALB)
    return isRecord(event) && isRecord(event.multiValueHeaders) && (hasLists || !hasHeaders)
  return source === REST && hasLists && !hasHeaders
}

/** Absent, or an object without such a name; anything else is not ours to repair. */
const canTake = (headers: unknown, name: string): boolean =>
  headers === undefined || headers === null || (isRecord(headers) && !holds(headers, name))

const holds = (headers: unknown, name: string): boolean =>
  isRecord(headers) && Object.keys(headers).some(key => key.toLowerCase() === name)

function headerValue(name: ResponseHeaderName, { spanContext }: AnsweredRequest): string {
  const traceparent = formatTraceparent(spanContext)
  return name === 'traceparent' ? traceparent : `traceparent;desc="${traceparent}"`
}

/** What writes itself as JSON is not what its fields say. */
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  typeof (value as Fields).toJSON !== 'function'
