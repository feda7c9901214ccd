// Everything that only exports with AWS's signatures or stores need. A file of its own in the layer (docker/bundle.ts): at
// a cold start it is neither read nor compiled.
import type { OpenHttpClient } from '../../../../runtime/contract.ts'
import type { Authorizer } from '../authorizer.ts'
import { type CredentialOptions, createCredentialSource } from './credentials.ts'
import { createSecretHeaders, type SecretHeaderSettings } from './secret-headers.ts'
import type { SecretStoreOptions } from './secret-store.ts'
import { createSigner, signingScope } from './signer.ts'

/** What signatures and AWS's stores need. */
export interface AwsSettings {
  /** The function's own. */
  readonly region: string | undefined
  readonly credentials: Omit<CredentialOptions, 'openHttpClient'>
  readonly endpoints: SecretStoreOptions['endpoints']
}

export interface AuthorizerOptions {
  /** Where traces go. */
  readonly url: URL
  readonly signedService: string | undefined
  readonly secretHeaders: SecretHeaderSettings | undefined
  readonly aws: AwsSettings
  readonly openHttpClient: OpenHttpClient
}

/** Keys first: they are signed with the rest. */
export function createAuthorizers({
  url,
  signedService,
  secretHeaders,
  aws,
  openHttpClient,
}: AuthorizerOptions): readonly Authorizer[] {
  const { region, endpoints } = aws
  const credentials = createCredentialSource({ ...aws.credentials, openHttpClient })
  const authorizers: Authorizer[] = []
  if (secretHeaders !== undefined) {
    const store = { region, endpoints, credentials, openHttpClient }
    authorizers.push(createSecretHeaders(secretHeaders, store, Date.now))
  }
  const scope = signingScope(url, signedService, region)
  if (scope !== undefined) authorizers.push(createSigner(scope, credentials))
  return authorizers
}
