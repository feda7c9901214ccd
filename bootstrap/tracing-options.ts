// What the environment says of tracing, as the tracer takes it.
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
    limits: {
      attributeCount: config.attributeCountLimit,
      attributeValueLength: config.attributeValueLengthLimit,
      eventCount: config.eventCountLimit,
      linkCount: config.linkCountLimit,
    },
    instrumentations: {
      enabled: config.enabledInstrumentations,
      disabled: config.disabledInstrumentations ?? [],
    },
    injection: config.injection,
    modules: {
      taskRoot: config.taskRoot,
      handler: config.handler,
      nodePath: config.nodePath,
    },
    ...given,
  }
}
