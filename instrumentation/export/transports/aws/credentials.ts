// Who we are to AWS. On Lambda the keys stand in the environment and last as long as the process; on Managed Instances
// an endpoint on this machine hands them out, for some hours each.
import type { OpenHttpClient } from '../../../../runtime/contract.ts'
import type { Secret } from '../../../secret.ts'
import { openCollectorClient } from '../collector-client.ts'
import { exchange } from '../exchange.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface CredentialOptions {
  /** Out of the environment; these count first, as in AWS's SDKs. */
  readonly fixed: Secret<AwsCredentials> | undefined
  /** `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
  readonly containerUrl: URL | undefined
  readonly containerToken: Secret<string> | undefined
  /** Read each time: its content changes. */
  readonly containerTokenFile: string | undefined
  readonly openHttpClient: OpenHttpClient
}

export interface CredentialSource {
  /** Rejects, with a message fit for a log, when there are none now. */
  get(timeoutMs: number): Promise<AwsCredentials>
  /** What it gave was refused. True when the next ones may be others. */
  renew(): boolean
}

/** As AWS's SDKs do: what is about to expire is exchanged while it still serves. */
const REFRESH_BEFORE_MS = 5 * 60_000
/** Hosts that may be asked without TLS, as in AWS's SDKs: this machine, ECS's agent and EKS's. */
const PLAIN_HOSTS: readonly string[] = [
  'localhost',
  '[::1]',
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
]

interface Lease {
  readonly credentials: AwsCredentials
  readonly expiresMs: number
}

export function createCredentialSource(options: CredentialOptions): CredentialSource {
  const { fixed, containerUrl } = options
  if (fixed !== undefined) return { get: async () => fixed.reveal(), renew: () => false }
  if (containerUrl === undefined) {
    const get = (): Promise<never> =>
      Promise.reject(new Error('AWS_ACCESS_KEY_ID: expected credentials to sign with, got nothing'))
    return { get, renew: () => false }
  }
  let lease: Lease | undefined
  let asking: Promise<Lease> | undefined
  return {
    async get(timeoutMs) {
      const nowMs = Date.now()
      if (lease !== undefined && nowMs < lease.expiresMs - REFRESH_BEFORE_MS)
        return lease.credentials
      asking ??= askContainer(containerUrl, options, timeoutMs).finally(() => {
        asking = undefined
      })
      try {
        lease = await asking
      } catch (error) {
        // What still serves goes on serving.
        if (lease === undefined || nowMs >= lease.expiresMs) throw error
      }
      return lease.credentials
    },
    renew() {
      const hadOne = lease !== undefined
      lease = undefined
      return hadOne
    },
  }
}

async function askContainer(
  url: URL,
  { containerToken, containerTokenFile, openHttpClient }: CredentialOptions,
  timeoutMs: number,
): Promise<Lease> {
  if (!mayBeAsked(url)) throw fault('expected https, or an address of this machine')
  const token =
    containerTokenFile === undefined ? containerToken?.reveal() : readToken(containerTokenFile)
  const client = openCollectorClient(url, openHttpClient)
  try {
    const headers = { Accept: 'application/json', ...(token && { Authorization: token.trim() }) }
    const path = `${url.pathname}${url.search}`
    const { statusCode, body } = await exchange(client, { method: 'GET', path, headers }, timeoutMs)
    if (statusCode !== 200) throw fault(`the endpoint answered ${statusCode}`)
    return readLease(body.toString('utf8'))
  } finally {
    client.close()
  }
}

function mayBeAsked({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || PLAIN_HOSTS.includes(hostname) || /^127(\.[0-9]+){3}$/.test(hostname)
  )
}

function readToken(path: string): string {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: expected a file, got ${code}`)
  }
}

function readLease(text: string): Lease {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parseObject(text)
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
    throw fault('expected AccessKeyId and SecretAccessKey, got something else')
  }
  const expiresMs = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.NaN
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof Token === 'string' && { sessionToken: Token }),
    },
    expiresMs: Number.isNaN(expiresMs) ? Number.POSITIVE_INFINITY : expiresMs,
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) }
  } catch {
    throw fault('expected JSON, got something else')
  }
}

function fault(message: string): Error {
  return new Error(`AWS_CONTAINER_CREDENTIALS_FULL_URI: ${message}`)
}
