// What the environment says of tracing, as the tracer takes it.
import { dirname, resolve } from 'node:path'
import type { TracingOptions } from '../instrumentation/tracing.ts'
import type { Config } from './config.ts'
import { VERSION } from './version.ts'

/** Where traces go; `undefined` where there is no tracing. */
export function tracesTarget(config: Config): URL | undefined {
  if (config.isDisabled || config.exporter === 'none') return undefined
  return config.tracesEndpoint ?? tracesUrl(config.endpoint)
}

/** OTEL_EXPORTER_OTLP_ENDPOINT is a base: traces go to `v1/traces` below it. */
function tracesUrl(base: URL | undefined): URL | undefined {
  if (base === undefined) return undefined
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}/v1/traces`
  return url
}

/** OpenTelemetry's collectors take requests of 4 MB and more; a `/tmp` has 512 MB. */
const JOURNAL_MAX_BYTES = 4 * 1024 * 1024
const JOURNAL_ROOT = '/tmp/.baton'
/** A file system's limit is 255; the end of a log stream's name is its random part. */
const MAX_FOLDER_NAME = 200

/** On Lambda `/tmp` is one sandbox's own; where it is not, the function and its log stream tell sandboxes apart. */
function journalSetup(config: Config): TracingOptions['journal'] {
  if (config.journal === 'off') return undefined
  const sandbox = `${config.functionName ?? ''}-${config.logStreamName ?? ''}`
  const folder =
    config.journal === 'on'
      ? `${JOURNAL_ROOT}/${sandbox.replaceAll(/[^\w.-]/g, '_').slice(-MAX_FOLDER_NAME)}`
      : config.journal
  const memoryBytes = Number(config.memoryMb) * 1024 * 1024 || undefined
  return { folder, maxBytes: JOURNAL_MAX_BYTES, memoryBytes }
}

/** What the tracer gets from the runtime beside the options. */
type Given = Pick<TracingOptions, 'userAgent' | 'openHttpClient' | 'log' | 'loadChunk'>

export function tracingOptions(config: Config, url: URL, given: Given): TracingOptions {
  return {
    facts: {
      functionName: config.functionName,
      functionVersion: config.functionVersion,
      memoryMb: config.memoryMb,
      logStreamName: config.logStreamName,
      region: config.region,
      serviceName: config.serviceName,
      resourceAttributes: config.resourceAttributes,
      version: VERSION,
      nodeVersion: process.versions.node,
    },
    url,
    headers: config.headers,
    exportTimeoutMs: config.exportTimeoutMs,
    maxQueueSize: config.maxQueueSize,
    policy: {
      mode: config.shipMode,
      maxDelayMs: config.shipMaxDelayMs,
      maxBatchSpans: config.maxBatchSize,
    },
    mayFreeze: config.maxConcurrency === undefined,
    journal: journalSetup(config),
    limits: {
      attributeCount: config.attributeCountLimit,
      attributeValueLength: config.attributeValueLengthLimit,
      eventCount: config.eventCountLimit,
      linkCount: config.linkCountLimit,
    },
    propagators: config.propagators,
    sampler: config.sampler,
    samplerRatio: config.samplerRatio,
    keep: config.keep,
    responseHeader: config.responseHeader,
    published: config.publishedInstrumentations ?? [],
    logTraceIds: config.logTraceIds,
    moduleFolder: resolve(config.taskRoot ?? '', dirname(config.handler)),
    ...given,
  }
}
