// One secret out of AWS Secrets Manager or Systems Manager Parameter Store, by one signed request of our own: the AWS SDK
// would cost more than everything else here together.
import type { OpenHttpClient } from '../../../../runtime/contract.ts'
import { isDistrust } from '../authorizer.ts'
import { openCollectorClient } from '../collector-client.ts'
import { exchange } from '../exchange.ts'
import type { CredentialSource } from './credentials.ts'
import type { SecretReference } from './secret-reference.ts'
import { createSigner } from './signer.ts'

export interface SecretStoreOptions {
  /** The function's own. */
  readonly region: string | undefined
  /** In place of AWS's own addresses. */
  readonly endpoints: Readonly<Record<SecretReference['store'], URL | undefined>>
  readonly credentials: CredentialSource
  readonly openHttpClient: OpenHttpClient
}

interface Call {
  readonly target: string
  readonly input: object
}

/** Rejects, with a message that names neither the secret nor its value. */
export async function readSecret(
  reference: SecretReference,
  options: SecretStoreOptions,
  timeoutMs: number,
): Promise<string> {
  const { store, key } = reference
  const call = toCall(reference)
  const answer = await callAws(call, reference, options, timeoutMs)
  const text = store === 'ssm' ? readParameter(answer) : readSecretString(answer)
  if (text === undefined) throw new Error(`${operationOf(call)} answered without a value`)
  // A line break at the end is a file's, not the key's.
  const value = (key === undefined ? text : readKey(text, key)).trim()
  if (value === '') throw new Error(`${operationOf(call)} answered with an empty value`)
  return value
}

function toCall({ store, id }: SecretReference): Call {
  return store === 'ssm'
    ? { target: 'AmazonSSM.GetParameter', input: { Name: id, WithDecryption: true } }
    : { target: 'secretsmanager.GetSecretValue', input: { SecretId: id } }
}

async function callAws(
  call: Call,
  reference: SecretReference,
  options: SecretStoreOptions,
  timeoutMs: number,
): Promise<unknown> {
  const { store } = reference
  const region = reference.region ?? options.region
  if (region === undefined)
    throw new Error('AWS_REGION: expected the region of the secret, got nothing')
  const url = options.endpoints[store] ?? awsUrl(store, region)
  const untilMs = Date.now() + timeoutMs
  const leftMs = (): number => Math.max(1, untilMs - Date.now())
  const body = Buffer.from(JSON.stringify(call.input))
  const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': call.target }
  const signer = createSigner({ service: store, region }, options.credentials)
  const client = openCollectorClient(url, options.openHttpClient)
  try {
    for (let attempt = 1; ; attempt++) {
      const unsigned = { method: 'POST', url, headers, body } as const
      const signed = await signer.authorize(unsigned, leftMs())
      const path = `${url.pathname}${url.search}`
      const request = { method: 'POST', path, headers: signed, body } as const
      const response = await exchange(client, request, leftMs())
      if (response.statusCode === 200) return parseJson(response.body.toString('utf8'))
      const mayRepeat = attempt === 1 && isDistrust(response.statusCode) && signer.learn(response)
      if (!mayRepeat) throw new Error(describeRefusal(call, response.statusCode, response.body))
    }
  } finally {
    client.close()
  }
}

function awsUrl(store: SecretReference['store'], region: string): URL {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return new URL(`https://${store}.${region}.${suffix}/`)
}

/** Of AWS's own words the type only: its message names the secret and who asked. */
function describeRefusal(call: Call, statusCode: number, body: Buffer): string {
  const type = own(parseJson(body.toString('utf8')), '__type')
  const name = typeof type === 'string' ? /[A-Za-z]{1,60}$/.exec(type)?.[0] : undefined
  return `${operationOf(call)} answered ${statusCode}${name === undefined ? '' : ` ${name}`}`
}

function operationOf({ target }: Call): string {
  return target.slice(target.indexOf('.') + 1)
}

function readParameter(answer: unknown): string | undefined {
  const value = own(own(answer, 'Parameter'), 'Value')
  return typeof value === 'string' ? value : undefined
}

function readSecretString(answer: unknown): string | undefined {
  const text = own(answer, 'SecretString')
  if (typeof text === 'string') return text
  const binary = own(answer, 'SecretBinary')
  return typeof binary === 'string' ? Buffer.from(binary, 'base64').toString('utf8') : undefined
}

function readKey(text: string, key: string): string {
  const value = own(parseJson(text), key)
  if (typeof value !== 'string')
    throw new Error('expected a JSON object with the field that is named')
  return value
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
