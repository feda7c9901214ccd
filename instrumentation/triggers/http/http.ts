// The span of an invocation by HTTP: the same name and attributes whichever service stood in front.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server

import type { NamedCarrier } from '../../propagation/carrier.ts'
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_FAAS_TRIGGER,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
  HTTP_REQUEST_METHOD_OTHER,
} from '../../semconv.ts'
import { SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH, textOf } from '../fields.ts'
import type { ResultDescription, Trigger } from '../trigger.ts'

/** What a source read out of its event, unchecked. */
export interface HttpRequestFields {
  readonly source: string
  readonly method: unknown
  /** The template that matched, e.g. `/orders/{id}`; what does not begin with `/` is no template. */
  readonly route?: unknown
  readonly path: unknown
  readonly scheme: unknown
  readonly clientAddress: unknown
  readonly userAgent: unknown
  readonly serverAddress: unknown
  readonly carriers: readonly NamedCarrier[]
  describeResult(result: unknown): ResultDescription
}

// RFC 9110, RFC 5789 (PATCH) and QUERY, as the semantic conventions list them.
const KNOWN_METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'QUERY',
]
const MAX_METHOD_LENGTH = 32

/** Name, kind and attributes of the span of an HTTP request. */
export function describeHttp(request: HttpRequestFields): Trigger {
  const original = textOf(request.method, MAX_METHOD_LENGTH)
  const method = methodOf(original)
  const route = routeOf(request.route)
  // The conventions' own rule: `_OTHER` is a value for an attribute, not for a name.
  const verb = method === HTTP_REQUEST_METHOD_OTHER ? 'HTTP' : method
  return {
    source: request.source,
    faasTrigger: 'http',
    spanName: route === undefined ? verb : `${verb} ${route}`,
    spanKind: SPAN_KIND_SERVER,
    attributes: {
      [ATTR_FAAS_TRIGGER]: 'http',
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: original === method ? undefined : original,
      [ATTR_HTTP_ROUTE]: route,
      [ATTR_URL_PATH]: pathOf(request.path),
      [ATTR_URL_SCHEME]: schemeOf(request.scheme),
      [ATTR_CLIENT_ADDRESS]: textOf(request.clientAddress, MAX_NAME_LENGTH),
      [ATTR_USER_AGENT_ORIGINAL]: textOf(request.userAgent, MAX_TEXT_LENGTH),
      [ATTR_SERVER_ADDRESS]: textOf(request.serverAddress, MAX_NAME_LENGTH),
    },
    carriers: request.carriers,
    describeResult: request.describeResult,
  }
}

function methodOf(original: string | undefined): string {
  const method = original?.toUpperCase()
  return method !== undefined && KNOWN_METHODS.includes(method) ? method : HTTP_REQUEST_METHOD_OTHER
}

const routeOf = (route: unknown): string | undefined =>
  typeof route === 'string' && route.startsWith('/') ? route.slice(0, MAX_NAME_LENGTH) : undefined

/** Without a query even if one came along: queries hold secrets. */
function pathOf(path: unknown): string | undefined {
  const text = textOf(path, MAX_TEXT_LENGTH)
  if (text === undefined) return undefined
  const end = text.indexOf('?')
  return end === -1 ? text : text.slice(0, end)
}

const schemeOf = (scheme: unknown): string | undefined =>
  scheme === 'http' || scheme === 'https' ? scheme : undefined
