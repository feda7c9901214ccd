// A function that serves requests by a web framework, in the forms in which functions are deployed: what it answers, and the
// spans of each request as a tree.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startFunction } from './function.ts'
import { type Form, installPackages, isBundle, makeForm, type Packages } from './library-forms.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'
import { hasInvocations, invocationSpan, markedTree, spansBelow } from './span-tree.ts'

const ROOT = join(import.meta.dirname, '..')
const readEvent = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(ROOT, 'fixtures', 'events', `${name}.json`), 'utf8'))

export interface WebRequest {
  readonly method: string
  readonly path: string
  readonly body?: string | undefined
}

/** A request as services in front of a function send it: a function URL, or a REST API that leaves all paths to it. */
export type Front = 'function URL' | 'REST API' | 'HTTP API'

export function eventOf(front: Front, { method, path, body }: WebRequest): object {
  const json = { 'content-type': 'application/json' }
  if (front === 'REST API') {
    const event = readEvent('api-gateway-rest-proxy')
    const headers = { Host: 'api.example.com', ...json }
    const multi = Object.entries(headers).map(([name, value]) => [name, [value]])
    return {
      ...event,
      path,
      pathParameters: { proxy: path.slice(1) },
      httpMethod: method,
      headers,
      multiValueHeaders: Object.fromEntries(multi),
      body: body ?? null,
    }
  }
  const name = front === 'HTTP API' ? 'api-gateway-http-default' : 'function-url'
  const event = readEvent(name)
  const { requestContext, headers } = event as {
    requestContext: { http: object }
    headers: Record<string, string>
  }
  const { 'content-length': _, ...others } = headers
  return {
    ...event,
    rawPath: path,
    rawQueryString: '',
    queryStringParameters: {},
    body,
    isBase64Encoded: false,
    headers: { ...others, ...json },
    requestContext: {
      ...requestContext,
      http: { ...requestContext.http, method, path },
    },
  }
}

export interface WebCase {
  readonly source: string
  readonly form: Form
  readonly packages: Packages
  /** Packages by the names that the folder has them under. */
  readonly alias?: Readonly<Record<string, string>> | undefined
  readonly events: readonly object[]
  readonly env?: Readonly<Record<string, string>>
}

export interface ServedRequest {
  /** Of the handler's answer. */
  readonly status: unknown
  readonly body: string
  readonly operation: string
  /** Of the invocation. */
  readonly root: CollectedSpan
  /** All below it. */
  readonly spans: readonly CollectedSpan[]
  /** Names, with a `!` where a span failed. */
  readonly tree: SpanTree
}

/** Serves the events one after another. */
export async function serveWeb(web: WebCase): Promise<readonly ServedRequest[]> {
  await using collector = await startCollector()
  // Before it is stopped: the last ones may leave after the answer.
  const answers = await run(web, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, () =>
    collector.waitForSpans(hasInvocations(web.events.length)),
  )
  const all = collector.spans
  return answers.map((answer, index) => {
    const root = invocationSpan(all, `req-${index}`)
    const below = spansBelow(root, all)
    return { ...answer, root, spans: below, tree: markedTree(root, below) }
  })
}

/** What the function answers without tracing. */
export const answersUntraced = (web: WebCase): Promise<readonly object[]> =>
  run(web, { OTEL_SDK_DISABLED: 'true' }, async () => {})

interface Answer {
  readonly status: unknown
  readonly body: string
  readonly operation: string
}

async function run(
  { source, form, packages, alias = {}, events, env }: WebCase,
  tracing: Readonly<Record<string, string>>,
  settled: () => Promise<unknown>,
): Promise<readonly Answer[]> {
  const folder = await installPackages('web', packages)
  const [name, text] = await makeForm({ family: 'web', source, form, packages: folder, alias })
  await using service = await startService()
  await using fn = await startFunction({
    files: { [name]: text },
    hasPackages: isBundle(form) ? false : folder,
    events: events.map(event => ({ body: JSON.stringify(event) })),
    env: {
      SERVICE_URL: service.url,
      NODE_ENV: 'test',
      NODE_NO_WARNINGS: '1',
      BATON_BUNDLE_CHECK: 'false',
      ...tracing,
      ...env,
    },
  })
  await fn.answered(events.length)
  const said = fn.stdout() + fn.stderr()
  if (said !== '') throw new Error(`expected no output, got ${said}`)
  await settled()
  return fn.api.posts.map(({ body, operation }) => {
    const answer = JSON.parse(body || 'null') as { statusCode?: unknown; body?: unknown } | null
    return { operation, status: answer?.statusCode, body: String(answer?.body ?? body) }
  })
}

/** What handlers call: their span is to be the call's parent. */
async function startService(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) => response.end('ok'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
