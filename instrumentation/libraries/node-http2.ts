// node:http2 clients, by the channels that Node 22 and later publish on; the AWS SDK speaks to Kinesis and Bedrock that way.
//
// Limitations: the headers are written when the request is seen, so no context goes into them. (The AWS SDK has put it there
// itself.)
import type { Subscribe } from '../hooks/channels.ts'
import {
  type HttpListener,
  type HttpSpan,
  type HttpTarget,
  type HttpTools,
  setHttpAnswer,
  setHttpError,
  startHttpSpan,
} from './http-span.ts'

interface Message {
  readonly stream: { readonly rstCode: number; once(event: 'close', listener: () => void): void }
  /** Of the request, pseudo-headers included; in `finish`, of the answer. */
  readonly headers?: Readonly<Record<string, unknown>>
  readonly error?: unknown
}

/** Requests whose `content-type` begins with one of `hidden` have no spans: the list may grow. */
export function traceNodeHttp2(
  tools: HttpTools,
  subscribe: Subscribe,
  hidden: readonly string[] = [],
): HttpListener {
  const traced = new WeakMap<object, HttpSpan>()
  const isHidden = (headers: Readonly<Record<string, unknown>>): boolean =>
    hidden.some(type => toText(headers['content-type'])?.startsWith(type))

  function created({ stream, headers = {} }: Message): void {
    if (isHidden(headers)) return
    const started = startHttpSpan(tools, targetOf(headers), {
      get: name => toText(headers[name]),
      set: () => {},
    })
    if (started === undefined) return
    traced.set(stream, started)
    if (started.call === undefined)
      stream.once('close', () => started.span.end(tools.tracer.clock.now()))
  }

  subscribe('http2.client.stream.finish', message => {
    const { stream, headers = {} } = message as Message
    const found = traced.get(stream)
    const status = Number(headers[':status'])
    if (found !== undefined) setHttpAnswer(found, status, name => toText(headers[name]))
  })

  subscribe('http2.client.stream.error', message => {
    const { stream, error } = message as Message
    const found = traced.get(stream)
    if (found !== undefined && found.call === undefined) setHttpError(found.span, error)
  })
  return message => created(message as Message)
}

function targetOf(headers: Readonly<Record<string, unknown>>): HttpTarget {
  const protocol = `${toText(headers[':scheme']) ?? 'https'}:`
  const authority = URL.parse(`${protocol}//${toText(headers[':authority']) ?? ''}`)
  return {
    method: toText(headers[':method']) ?? 'GET',
    protocol,
    host: authority?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '',
    port: authority === null || authority.port === '' ? undefined : Number(authority.port),
    path: toText(headers[':path']) ?? '/',
  }
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(',') : undefined
}
