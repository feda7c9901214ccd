// Transports by name. Each is loaded with its first batch, which is after the first response.
import type { SendResult, Transport } from '../transport.ts'
import type { OtlpSettings, OtlpSurroundings } from './connect-otlp.ts'

/** One way to export, as `OTEL_TRACES_EXPORTER` names it. `timeoutMs` is for one request. */
export type ExporterSettings = { readonly timeoutMs: number } & (
  | { readonly name: 'otlp'; readonly otlp: OtlpSettings }
  | { readonly name: 'zipkin'; readonly url: URL }
  | {
      readonly name: 'xray'
      /** `AWS_XRAY_DAEMON_ADDRESS` as it stands there. */
      readonly address: string | undefined
      readonly format: 'segments' | 'otlp'
    }
  | { readonly name: 'console' }
)

export interface TransportSurroundings extends OtlpSurroundings {
  /** Writes one line where the function's log goes; false when not all of it was taken. */
  readonly writeLine: (line: string) => boolean
}

export function createTransport(
  settings: ExporterSettings,
  surroundings: TransportSurroundings,
): Transport {
  let loaded: Transport | undefined
  let loading: Promise<Transport> | undefined
  return {
    async send(batch, timeoutMs): Promise<SendResult> {
      // Without a turn of the event loop: a process that ends has none left.
      if (loaded !== undefined) return loaded.send(batch, timeoutMs)
      loading ??= load(settings, surroundings)
      try {
        loaded = await loading
        return await loaded.send(batch, timeoutMs)
      } catch (error) {
        loading = undefined
        const reason = `the ${settings.name} exporter could not be loaded: ${error}`
        return { status: 'retry', reason }
      }
    },
  }
}

async function load(
  settings: ExporterSettings,
  surroundings: TransportSurroundings,
): Promise<Transport> {
  switch (settings.name) {
    case 'otlp':
      return (await import('./connect-otlp.ts')).connectOtlp(settings.otlp, surroundings)
    case 'zipkin':
      return (await import('./zipkin.ts')).createZipkinTransport({
        ...surroundings,
        url: settings.url,
      })
    case 'xray':
      return (await import('./xray-daemon.ts')).createXRayDaemonTransport(settings)
    case 'console':
      return (await import('./stdout.ts')).createStdoutTransport(surroundings)
  }
}
