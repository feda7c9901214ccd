// Transports by name. Each is loaded with its first batch, which is after the first response.
import type { SendResult, Transport } from '../transport.ts'
import type { OtlpSettings, OtlpSurroundings } from './connect-otlp.ts'

export interface TransportOptions extends OtlpSurroundings {
  readonly otlp: OtlpSettings
}

export type TransportName = 'otlp'

type Load = (options: TransportOptions) => Promise<Transport>

const LOADERS: { readonly [K in TransportName]: Load } = {
  otlp: async options => (await import('./connect-otlp.ts')).connectOtlp(options.otlp, options),
}

export function createTransport(name: TransportName, options: TransportOptions): Transport {
  let loading: Promise<Transport> | undefined
  return {
    async send(batch, timeoutMs): Promise<SendResult> {
      loading ??= LOADERS[name](options)
      try {
        return await (await loading).send(batch, timeoutMs)
      } catch (error) {
        loading = undefined
        return { status: 'retry', reason: `the ${name} exporter could not be loaded: ${error}` }
      }
    },
  }
}
