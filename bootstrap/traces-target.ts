// Where the environment says that traces go.
import type { Config } from './config.ts'

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
