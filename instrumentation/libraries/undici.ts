// The global fetch and undici of the user's own, by undici's channels. https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
//
// Limitations: each request on the wire is a span of its own, so a redirect that fetch follows makes two.
import type { Subscribe } from '../hooks/channels.ts'
import {
  type HttpListener,
  type HttpSpan,
  type HttpTarget,
  type HttpTools,
  type RequestHeaders,
  setHttpAnswer,
  setHttpError,
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
  /** Headers are a flat list of names and values, as bytes. */
  readonly response?: { readonly statusCode: number; readonly headers?: readonly unknown[] }
  readonly error?: unknown
}

/** Answers what is told of a request as it begins. */
export function traceUndici(tools: HttpTools, subscribe: Subscribe): HttpListener {
  const spans = new WeakMap<UndiciRequest, HttpSpan>()
  const on = (channel: string, act: (span: HttpSpan, message: UndiciMessage) => void): void => {
    subscribe(channel, each => {
      const message = each as UndiciMessage
      const span = spans.get(message.request)
      if (span !== undefined) act(span, message)
    })
  }

  on('undici:request:headers', (started, { response }) => {
    if (response === undefined) return
    setHttpAnswer(started, response.statusCode, name => findInList(response.headers, name))
  })
  on('undici:request:trailers', ({ span, call }) => {
    if (call === undefined) span.end(tools.tracer.clock.now())
  })
  on('undici:request:error', ({ span, call }, { error }) => {
    if (call !== undefined) return
    setHttpError(span, error)
    span.end(tools.tracer.clock.now())
  })
  return message => {
    const { request } = message as UndiciMessage
    const target = targetOf(request)
    const span = target && startHttpSpan(tools, target, headersOf(request))
    if (span !== undefined) spans.set(request, span)
  }
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
  return findInList(headers, name)
}

/** A name, its value, a name, its value, … */
function findInList(list: readonly unknown[] | undefined, name: string): string | undefined {
  for (let index = 0; list !== undefined && index < list.length; index += 2) {
    if (String(list[index]).toLowerCase() === name) return String(list[index + 1])
  }
  return undefined
}
