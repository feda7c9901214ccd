// node:http and node:https clients, by the channels that Node 22 and later publish on: nothing is patched or loaded.
//
// Limitations: a request whose headers were given as a flat list is already written when it is seen; it gets a span
// and no headers.
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Subscribe } from '../hooks/channels.ts'
import type { Span } from '../trace/span.ts'
import type { Tracer } from '../trace/tracer.ts'
import { type HttpTarget, setHttpError, setHttpStatus, startHttpSpan } from './http-span.ts'

interface RequestMessage {
  readonly request: ClientRequest
}
interface ResponseMessage extends RequestMessage {
  readonly response: IncomingMessage
}
interface ErrorMessage extends RequestMessage {
  readonly error: unknown
}

export function traceNodeHttp(tracer: Tracer, subscribe: Subscribe): void {
  const spans = new WeakMap<ClientRequest, Span>()

  subscribe('http.client.request.created', message => {
    const { request } = message as RequestMessage
    const span = startHttpSpan(tracer, targetOf(request), {
      get: name => toText(request.getHeader(name)),
      set: (name, value) => {
        if (!request.headersSent) request.setHeader(name, value)
      },
    })
    if (span === undefined) return
    spans.set(request, span)
    // The last thing that happens to a request, after its response was read, given up or never came.
    request.once('close', () => span.end(tracer.clock.now()))
  })

  subscribe('http.client.response.finish', message => {
    const { request, response } = message as ResponseMessage
    const span = spans.get(request)
    if (span !== undefined && response.statusCode !== undefined)
      setHttpStatus(span, response.statusCode)
  })

  subscribe('http.client.request.error', message => {
    const { request, error } = message as ErrorMessage
    const span = spans.get(request)
    if (span !== undefined) setHttpError(span, error)
  })
}

/** The host header names the port, which the request itself keeps to itself. */
function targetOf(request: ClientRequest): HttpTarget {
  const header = toText(request.getHeader('host')) ?? ''
  const port = /:([0-9]{1,5})$/.exec(header)?.[1]
  return {
    method: request.method,
    protocol: request.protocol,
    host: request.host || header,
    port: port === undefined ? undefined : Number(port),
    path: request.path,
  }
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(',') : undefined
}
