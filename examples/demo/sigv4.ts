// Signature Version 4, seen from the receiving side: a signature is right when signing what arrived, with the same
// secret, gives the same one. The signer is aws4, which has nothing to do with the SDK or with Baton.
import { createHash } from 'node:crypto'
import aws4 from 'aws4'
import type { RecordedRequest } from './recorded-request.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, SignedHeaders=(?<signed>[^,]+), Signature=(?<signature>[0-9a-f]{64})$/

/** The parts of the `authorization` header; `undefined` when it is no SigV4. */
function parseAuthorization(request: RecordedRequest) {
  const { region, service, signed, signature } =
    AUTHORIZATION.exec(request.headers.authorization ?? '')?.groups ?? {}
  if (region === undefined || service === undefined || signed === undefined) return undefined
  return { region, service, signature, names: signed.split(';') }
}

/** Names of the headers that the signature covers. */
export function signedHeaders(request: RecordedRequest): readonly string[] {
  return parseAuthorization(request)?.names ?? []
}

/** True when the signature is the one that this request, as it arrived, should have. */
export function isSignatureRight(request: RecordedRequest, credentials: AwsCredentials): boolean {
  const parsed = parseAuthorization(request)
  if (parsed === undefined) return false
  const { region, service, signature, names } = parsed
  const { method, path, body } = request
  // Where this header stands the signer takes it for the body's hash, so that it has to be one.
  const claimedHash = request.headers['x-amz-content-sha256']
  if (claimedHash !== undefined && claimedHash !== sha256(body)) return false
  const headers = Object.fromEntries(names.map(name => [name, request.headers[name] ?? '']))
  const signed = aws4.sign({ method, path, body, headers, region, service }, credentials)
  const again = AUTHORIZATION.exec(String(signed.headers?.Authorization))?.groups
  return again?.signed === names.join(';') && again.signature === signature
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
