// What stands in front of a function that is called by HTTP: each request becomes an event, each result an answer.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { type LoopbackServer, serveLoopback } from '../../../local/http/loopback-server.ts'

export type FrontKind = 'function URL' | 'HTTP API' | 'REST API' | 'load balancer'

export interface HttpResult {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
  readonly body?: string
}

export function serveHttpFront(
  kind: FrontKind,
  invoke: (event: object) => Promise<unknown>,
): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    const result = (await invoke(EVENTS[kind](request, await text(request)))) as HttpResult
    const headers = { ...result.headers, ...result.multiValueHeaders }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.writeHead(result.statusCode).end(result.body)
  })
  return serveLoopback(server)
}

type ToEvent = (request: IncomingMessage, body: string) => object

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const payload2 =
  (domainName: string, routeKey: string): ToEvent =>
  (request, body) => {
    const { method = '', path, query } = partsOf(request)
    return {
      version: '2.0',
      routeKey,
      rawPath: path,
      rawQueryString: query,
      headers: single(request),
      requestContext: {
        accountId: '123456789012',
        apiId: 'r3pmxmplak',
        domainName,
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        requestId: randomUUID(),
        routeKey,
        stage: '$default',
        time: new Date().toUTCString(),
        timeEpoch: Date.now(),
      },
      body,
      isBase64Encoded: false,
    }
  }

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html: names in the caller's case. */
const payload1: ToEvent = (request, body) => {
  const { method, path } = partsOf(request)
  const { headers, multiValueHeaders } = asTheyCame(request)
  return {
    resource: '/stock/{id}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders,
    requestContext: {
      resourcePath: '/stock/{id}',
      httpMethod: method,
      path: `/prod${path}`,
      stage: 'prod',
      apiId: 'gy415nuibc',
      requestId: randomUUID(),
      requestTimeEpoch: Date.now(),
      identity: { sourceIp: '127.0.0.1' },
    },
    body,
    isBase64Encoded: false,
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html, with lists of values. */
const loadBalancer: ToEvent = (request, body) => {
  const { method, path } = partsOf(request)
  const headers = Object.entries(single(request)).map(([name, value]) => [name, [value]])
  const targetGroupArn =
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/stock/49e9d65c45c6791a'
  return {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: method,
    path,
    multiValueQueryStringParameters: {},
    multiValueHeaders: Object.fromEntries(headers),
    body,
    isBase64Encoded: false,
  }
}

const EVENTS: Readonly<Record<FrontKind, ToEvent>> = {
  'function URL': payload2('r3pmxmplak.lambda-url.us-east-1.on.aws', '$default'),
  'HTTP API': payload2('r3pmxmplak.execute-api.us-east-1.amazonaws.com', 'GET /stock/{id}'),
  'REST API': payload1,
  'load balancer': loadBalancer,
}

function partsOf({ method, url = '' }: IncomingMessage) {
  const [path = '', query = ''] = url.split('?')
  return { method, path, query }
}

const single = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

function asTheyCame({ rawHeaders }: IncomingMessage) {
  const headers: Record<string, string> = {}
  const multiValueHeaders: Record<string, string[]> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    headers[name] = value
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value]
  }
  return { headers, multiValueHeaders }
}
