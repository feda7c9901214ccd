// The OTLP transport as the options describe it. What only some functions need, keys and signatures, is loaded for them.
import type { OpenHttpClient } from '../../../runtime/contract.ts'
import type { Secret } from '../../secret.ts'
import type { Transport } from '../transport.ts'
import type { Authorizer, Headers } from './authorizer.ts'
import type { CredentialOptions } from './aws/credentials.ts'
import type { SecretHeaderSettings } from './aws/secret-headers.ts'
import type { SecretStoreOptions } from './aws/secret-store.ts'
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

/** What signatures and AWS's stores need. */
export interface AwsSettings {
  readonly region: string | undefined
  readonly credentials: Omit<CredentialOptions, 'openHttpClient'>
  readonly endpoints: SecretStoreOptions['endpoints']
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
    authorizers: needsAws(settings) ? await createAuthorizers(settings, openHttpClient) : [],
    openHttpClient,
  })
}

function needsAws({ url, signedService, secretHeaders }: OtlpSettings): boolean {
  return (
    signedService !== undefined ||
    secretHeaders !== undefined ||
    url.hostname.includes('.amazonaws.com')
  )
}

/** Keys first: they are signed with the rest. */
async function createAuthorizers(
  { url, signedService, secretHeaders, aws }: OtlpSettings,
  openHttpClient: OpenHttpClient,
): Promise<readonly Authorizer[]> {
  const { createCredentialSource } = await import('./aws/credentials.ts')
  const { createSigner, signingScope } = await import('./aws/signer.ts')
  const credentials = createCredentialSource({ ...aws.credentials, openHttpClient })
  const authorizers: Authorizer[] = []
  if (secretHeaders !== undefined) {
    const { createSecretHeaders } = await import('./aws/secret-headers.ts')
    const store = { region: aws.region, endpoints: aws.endpoints, credentials, openHttpClient }
    authorizers.push(createSecretHeaders(secretHeaders, store, Date.now))
  }
  const scope = signingScope(url, signedService, aws.region)
  if (scope !== undefined) authorizers.push(createSigner(scope, credentials))
  return authorizers
}
