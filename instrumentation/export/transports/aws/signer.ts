// Signs requests to AWS, and learns from refusals: of a clock that is wrong, and of keys that have expired.
import type { HttpResponse } from '../../../../runtime/contract.ts'
import type { Authorizer } from '../authorizer.ts'
import { readDate } from '../retry-after.ts'
import type { CredentialSource } from './credentials.ts'
import { type SigningScope, signRequest } from './signature.ts'

/** AWS refuses what is five minutes off. */
const MAX_SKEW_MS = 4 * 60_000
/** `xray.eu-central-1.amazonaws.com`, China's, and those that have IPv6. */
const XRAY_HOST = /^xray\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/
/** Other services and private endpoints have the region somewhere before AWS's suffix. */
const AWS_HOST =
  /\.([a-z]{2}(?:-[a-z]+)+-[0-9]+)\.(?:[a-z0-9.-]+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws)$/

/**
 * What requests to an address are signed for: `service` where it is given, X-Ray where the host is X-Ray's own, else
 * nothing. The host's region goes before the function's.
 */
export function signingScope(
  { hostname }: URL,
  service: string | undefined,
  region: string | undefined,
): SigningScope | undefined {
  const xrayRegion = XRAY_HOST.exec(hostname)?.[1]
  if (service === undefined) {
    return xrayRegion === undefined ? undefined : { service: 'xray', region: xrayRegion }
  }
  const hostRegion = xrayRegion ?? AWS_HOST.exec(hostname)?.[1] ?? region
  return { service, region: hostRegion ?? 'us-east-1' }
}

export function createSigner(scope: SigningScope, credentials: CredentialSource): Authorizer {
  /** How far AWS's clock is ahead of this machine's. */
  let skewMs = 0
  return {
    async authorize(request, timeoutMs) {
      const keys = await credentials.get(timeoutMs)
      return signRequest(request, scope, keys, new Date(Date.now() + skewMs))
    },
    learn: response => {
      const serverMs = readDate(response.headers)
      const offMs = serverMs === undefined ? skewMs : serverMs - Date.now()
      if (Math.abs(offMs - skewMs) > MAX_SKEW_MS) {
        skewMs = offMs
        return true
      }
      return isOfKeys(response) && credentials.renew()
    },
  }
}

/** 400 has many other reasons. */
function isOfKeys({ statusCode }: HttpResponse): boolean {
  return statusCode === 401 || statusCode === 403
}
