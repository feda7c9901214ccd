// Every option that Baton reads from the environment, and the one pure function that reads them. README's table is
// checked against OPTIONS. Unset, empty and blank mean the default. A malformed AWS value stops the start, with all
// faults together; a malformed telemetry value means the default and one warning: telemetry never stops a function.

import {
  DEFAULT_MAX_DELAY_MS,
  SHIP_MODES,
  type ShipMode,
} from '../instrumentation/export/policy.ts'
import type { OtlpProtocol } from '../instrumentation/export/transports/otlp-body.ts'
import type { LibrarySettings } from '../instrumentation/libraries/contract.ts'
import type { PropagatorName } from '../instrumentation/propagation/propagation.ts'
import type { ResponseHeaderName } from '../instrumentation/response-header.ts'
import type { KeepConditions } from '../instrumentation/trace/keep.ts'
import type { SamplerName } from '../instrumentation/trace/sampler.ts'
import { ConfigError } from '../runtime/errors.ts'
import { LOG_LEVELS, type LogFormat, type LogLevel } from '../runtime/logs/levels.ts'
import { PROFILE_NAMES, type ProfileName } from '../runtime/profile.ts'
import { EXPORT_OPTIONS, type ExportConfig } from './export-options.ts'
import { LIBRARY_OPTIONS } from './library-options.ts'
import { aws, type Option, required, telemetry } from './option.ts'
import { SPAN_OPTIONS, type SpanConfig } from './span-options.ts'
import {
  awsSwitch,
  concurrency,
  flag,
  type HostPort,
  hostPort,
  httpUrl,
  journalPlace,
  keepConditions,
  keyValues,
  listOf,
  names,
  oneOf,
  oneOfElse,
  packages,
  positiveInt,
  presence,
  ratio,
  type Secret,
  secretKeyValues,
  text,
} from './values.ts'

/** The process's environment, or a table standing for it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says, by option. */
export interface Config extends ExportConfig, LibrarySettings, SpanConfig {
  /** Where the Runtime API listens. */
  readonly runtimeApi: HostPort
  readonly handler: string
  /** Folder of the function's code; the working directory where it is not set. */
  readonly taskRoot: string | undefined
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
  /** Megabytes, as text. */
  readonly memoryMb: string | undefined
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
  readonly region: string | undefined
  readonly logFormat: LogFormat
  readonly logLevel: LogLevel
  /** Descriptor for log records, given by the platform where it takes them in frames. */
  readonly logDescriptor: number | undefined
  /** Log lines that name the active span: those in JSON, all, or none. */
  readonly logTraceIds: 'json' | 'all' | 'none'
  /** `globalThis.awslambda` is not wanted. */
  readonly isGlobalHidden: boolean
  /** Defined on Managed Instances: invocations side by side, at most so many. */
  readonly maxConcurrency: number | undefined
  /** Threads among which they are divided. */
  readonly workerCount: number
  /** Folders of modules beside the function's own. */
  readonly nodePath: string | undefined
  /** Socket for log lines on Managed Instances. */
  readonly logSocket: string | undefined
  /** Which of AWS's runtimes to follow where they differ. */
  readonly profile: ProfileName
  /** SIGTERM before the process is ended, by an internal extension; `undefined` means with tracing. */
  readonly shutdownHook: 'on' | 'off' | undefined
  /** What started the process; read only to say the right thing. */
  readonly executionEnvironment: string | undefined
  /** No warning for handlers that declare a callback. */
  readonly isCallbackWarningOff: boolean
  /** No tracing at all. */
  readonly isDisabled: boolean
  readonly exporters: readonly ExporterName[]
  /** Base of the collector's addresses; tracing is off where neither this nor `tracesEndpoint` is set. */
  readonly endpoint: URL | undefined
  /** Address for traces, used as it stands. */
  readonly tracesEndpoint: URL | undefined
  readonly protocol: OtlpProtocol
  readonly headers: Secret<Readonly<Record<string, string>>> | undefined
  /** Longest wait for one export, milliseconds. */
  readonly exportTimeoutMs: number
  /** Finished spans held at most. */
  readonly maxQueueSize: number
  /** Spans in one export at most. */
  readonly maxBatchSize: number
  /** When finished spans leave. */
  readonly shipMode: ShipMode
  /** Longest time that a finished span is held while the function runs, milliseconds. */
  readonly shipMaxDelayMs: number
  /** `on`, `off`, or the folder for the journal. */
  readonly journal: string
  readonly serviceName: string | undefined
  readonly resourceAttributes: Readonly<Record<string, string>>
  /** Libraries that are instrumented; all where it is not set. */
  readonly enabledInstrumentations: readonly string[] | undefined
  /** Libraries that are not. */
  readonly disabledInstrumentations: readonly string[] | undefined
  /** How much of a call the trace's context may be put into. */
  readonly injection: 'none' | 'headers' | 'messages' | 'payloads'
  /** Header formats of calls and callers, in the order in which they count. */
  readonly propagators: readonly PropagatorName[]
  readonly sampler: SamplerName
  /** For samplers by ratio, from 0 to 1. */
  readonly samplerRatio: number
  /** Which invocations are kept that the sampler did not choose. */
  readonly keep: KeepConditions | undefined
  /** Published instrumentations out of the function's node_modules. */
  readonly publishedInstrumentations: readonly string[] | undefined
  /** Header by which HTTP callers get the trace's id. */
  readonly responseHeader: ResponseHeaderName | undefined
  /** One line in the log where a bundle holds libraries that nothing sees. */
  readonly checksBundle: boolean
}

type ExporterName = 'otlp' | 'zipkin' | 'xray' | 'console' | 'none'
const EXPORTERS: readonly ExporterName[] = ['otlp', 'zipkin', 'xray', 'console', 'none']
/** Of a value that is refused. */
const MAX_QUOTED_CHARACTERS = 200
/** OpenTelemetry's default for the queue of finished spans. */
const DEFAULT_MAX_QUEUE_SIZE = 2048
/** OpenTelemetry's default for the spans of one export. */
const DEFAULT_MAX_BATCH_SIZE = 512
/** OpenTelemetry's default for one export. */
const DEFAULT_EXPORT_TIMEOUT_MS = 10_000

const PROPAGATORS: readonly PropagatorName[] = [
  'tracecontext',
  'baggage',
  'xray',
  'b3',
  'b3multi',
  'jaeger',
  'ottrace',
  'xray-lambda',
  'none',
]
/** Lambda's own format goes along with OpenTelemetry's default. */
const DEFAULT_PROPAGATORS = PROPAGATORS.slice(0, 3)

/** `jaeger_remote` and `xray` ask a service how to sample: for these there is the default, and a warning. */
const SAMPLERS: readonly SamplerName[] = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
]

export const OPTIONS: { readonly [K in keyof Config]: Option<Config[K]> } = {
  runtimeApi: required('AWS_LAMBDA_RUNTIME_API', hostPort),
  handler: required('_HANDLER', text),
  taskRoot: aws('LAMBDA_TASK_ROOT', text, undefined),
  functionName: aws('AWS_LAMBDA_FUNCTION_NAME', text, undefined),
  functionVersion: aws('AWS_LAMBDA_FUNCTION_VERSION', text, undefined),
  memoryMb: aws('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', text, undefined),
  logGroupName: aws('AWS_LAMBDA_LOG_GROUP_NAME', text, undefined),
  logStreamName: aws('AWS_LAMBDA_LOG_STREAM_NAME', text, undefined),
  region: aws('AWS_REGION', text, undefined),
  logFormat: aws('AWS_LAMBDA_LOG_FORMAT', oneOfElse(['text', 'json'], 'text'), 'text'),
  logLevel: aws('AWS_LAMBDA_LOG_LEVEL', oneOfElse(LOG_LEVELS, 'TRACE'), 'TRACE'),
  logDescriptor: telemetry('_LAMBDA_TELEMETRY_LOG_FD', positiveInt, undefined),
  logTraceIds: telemetry('BATON_LOG_TRACE_IDS', oneOf(['json', 'all', 'none']), 'json'),
  isGlobalHidden: aws('AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA', awsSwitch, false),
  maxConcurrency: {
    ...aws('AWS_LAMBDA_MAX_CONCURRENCY', concurrency, undefined),
    countsWhenEmpty: true,
  },
  workerCount: telemetry('AWS_LAMBDA_NODEJS_WORKER_COUNT', positiveInt, 1),
  nodePath: aws('NODE_PATH', text, undefined),
  logSocket: aws('_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET', text, undefined),
  profile: telemetry('BATON_PROFILE', oneOf(PROFILE_NAMES), 'baton'),
  shutdownHook: telemetry('BATON_SHUTDOWN_HOOK', oneOf<'on' | 'off'>(['on', 'off']), undefined),
  executionEnvironment: aws('AWS_EXECUTION_ENV', text, undefined),
  isCallbackWarningOff: {
    ...aws('AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING', presence, false),
    countsWhenEmpty: true,
  },
  ...EXPORT_OPTIONS,
  ...LIBRARY_OPTIONS,
  ...SPAN_OPTIONS,
  isDisabled: telemetry('OTEL_SDK_DISABLED', flag, false),
  exporters: telemetry('OTEL_TRACES_EXPORTER', listOf(EXPORTERS), ['otlp']),
  endpoint: telemetry('OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl, undefined),
  tracesEndpoint: telemetry('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', httpUrl, undefined),
  protocol: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    oneOf<OtlpProtocol>(['http/protobuf', 'http/json']),
    'http/protobuf',
  ),
  headers: {
    names: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    form: secretKeyValues,
    fallback: undefined,
    kind: 'telemetry',
    isSecret: true,
  },
  exportTimeoutMs: telemetry(
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_BSP_EXPORT_TIMEOUT'],
    positiveInt,
    DEFAULT_EXPORT_TIMEOUT_MS,
  ),
  maxQueueSize: telemetry('OTEL_BSP_MAX_QUEUE_SIZE', positiveInt, DEFAULT_MAX_QUEUE_SIZE),
  maxBatchSize: telemetry('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', positiveInt, DEFAULT_MAX_BATCH_SIZE),
  shipMode: telemetry('BATON_SHIP', oneOf(SHIP_MODES), 'auto'),
  shipMaxDelayMs: telemetry(
    ['BATON_SHIP_MAX_DELAY_MS', 'OTEL_BSP_SCHEDULE_DELAY'],
    positiveInt,
    DEFAULT_MAX_DELAY_MS,
  ),
  journal: telemetry('BATON_JOURNAL', journalPlace, 'on'),
  serviceName: telemetry('OTEL_SERVICE_NAME', text, undefined),
  resourceAttributes: telemetry('OTEL_RESOURCE_ATTRIBUTES', keyValues, {}),
  enabledInstrumentations: telemetry('OTEL_NODE_ENABLED_INSTRUMENTATIONS', names, undefined),
  disabledInstrumentations: telemetry('OTEL_NODE_DISABLED_INSTRUMENTATIONS', names, undefined),
  injection: telemetry(
    'BATON_INJECT',
    oneOf(['none', 'headers', 'messages', 'payloads']),
    'messages',
  ),
  propagators: telemetry('OTEL_PROPAGATORS', listOf(PROPAGATORS), DEFAULT_PROPAGATORS),
  sampler: telemetry('OTEL_TRACES_SAMPLER', oneOf(SAMPLERS), 'parentbased_always_on'),
  samplerRatio: telemetry('OTEL_TRACES_SAMPLER_ARG', ratio, 1),
  keep: telemetry('BATON_SAMPLE_KEEP', keepConditions, undefined),
  publishedInstrumentations: telemetry('BATON_INSTRUMENTATIONS', packages, undefined),
  responseHeader: telemetry(
    'BATON_RESPONSE_HEADER',
    oneOf<ResponseHeaderName>(['traceparent', 'server-timing']),
    undefined,
  ),
  checksBundle: telemetry('BATON_BUNDLE_CHECK', flag, true),
}

export interface ReadConfig {
  readonly config: Config
  /** One sentence for each telemetry value that was not used. */
  readonly warnings: readonly string[]
}

/** Throws ConfigError with every fault of AWS's own values. */
export function readConfig(environment: Environment): ReadConfig {
  const faults: string[] = []
  const warnings: string[] = []
  const config: Record<string, unknown> = {}
  for (const [key, option] of Object.entries<Option<unknown>>(OPTIONS)) {
    config[key] = readOption(option, environment, faults, warnings)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return { config: Object.freeze(config) as unknown as Config, warnings }
}

function readOption(
  option: Option<unknown>,
  environment: Environment,
  faults: string[],
  warnings: string[],
): unknown {
  const { form, fallback, kind } = option
  const name = option.names.find(each => environment[each]?.trim()) ?? option.names[0] ?? ''
  const value = environment[name]?.trim()
  if (option.countsWhenEmpty && value !== undefined) return form.read(value)
  if (!value) {
    if (kind === 'required') faults.push(`${name}: expected ${form.expected}, got nothing`)
    return fallback
  }
  const read = form.read(value)
  if (read !== undefined) {
    const leftOut = form.leftOut?.(value)
    if (leftOut !== undefined)
      warnings.push(`${name}: expected ${form.expected}, got ${quote(leftOut)}; the rest is used`)
    return read
  }
  const got = option.isSecret ? 'something else' : quote(value)
  const fault = `${name}: expected ${form.expected}, got ${got}`
  if (kind === 'telemetry') warnings.push(`${fault}; ${describeFallback(fallback)} is used`)
  else faults.push(fault)
  return fallback
}

/** Who asks for `grpc` is told what is sent in its place. */
function describeFallback(fallback: unknown): string {
  return typeof fallback === 'string' ? `the default, ${fallback},` : 'the default'
}

/** Credentials of a URL are not repeated in a log. */
function quote(value: string): string {
  return JSON.stringify(
    value.replace(/^(\w+:\/\/)?.*@/, '$1[redacted]@').slice(0, MAX_QUOTED_CHARACTERS),
  )
}
