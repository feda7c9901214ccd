// A server that is AWS where signatures are concerned: it signs each request again with aws4, which has nothing in common
// with our signer, and takes it only where both agree; and answers as a test says.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import aws4 from 'aws4'
import { type LoopbackServer, serveLoopback } from '../../local/http/loopback-server.ts'

export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface AwsRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** What is wrong with its signature; `undefined` where nothing is. */
  readonly flaw: string | undefined
}

export interface AwsAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface AwsServer extends LoopbackServer {
  readonly requests: readonly AwsRequest[]
}

export interface AwsServerOptions {
  readonly service: string
  readonly region: string
  readonly keys: AwsKeys
  /** Its clock, epoch milliseconds; signatures that are five minutes away from it are refused. */
  readonly nowMs?: () => number
  /** For requests that are signed well; others get 403. */
  readonly answer: (request: AwsRequest) => AwsAnswer
}

const MAX_SKEW_MS = 5 * 60_000

export async function startAwsServer(options: AwsServerOptions): Promise<AwsServer> {
  const { nowMs = Date.now, answer } = options
  const requests: AwsRequest[] = []
  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming, options)
    requests.push(request)
    const {
      status = 200,
      headers,
      body = {},
    } = request.flaw
      ? {
          status: 403,
          headers: {},
          body: { __type: 'InvalidSignatureException', message: request.flaw },
        }
      : answer(request)
    response.setHeader('Date', new Date(nowMs()).toUTCString())
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1', ...headers })
    response.end(JSON.stringify(body))
  })
  return { ...(await serveLoopback(server)), requests }
}

async function readRequest(
  incoming: IncomingMessage,
  options: AwsServerOptions,
): Promise<AwsRequest> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  )
  const { method = '', url: path = '' } = incoming
  const request = { method, path, headers, body: await buffer(incoming) }
  return { ...request, flaw: findFlaw(request, options) }
}

type Unchecked = Omit<AwsRequest, 'flaw'>

/** The signature's own headers that must be signed, whatever else is. */
const MUST_BE_SIGNED: readonly string[] = ['host', 'x-amz-date']

function findFlaw(request: Unchecked, options: AwsServerOptions): string | undefined {
  const { keys, nowMs = Date.now } = options
  const {
    authorization = '',
    'x-amz-date': date = '',
    'x-amz-security-token': token,
  } = request.headers
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
  const needed = token === undefined ? MUST_BE_SIGNED : [...MUST_BE_SIGNED, 'x-amz-security-token']
  const missing = needed.filter(name => !names.includes(name))
  if (missing.length > 0) return `not signed: ${missing.join()}`
  if (token !== keys.sessionToken) return 'another session token'
  const dateMs = Date.parse(date.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
  if (!(Math.abs(dateMs - nowMs()) < MAX_SKEW_MS)) return `signed at ${date}`
  const hash = request.headers['x-amz-content-sha256']
  // aws4 takes the header's word for it.
  const isOther = hash !== createHash('sha256').update(request.body).digest('hex')
  if (hash !== undefined && isOther) return 'another body'
  return authorization === signAgain(request, names, options) ? undefined : 'another signature'
}

function signAgain(
  { method, path, headers, body }: Unchecked,
  names: readonly string[],
  { service, region, keys }: AwsServerOptions,
): string {
  const signer = new aws4.RequestSigner(
    {
      service,
      region,
      method,
      path,
      body,
      headers: Object.fromEntries(names.map(name => [name, headers[name] ?? ''])),
      // Signs the headers that are there and adds none.
      doNotModifyHeaders: true,
    },
    keys,
  )
  // It would look for a date among the headers that it adds.
  Object.assign(signer, { datetime: headers['x-amz-date'] })
  return String(signer.sign().headers?.Authorization)
}
