// The OTLP transport as the options describe it. What only some functions need, keys and signatures, is loaded for them.
import type { OpenHttpClient } from '../../../runtime/contract.ts'
import type { Secret } from '../../secret.ts'
import type { Transport } from '../transport.ts'
import type { Authorizer, Headers } from './authorizer.ts'
import type { AwsSettings } from './aws/authorizers.ts'
import type { SecretHeaderSettings } from './aws/secret-headers.ts'
import type { TlsFiles } from './collector-client.ts'
import type { OtlpFormat } from './otlp-body.ts'
import { createOtlpHttpTransport } from './otlp-http.ts'

export interface OtlpSettings {
  /** Where traces go, path included. */
  readonly url: URL
  readonly headers: Secret<Headers> | undefined
  readonly format: OtlpFormat
  readonly tls: TlsFiles
  /** AWS's name of the service that requests are signed for; absent means X-Ray's own hosts only. */
  readonly signedService: string | undefined
  readonly secretHeaders: SecretHeaderSettings | undefined
  readonly aws: AwsSettings
}

export interface OtlpSurroundings {
  readonly userAgent: string
  readonly openHttpClient: OpenHttpClient
}

export async function connectOtlp(
  settings: OtlpSettings,
  { userAgent, openHttpClient }: OtlpSurroundings,
): Promise<Transport> {
  const { url, headers, format, tls } = settings
  return createOtlpHttpTransport({
    url,
    headers: headers?.reveal() ?? {},
    userAgent,
    format,
    tls,
    authorizers: await connectAuthorizers(settings, openHttpClient),
    openHttpClient,
  })
}

async function connectAuthorizers(
  { url, signedService, secretHeaders, aws }: OtlpSettings,
  openHttpClient: OpenHttpClient,
): Promise<readonly Authorizer[]> {
  // The signer looks closer at the host.
  const mayBeSigned = signedService !== undefined || url.hostname.startsWith('xray.')
  if (!mayBeSigned && secretHeaders === undefined) return []
  const { createAuthorizers } = await import('./aws/authorizers.ts')
  return createAuthorizers({ url, signedService, secretHeaders, aws, openHttpClient })
}
