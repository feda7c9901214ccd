// node:http and node:https clients, by the channels that Node 22 and later publish on: nothing is patched.
//
// Limitations: a request whose headers were given as a flat list is already written when it is seen; it gets a span
// and no headers.
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Subscribe } from '../hooks/channels.ts'
import {
  type HttpListener,
  type HttpSpan,
  type HttpTarget,
  type HttpTools,
  setHttpAnswer,
  setHttpError,
  setHttpTarget,
  startHttpSpan,
} from './http-span.ts'

interface RequestMessage {
  readonly request: ClientRequest
}
interface ResponseMessage extends RequestMessage {
  readonly response: IncomingMessage
}
interface ErrorMessage extends RequestMessage {
  readonly error: unknown
}

interface TracedRequest extends HttpSpan {
  /** Only the Host header tells a request's port, and the user may have set another. */
  readonly isPortKnown: boolean
}

/** Answers what is told of a request as it begins. */
export function traceNodeHttp(tools: HttpTools, subscribe: Subscribe): HttpListener {
  const traced = new WeakMap<ClientRequest, TracedRequest>()

  function created({ request }: RequestMessage): void {
    const host = splitHost(toText(request.getHeader('host')) ?? '')
    const isPortKnown = host.name === request.host
    const target = { ...targetOf(request, host.port), isPortKnown }
    const started = startHttpSpan(tools, target, {
      get: name => toText(request.getHeader(name)),
      set: (name, value) => {
        if (!request.headersSent) request.setHeader(name, value)
      },
    })
    if (started === undefined) return
    traced.set(request, { ...started, isPortKnown })
    // The last thing that happens to a request, after its response was read, given up or never came.
    if (started.call === undefined)
      request.once('close', () => started.span.end(tools.tracer.clock.now()))
  }

  subscribe('http.client.response.finish', message => {
    const { request, response } = message as ResponseMessage
    const found = traced.get(request)
    if (found === undefined) return
    if (response.statusCode !== undefined) {
      setHttpAnswer(found, response.statusCode, name => toText(response.headers[name]))
    }
    const { remotePort } = response.socket
    if (!found.isPortKnown) setHttpTarget(found.span, targetOf(request, remotePort))
  })

  subscribe('http.client.request.error', message => {
    const { request, error } = message as ErrorMessage
    const found = traced.get(request)
    if (found === undefined || found.call !== undefined) return
    setHttpError(found.span, error)
    // It closes a little later, when the invocation may be over.
    found.span.end(tools.tracer.clock.now())
  })
  return message => created(message as RequestMessage)
}

function targetOf(request: ClientRequest, port: number | undefined): HttpTarget {
  const { method, protocol, host, path } = request
  return { method, protocol, host, port, path, socketPath: socketPathOf(request) }
}

/** No part of its public face. */
function socketPathOf(request: ClientRequest): string | undefined {
  const { socketPath } = request as { readonly socketPath?: unknown }
  return typeof socketPath === 'string' ? socketPath : undefined
}

/** `name`, `name:port`, `[::1]:port`. */
function splitHost(header: string): { name: string; port: number | undefined } {
  const match = /^(.*?)(?::([0-9]{1,5}))?$/.exec(header)
  return {
    name: (match?.[1] ?? '').replace(/^\[(.*)\]$/, '$1'),
    port: match?.[2] === undefined ? undefined : Number(match[2]),
  }
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(',') : undefined
}
