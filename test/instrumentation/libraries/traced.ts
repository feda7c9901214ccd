// HTTP clients traced in this process: the tracer's own parts, without a runtime around them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createGuard } from '../../../instrumentation/guard.ts'
import { createSubscribe } from '../../../instrumentation/hooks/channels.ts'
import { readAwsRequest } from '../../../instrumentation/libraries/aws-sdk/aws-sdk.ts'
import { traceNodeHttp } from '../../../instrumentation/libraries/node-http.ts'
import { traceNodeHttp2 } from '../../../instrumentation/libraries/node-http2.ts'
import { traceUndici } from '../../../instrumentation/libraries/undici.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import { createClock } from '../../../instrumentation/trace/clock.ts'
import { createIdSource, type IdSource } from '../../../instrumentation/trace/ids.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { type ActiveContext, Tracer } from '../../../instrumentation/trace/tracer.ts'
import { type LoopbackServer, serveLoopback } from '../../../local/http/loopback-server.ts'

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
export const PARENT_SPAN_ID = 'b7ad6b7169203331'

export interface TracedOptions {
  readonly baggage?: string
  readonly traceState?: string
  readonly traceFlags?: number
  readonly ids?: IdSource
  readonly propagators?: readonly PropagatorName[]
  readonly traceHeader?: string
}

export interface Traced {
  /** Spans that ended, in that order. */
  readonly ended: readonly Span[]
  readonly context: ActiveContext
  readonly warnings: readonly string[]
  /** Runs inside of an invocation. */
  run<T>(work: () => T): T
  /** Resolves when so many spans have ended. */
  whenEnded(count: number): Promise<readonly Span[]>
}

/** Subscribes for the rest of the process: other tests' requests are outside of this one's context. */
export function startTraced(options: TracedOptions = {}): Traced {
  const ended: Span[] = []
  const warnings: string[] = []
  const arrivals = new Set<() => void>()
  const tracer = new Tracer({
    clock: createClock(),
    ids: options.ids ?? createIdSource(),
    limits: { attributeCount: 99, attributeValueLength: 9999, eventCount: 9, linkCount: 9 },
    onEnd(span) {
      ended.push(span)
      for (const arrived of [...arrivals]) arrived()
    },
  })
  const guard = createGuard({ warn: message => void warnings.push(message) })
  const subscribe = createSubscribe(guard)
  const propagation = createPropagation(options.propagators ?? ['tracecontext', 'baggage', 'xray'])
  const http = { tracer, propagation, readAwsRequest }
  subscribe('http.client.request.created', traceNodeHttp(http, subscribe))
  subscribe('http2.client.stream.created', traceNodeHttp2(http, subscribe))
  subscribe('undici:request:create', traceUndici(http, subscribe))
  const context: ActiveContext = {
    spanContext: {
      traceId: TRACE_ID,
      spanId: PARENT_SPAN_ID,
      traceFlags: options.traceFlags ?? 1,
      traceState: options.traceState,
    },
    baggage: options.baggage,
    traceHeader: options.traceHeader,
    openSpans: new Set(),
  }
  return {
    ended,
    context,
    warnings,
    run: work => tracer.run(context, work),
    whenEnded: count =>
      new Promise(resolve => {
        const check = (): void => {
          if (ended.length < count) return
          arrivals.delete(check)
          resolve(ended)
        }
        arrivals.add(check)
        check()
      }),
  }
}

export function attributesOf(span: Span | undefined): Record<string, AttributeValue> {
  const list = span?.attributes ?? []
  return Object.fromEntries(
    Array.from({ length: list.length / 2 }, (_, index) => [
      list[2 * index] as string,
      list[2 * index + 1] as AttributeValue,
    ]),
  )
}

/** The `traceparent` of a call whose span this is. */
export function traceparentOf(span: Span | undefined): string {
  const { traceId, spanId, traceFlags } = span?.context ?? {
    traceId: '',
    spanId: '',
    traceFlags: 0,
  }
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

export interface Service extends LoopbackServer {
  readonly seen: readonly IncomingMessage[]
  /** Resolves with the request of that index, now or when it comes. */
  request(index: number): Promise<IncomingMessage>
}

/** A service that remembers what it was asked; by default it answers 200. */
export async function startService(
  answer: (response: ServerResponse, request: IncomingMessage) => void = response =>
    response.end('ok'),
): Promise<Service> {
  const seen: IncomingMessage[] = []
  const arrivals = new Set<() => void>()
  const server = createServer((request, response) => {
    seen.push(request)
    for (const arrived of [...arrivals]) arrived()
    request.resume()
    answer(response, request)
  })
  const loopback = await serveLoopback(server)
  return {
    ...loopback,
    seen,
    request: index =>
      new Promise(resolve => {
        const check = (): void => {
          const request = seen[index]
          if (request === undefined) return
          arrivals.delete(check)
          resolve(request)
        }
        arrivals.add(check)
        check()
      }),
  }
}
