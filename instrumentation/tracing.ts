// Puts the tracer together. What comes out is the two things the runtime takes: an observer of invocations and a source
// of trace context for calls.
import type {
  HttpClientOptions,
  InvocationObserver,
  Log,
  OpenHttpClient,
  TraceContextSource,
} from '../runtime/contract.ts'
import type { HeaderCapture } from './captured-headers.ts'
import type { LoadChunk } from './chunks.ts'
import { createInitPhase, type InitOptions, type InitPhase } from './coldstart/init-phase.ts'
import type { JournalOptions } from './export/journal/journal.ts'
import { encodeHead } from './export/otlp-encoder.ts'
import type { ShipOptions } from './export/policy.ts'
import { createShipping, type Route } from './export/shipping.ts'
import type { Transport } from './export/transport.ts'
import { createTransport, type ExporterSettings } from './export/transports/create.ts'
import { createGuard } from './guard.ts'
import { createSubscribe } from './hooks/channels.ts'
import type { SearchPaths } from './hooks/when-modules-load.ts'
import type { InvocationSpanOptions } from './invocation-span.ts'
import type { Injection } from './libraries/aws-sdk/message-carrier.ts'
import type { LibrarySettings } from './libraries/contract.ts'
import { instrument } from './libraries/instrument.ts'
import type { Selection } from './libraries/selection.ts'
import { createObserver } from './observer.ts'
import { type InstalledApi, installApi } from './otel-api/install.ts'
import { createPropagation, type PropagatorName } from './propagation/propagation.ts'
import type { RecordSpans } from './records/records.ts'
import { describeResource, type ResourceFacts } from './resource.ts'
import type { ResponseHeaderName } from './response-header.ts'
import { createClock } from './trace/clock.ts'
import { createIdSource } from './trace/ids.ts'
import type { KeepConditions } from './trace/keep.ts'
import type { SpanLimits } from './trace/limits.ts'
import { createSampler, type SamplerName } from './trace/sampler.ts'
import type { Span } from './trace/span.ts'
import { OWN_WORK, Tracer } from './trace/tracer.ts'
import { createTraceContextSource } from './trace-context-source.ts'

export interface TracingOptions {
  readonly facts: ResourceFacts
  readonly exporters: readonly ExporterSettings[]
  /** Writes one line where the function's log goes; false when not all of it was taken. */
  readonly writeLine: (line: string) => boolean
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
  /** Headers that are to stand on spans; absent where there are none. */
  readonly captureHeaders: HeaderCapture | undefined
  /** Where the function's modules may lie. */
  readonly modules: SearchPaths
  /** One line in the log where a bundle holds what nothing sees. */
  readonly checksBundle: boolean
  /** A file of the layer that is loaded only when it is needed. */
  readonly loadChunk: LoadChunk
  /** How long the process had been up when Node was ready. */
  readonly readyUptimeMs: number
  /** Of the span of the init phase; absent where none is wanted. */
  readonly init: InitOptions | undefined
  readonly settings: LibrarySettings
  /** Published instrumentations to be loaded, as BATON_INSTRUMENTATIONS has them. */
  readonly published: readonly string[]
  /** Which of the lines that loggers write name the active span. */
  readonly logTraceIds: 'json' | 'all' | 'none'
  /** Absolute: the folder of the handler's file. */
  readonly moduleFolder: string
}

export interface Tracing {
  readonly observer: InvocationObserver
  readonly source: TraceContextSource
  readonly init: InitPhase | undefined
  /** What handlers call for spans of single records: `baton.records`. */
  readonly records: RecordSpans['records']
}

const SCOPE_NAME = 'baton'

/** Subscribes to what is traced: to be called before any of the user's code is loaded. */
export function createTracing(options: TracingOptions): Tracing {
  const { facts, log } = options
  const guard = createGuard(log)
  const head = encodeHead(describeResource(facts), SCOPE_NAME, facts.version)
  const surroundings = {
    userAgent: options.userAgent,
    writeLine: options.writeLine,
    // Whoever waits for an export keeps the process alive meanwhile; one that nobody waits for must not.
    openHttpClient: (target: HttpClientOptions) =>
      options.openHttpClient({ ...target, isBackground: true }),
  }
  const createRoute = (settings: ExporterSettings): Route => {
    const transport = createTransport(settings, surroundings)
    const send: Transport['send'] = (batch, timeoutMs) =>
      tracer.run(OWN_WORK, () => transport.send(batch, timeoutMs))
    return { transport: { send }, timeoutMs: settings.timeoutMs }
  }
  const { shipper, journaling } = createShipping({
    routes: options.exporters.map(createRoute),
    head,
    maxQueueSize: options.maxQueueSize,
    policy: options.policy,
    mayFreeze: options.mayFreeze,
    loadChunk: options.loadChunk,
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
  const subscribe = createSubscribe(guard)
  const propagation = createPropagation(options.propagators)
  const api = installApi(() =>
    guard.run('loading the OpenTelemetry API', () =>
      options.loadChunk('otel-api').createApi({ tracer, propagation, guard }),
    ),
  )
  // Two for one library would make two spans of each call.
  const replaced = api === undefined ? [] : loadPublished(options, api)
  const outgoing = options.injection === 'none' ? createPropagation(['none']) : propagation
  const source = createTraceContextSource(tracer, outgoing)
  let init: InitPhase | undefined
  const afterFirst = instrument({
    ...options,
    read: url => init?.read(url),
    tracer,
    guard,
    subscribe,
    propagation: outgoing,
    source,
    replaced,
  })
  const recordSpans = recordSpansOf(options, tracer)
  const spans: InvocationSpanOptions = {
    detectTrigger: (...given) => options.loadChunk('triggers').detectTrigger(...given),
    hasInferredSpans: options.hasInferredSpans,
    formats: propagation,
    denies: propagation.denies,
    recordSpans,
    headers: options.captureHeaders?.server,
    keep: options.keep,
    onKeep: onEnd,
  }
  init =
    options.init &&
    createInitPhase({
      ...options,
      ...options.init,
      tracer,
      subscribe,
      guard,
      uptimeMs: () => process.uptime() * 1000,
      taskRoot: options.modules.taskRoot ?? '',
    })
  return {
    init,
    observer: createObserver({
      tracer,
      shipper,
      journaling,
      guard,
      identity: facts,
      spans,
      init,
      afterFirst,
      responseHeader: options.responseHeader,
    }),
    source,
    records: recordSpans.records,
  }
}

/** Their code is loaded with the first batch, or when the handler asks for an event's records. */
function recordSpansOf({ loadChunk, hasRecordSpans }: TracingOptions, tracer: Tracer): RecordSpans {
  let loaded: RecordSpans | undefined
  const load = (): RecordSpans => {
    loaded ??= loadChunk('records').createRecordSpans(tracer, { isAutomatic: hasRecordSpans })
    return loaded
  }
  return {
    open: opening => (opening.batch === undefined ? undefined : load().open(opening)),
    records: event => load().records(event),
  }
}

/** Loads instrumentations of others, and names those that are on. */
function loadPublished(options: TracingOptions, api: InstalledApi): readonly string[] {
  const { published: names, moduleFolder: folder, log, loadChunk } = options
  const provider = names.length === 0 ? undefined : api()?.trace
  return provider === undefined
    ? []
    : loadChunk('otel-api').loadInstrumentations({ names, folder, provider, log })
}
