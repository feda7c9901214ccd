// Baton as a hop of the relay: the built bootstrap under the emulator, behind a server that makes events of a function
// URL out of requests. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFunction } from '../../local/emulator/function.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { LAYER } from '../helpers/function.ts'
import type { Hop } from './services.ts'

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules')

/** What a user writes who wants baggage: OpenTelemetry's API, and nothing of Baton's. */
const HANDLER = `
import { context, propagation } from '@opentelemetry/api'
export async function handler(event) {
  const { AWS_LAMBDA_FUNCTION_NAME: name } = process.env
  const given = propagation.getActiveBaggage() ?? propagation.createBaggage()
  const baggage = Object.fromEntries(given.getAllEntries().map(([key, { value }]) => [key, value]))
  const [next, ...rest] = (event.queryStringParameters?.route ?? '').split(' ')
  const own = propagation.setBaggage(context.active(), given.setEntry('via-' + name, { value: 'yes' }))
  const call = () => fetch(next + '?route=' + encodeURIComponent(rest.join(' ')))
  const below = next ? await (await context.with(own, call)).json() : undefined
  const headers = { 'content-type': 'application/json' }
  return { statusCode: 200, headers, body: JSON.stringify({ name, baggage, below }) }
}`

export async function startBatonHop(
  name: string,
  collectorUrl: string,
  propagators: string,
): Promise<Hop> {
  const directory = await mkdtemp(join(tmpdir(), 'baton-interop-'))
  await writeFile(join(directory, 'index.mjs'), HANDLER)
  await symlink(PACKAGES, join(directory, 'node_modules'))
  const fn = await startFunction({
    bootstrap: join(LAYER, 'bootstrap'),
    directory,
    name,
    timeoutMs: 60_000,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
      OTEL_PROPAGATORS: propagators,
      BATON_JOURNAL: join(directory, '.journal'),
    },
  })
  const server = await serveLoopback(
    createServer(async (request, response) => {
      const answer = await fn.invoke(eventOf(request))
      const { statusCode = 502, headers = {}, body = answer.body } = JSON.parse(answer.body)
      response.writeHead(statusCode, headers).end(body)
    }),
  )
  return {
    name,
    url: `${server.url}/`,
    async [Symbol.asyncDispose]() {
      await server.close()
      await fn.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function eventOf({ url = '/', method = 'GET', headers }: IncomingMessage): object {
  const { pathname, searchParams, search } = new URL(url, 'http://localhost')
  const domainName = 'abcdefghij.lambda-url.us-east-1.on.aws'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    queryStringParameters: Object.fromEntries(searchParams),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghij',
      domainName,
      domainPrefix: 'abcdefghij',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      requestId: 'a4b8f3a2-8a3b-4f6e-9a3e-3f2b8f5a9d10',
      routeKey: '$default',
      stage: '$default',
      timeEpoch: Date.now(),
    },
    isBase64Encoded: false,
  }
}
