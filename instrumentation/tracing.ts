// Puts the tracer together. What comes out is the two things the runtime takes: an observer of invocations and a source
// of trace context for calls.
import type {
  InvocationObserver,
  Log,
  OpenHttpClient,
  TraceContextSource,
} from '../runtime/contract.ts'
import type { JournalOptions } from './export/journal/journal.ts'
import { encodeHead } from './export/otlp-encoder.ts'
import type { ShipOptions } from './export/policy.ts'
import { createShipping } from './export/shipping.ts'
import type { OtlpSettings } from './export/transports/connect-otlp.ts'
import { createTransport } from './export/transports/create.ts'
import { createGuard } from './guard.ts'
import { createSubscribe } from './hooks/channels.ts'
import type { SearchPaths } from './hooks/when-modules-load.ts'
import type { Injection } from './libraries/aws-sdk/message-carrier.ts'
import { instrument } from './libraries/instrument.ts'
import type { Selection } from './libraries/selection.ts'
import { createObserver } from './observer.ts'
import { createPropagation, type PropagatorName } from './propagation/propagation.ts'
import { createRecordSpans, type RecordSpans } from './records/records.ts'
import { describeResource, type ResourceFacts } from './resource.ts'
import type { ResponseHeaderName } from './response-header.ts'
import { createClock } from './trace/clock.ts'
import { createIdSource } from './trace/ids.ts'
import type { KeepConditions } from './trace/keep.ts'
import type { SpanLimits } from './trace/limits.ts'
import { createSampler, type SamplerName } from './trace/sampler.ts'
import type { Span } from './trace/span.ts'
import { Tracer } from './trace/tracer.ts'
import { createTraceContextSource } from './trace-context-source.ts'

export interface TracingOptions {
  readonly facts: ResourceFacts
  readonly otlp: OtlpSettings
  readonly exportTimeoutMs: number
  readonly maxQueueSize: number
  readonly policy: ShipOptions
  /** The process may stop as soon as the next event is asked for. */
  readonly mayFreeze: boolean
  /** Absent where nothing is to be written to disk. */
  readonly journal: Pick<JournalOptions, 'folder' | 'maxBytes' | 'memoryBytes'> | undefined
  readonly limits: SpanLimits
  readonly propagators: readonly PropagatorName[]
  readonly sampler: SamplerName
  /** From 0 to 1, for samplers by ratio. */
  readonly samplerRatio: number
  readonly keep: KeepConditions | undefined
  readonly responseHeader: ResponseHeaderName | undefined
  /** Spans of the services in front of the function. */
  readonly hasInferredSpans: boolean
  /** Spans of a batch's records as the handler goes over them. */
  readonly hasRecordSpans: boolean
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
  /** What handlers call for spans of single records: `baton.records`. */
  readonly records: RecordSpans['records']
}

const SCOPE_NAME = 'baton'

/** Subscribes to what is traced: to be called before any of the user's code is loaded. */
export function createTracing(options: TracingOptions): Tracing {
  const { facts, log } = options
  const guard = createGuard(log)
  const head = encodeHead(describeResource(facts), SCOPE_NAME, facts.version)
  const { shipper, journaling } = createShipping({
    routes: [
      {
        transport: createTransport('otlp', {
          otlp: options.otlp,
          userAgent: options.userAgent,
          // Whoever waits for an export keeps the process alive meanwhile; one that nobody waits for must not.
          openHttpClient: target => options.openHttpClient({ ...target, isBackground: true }),
        }),
        timeoutMs: options.exportTimeoutMs,
      },
    ],
    head,
    maxQueueSize: options.maxQueueSize,
    policy: options.policy,
    mayFreeze: options.mayFreeze,
    journal: options.journal && { ...options.journal, head, log, nowMs: Date.now },
    log,
    nowMs: Date.now,
  })
  const onEnd = (span: Span): void => shipper.add(span)
  const tracer = new Tracer({
    clock: createClock(),
    ids: createIdSource(),
    limits: options.limits,
    sampler: createSampler(options.sampler, options.samplerRatio),
    onStart: span => journaling.open(span),
    onEnd,
  })
  const propagation = createPropagation(options.propagators)
  const outgoing = options.injection === 'none' ? createPropagation(['none']) : propagation
  const source = createTraceContextSource(tracer, outgoing)
  instrument({
    ...options,
    tracer,
    guard,
    subscribe: createSubscribe(guard),
    propagation: outgoing,
    source,
  })
  const recordSpans = createRecordSpans(tracer, { isAutomatic: options.hasRecordSpans })
  const spans = {
    hasInferredSpans: options.hasInferredSpans,
    formats: propagation,
    denies: propagation.denies,
    recordSpans,
    keep: options.keep,
    onKeep: onEnd,
  }
  return {
    observer: createObserver({
      tracer,
      shipper,
      journaling,
      guard,
      identity: facts,
      spans,
      responseHeader: options.responseHeader,
    }),
    source,
    records: recordSpans.records,
  }
}
