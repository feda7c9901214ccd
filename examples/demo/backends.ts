// What the function calls, on this machine: a DynamoDB (dynalite) behind a proxy that records each request, and a
// shipping service that records its own.
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http'
import aws4 from 'aws4'
import dynalite from 'dynalite'
import { type LoopbackServer, serveLoopback } from '../../local/http/loopback-server.ts'
import { type RecordedRequest, recordRequest } from './recorded-request.ts'
import type { AwsCredentials } from './sigv4.ts'

export interface RecordingServer extends LoopbackServer {
  readonly requests: readonly RecordedRequest[]
}

/** Quotes a flat price, and keeps what it was asked. */
export async function startShipping(): Promise<RecordingServer> {
  return serveRecorded((_recorded, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ cents: 790, days: 2 }))
  })
}

/** Passes every request on to `port` as it came, and keeps it. */
export async function startRecordingProxy(port: number): Promise<RecordingServer> {
  return serveRecorded(({ method, path, headers, body }, response) => {
    const onward = sendRequest({ host: '127.0.0.1', port, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.writeHead(502).end())
    onward.end(body)
  })
}

async function serveRecorded(
  answer: (request: RecordedRequest, response: ServerResponse) => void,
): Promise<RecordingServer> {
  const requests: RecordedRequest[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const recorded = await recordRequest(request)
    requests.push(recorded)
    answer(recorded, response)
  })
  return { requests, ...(await serveLoopback(server)) }
}

/** A DynamoDB with an empty table whose key is `pk`. */
export async function startDynamoDb(
  table: string,
  credentials: AwsCredentials,
): Promise<LoopbackServer & { readonly put: (item: object) => Promise<void> }> {
  const server = await serveLoopback(dynalite({ createTableMs: 0 }))
  const send = async (operation: string, body: object): Promise<void> => {
    const { headers } = aws4.sign(
      {
        service: 'dynamodb',
        method: 'POST',
        path: '/',
        headers: {
          Host: `127.0.0.1:${server.port}`,
          'Content-Type': 'application/x-amz-json-1.0',
          'X-Amz-Target': `DynamoDB_20120810.${operation}`,
        },
        body: JSON.stringify(body),
      },
      credentials,
    )
    const response = await fetch(server.url, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`)
  }
  await send('CreateTable', {
    TableName: table,
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  return { ...server, put: item => send('PutItem', { TableName: table, Item: item }) }
}
