// The global fetch and undici of the user's own, by undici's channels. https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
//
// Limitations: each request on the wire is a span of its own, so a redirect that fetch follows makes two.
import type { Subscribe } from '../hooks/channels.ts'
import type { Propagation } from '../propagation/propagation.ts'
import type { Span } from '../trace/span.ts'
import type { Tracer } from '../trace/tracer.ts'
import {
  type HttpTarget,
  type RequestHeaders,
  setHttpError,
  setHttpStatus,
  startHttpSpan,
} from './http-span.ts'

/** The part of undici's request that is looked at; headers were one text before undici 6. */
interface UndiciRequest {
  readonly origin?: string | URL
  readonly path: string
  readonly method: string
  readonly headers?: readonly (string | readonly string[])[] | string
  addHeader(name: string, value: string): void
}
interface UndiciMessage {
  readonly request: UndiciRequest
  readonly response?: { readonly statusCode: number }
  readonly error?: unknown
}

export function traceUndici(tracer: Tracer, subscribe: Subscribe, propagation: Propagation): void {
  const spans = new WeakMap<UndiciRequest, Span>()
  const on = (channel: string, act: (span: Span, message: UndiciMessage) => void): void => {
    subscribe(channel, each => {
      const message = each as UndiciMessage
      const span = spans.get(message.request)
      if (span !== undefined) act(span, message)
    })
  }

  subscribe('undici:request:create', message => {
    const { request } = message as UndiciMessage
    const target = targetOf(request)
    const span = target && startHttpSpan(tracer, target, headersOf(request), propagation)
    if (span !== undefined) spans.set(request, span)
  })
  on('undici:request:headers', (span, { response }) => {
    if (response !== undefined) setHttpStatus(span, response.statusCode)
  })
  on('undici:request:trailers', span => span.end(tracer.clock.now()))
  on('undici:request:error', (span, { error }) => {
    setHttpError(span, error)
    span.end(tracer.clock.now())
  })
}

function targetOf(request: UndiciRequest): HttpTarget | undefined {
  const origin = request.origin === undefined ? null : URL.parse(String(request.origin))
  if (origin === null) return undefined
  return {
    method: request.method,
    protocol: origin.protocol,
    host: origin.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: origin.port === '' ? undefined : Number(origin.port),
    path: request.path,
  }
}

function headersOf(request: UndiciRequest): RequestHeaders {
  return {
    get: name => findHeader(request.headers, name),
    set: (name, value) => request.addHeader(name, value),
  }
}

function findHeader(headers: UndiciRequest['headers'], name: string): string | undefined {
  if (typeof headers === 'string') {
    const line = headers.split('\r\n').find(each => each.toLowerCase().startsWith(`${name}:`))
    return line?.slice(name.length + 1).trim()
  }
  for (let index = 0; headers !== undefined && index < headers.length; index += 2) {
    const key = headers[index]
    if (typeof key === 'string' && key.toLowerCase() === name) return String(headers[index + 1])
  }
  return undefined
}
