// Puts the tracer together. What comes out is the two things the runtime takes: an observer of invocations and a source
// of trace context for calls.
import type {
  InvocationObserver,
  Log,
  OpenHttpClient,
  TraceContextSource,
} from '../runtime/contract.ts'
import { Exporter } from './export/exporter.ts'
import { encodeHead } from './export/otlp-encoder.ts'
import { SpanBuffer } from './export/span-buffer.ts'
import { createOtlpHttpTransport } from './export/transports/otlp-http.ts'
import { createGuard } from './guard.ts'
import { createSubscribe } from './hooks/channels.ts'
import type { SearchPaths } from './hooks/when-modules-load.ts'
import type { Injection } from './libraries/aws-sdk/message-carrier.ts'
import { instrument } from './libraries/instrument.ts'
import type { Selection } from './libraries/selection.ts'
import { createObserver } from './observer.ts'
import { describeResource, type ResourceFacts } from './resource.ts'
import { createClock } from './trace/clock.ts'
import { createIdSource } from './trace/ids.ts'
import type { SpanLimits } from './trace/limits.ts'
import { Tracer } from './trace/tracer.ts'
import { createTraceContextSource } from './trace-context-source.ts'

/** A value that does not show itself when it is printed. */
export interface Secret<T> {
  reveal(): T
}

export interface TracingOptions {
  readonly facts: ResourceFacts
  /** Where traces go, path included. */
  readonly url: URL
  readonly headers: Secret<Readonly<Record<string, string>>> | undefined
  readonly exportTimeoutMs: number
  readonly maxQueueSize: number
  readonly limits: SpanLimits
  readonly userAgent: string
  readonly openHttpClient: OpenHttpClient
  readonly log: Log
  /** Libraries that are instrumented. */
  readonly instrumentations: Selection
  /** How much of a call context may be put into. */
  readonly injection: Injection
  /** Where the function's modules may lie. */
  readonly modules: SearchPaths
  /** A file of the layer that is loaded only when it is needed. */
  readonly loadChunk: (name: string) => unknown
}

export interface Tracing {
  readonly observer: InvocationObserver
  readonly source: TraceContextSource
}

const SCOPE_NAME = 'baton'

/** Subscribes to what is traced: to be called before any of the user's code is loaded. */
export function createTracing(options: TracingOptions): Tracing {
  const { facts, log } = options
  const guard = createGuard(log)
  const exporter = new Exporter({
    buffer: new SpanBuffer(options.maxQueueSize),
    head: encodeHead(describeResource(facts), SCOPE_NAME, facts.version),
    transport: createOtlpHttpTransport({
      url: options.url,
      headers: options.headers?.reveal() ?? {},
      userAgent: options.userAgent,
      openHttpClient: options.openHttpClient,
    }),
    timeoutMs: options.exportTimeoutMs,
    log,
    nowMs: Date.now,
  })
  const tracer = new Tracer({
    clock: createClock(),
    ids: createIdSource(),
    limits: options.limits,
    onEnd: span => exporter.add(span),
  })
  const source = createTraceContextSource(tracer, options.injection !== 'none')
  instrument({ ...options, tracer, guard, subscribe: createSubscribe(guard), source })
  return { observer: createObserver({ tracer, exporter, guard, identity: facts }), source }
}
