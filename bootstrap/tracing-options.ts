// What the environment says of tracing, as the tracer takes it.

import { dirname, resolve } from 'node:path'
import type { OtlpSettings } from '../instrumentation/export/transports/connect-otlp.ts'
import type { ExporterSettings } from '../instrumentation/export/transports/create.ts'
import type { TracingOptions } from '../instrumentation/tracing.ts'
import type { Config } from './config.ts'
import { keyValues, Secret } from './values.ts'
import { VERSION } from './version.ts'

/** The ways to export that have somewhere to send to; none where there is no tracing. */
export function exporterSettings(config: Config): readonly ExporterSettings[] {
  const { exporters } = config
  if (config.isDisabled || exporters.includes('none')) return []
  return exporters.flatMap(name => settingsOf(name, config) ?? [])
}

function settingsOf(
  name: Config['exporters'][number],
  config: Config,
): ExporterSettings | undefined {
  const { exportTimeoutMs: timeoutMs } = config
  switch (name) {
    case 'otlp': {
      const url = config.tracesEndpoint ?? tracesUrl(config.endpoint)
      return url && { name, timeoutMs, otlp: otlpSettings(config, url) }
    }
    case 'zipkin':
      return { name, timeoutMs: config.zipkinTimeoutMs, url: config.zipkinEndpoint }
    case 'xray':
      return { name, timeoutMs, address: config.xrayDaemonAddress, format: config.xrayFormat }
    case 'console':
      return { name, timeoutMs }
    case 'none':
      return undefined
  }
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

function otlpSettings(config: Config, url: URL): OtlpSettings {
  const { protocol, compression, certificate, clientKey, clientCertificate } = config
  return {
    url,
    headers: config.headers,
    format: { protocol, compression },
    tls: { certificate, clientKey, clientCertificate },
    signedService: config.signedService,
    secretHeaders: secretHeaderSettings(config),
    aws: {
      region: config.region,
      credentials: {
        fixed: fixedCredentials(config),
        containerUrl: config.credentialsUrl,
        containerToken: config.credentialsToken,
        containerTokenFile: config.credentialsTokenFile,
      },
      endpoints: { secretsmanager: config.secretsManagerEndpoint, ssm: config.ssmEndpoint },
    },
  }
}

function secretHeaderSettings({
  secretOtlpHeaders,
  secretHeaders,
}: Config): OtlpSettings['secretHeaders'] {
  if (secretOtlpHeaders === undefined && secretHeaders === undefined) return undefined
  return { list: secretOtlpHeaders, single: secretHeaders ?? [], readPairs: keyValues.read }
}

function fixedCredentials(config: Config): OtlpSettings['aws']['credentials']['fixed'] {
  const { accessKeyId, secretAccessKey, sessionToken } = config
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return new Secret({
    accessKeyId: accessKeyId.reveal(),
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken && { sessionToken: sessionToken.reveal() }),
  })
}

function headerCapture(config: Config): TracingOptions['captureHeaders'] {
  const { clientRequestHeaders, clientResponseHeaders } = config
  const { serverRequestHeaders, serverResponseHeaders } = config
  const all = [
    clientRequestHeaders,
    clientResponseHeaders,
    serverRequestHeaders,
    serverResponseHeaders,
  ]
  if (all.every(list => list === undefined)) return undefined
  return {
    client: { request: clientRequestHeaders ?? [], response: clientResponseHeaders ?? [] },
    server: { request: serverRequestHeaders ?? [], response: serverResponseHeaders ?? [] },
  }
}

/** What the tracer gets from the runtime beside the options. */
type Given = Pick<
  TracingOptions,
  'userAgent' | 'openHttpClient' | 'log' | 'loadChunk' | 'readyUptimeMs' | 'writeLine'
>

export function tracingOptions(
  config: Config,
  exporters: readonly ExporterSettings[],
  given: Given,
): TracingOptions {
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
    exporters,
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
      eventAttributeCount: config.eventAttributeCountLimit,
      linkAttributeCount: config.linkAttributeCountLimit,
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
    propagators: config.propagators,
    sampler: config.sampler,
    samplerRatio: config.samplerRatio,
    keep: config.keep,
    responseHeader: config.responseHeader,
    hasInferredSpans: config.inferredSpans,
    hasRecordSpans: config.recordSpans,
    captureHeaders: headerCapture(config),
    checksBundle: config.checksBundle,
    init: config.initSpans ? { minMs: config.initMinMs, maxSpans: config.initMaxSpans } : undefined,
    settings: {
      dbQueryText: config.dbQueryText,
      middlewareSpans: config.middlewareSpans,
      graphqlDocument: config.graphqlDocument,
      capturesMessages: config.capturesMessages,
    },
    published: config.publishedInstrumentations ?? [],
    logTraceIds: config.logTraceIds,
    moduleFolder: resolve(config.taskRoot ?? '', dirname(config.handler)),
    ...given,
  }
}
