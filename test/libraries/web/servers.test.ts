// Servers that a function listens with itself: what they serve is the invocation's, as if they were called.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { eventOf, serveWeb, type WebCase } from '../../helpers/web-case.ts'
import { rename, testFramework } from '../../helpers/web-table.ts'

const PARSER: SpanTree = ['middleware - jsonParser']

testFramework(t, 'Express on a port', {
  source: 'server.mjs',
  versions: [
    { packages: 'newest', version: '5.3', inBundles: 'all' },
    { packages: 'older', version: '4.22', inBundles: 'nothing' },
  ],
  minify: rename({ jsonParser: 'anonymous' }),
  rows: [
    {
      request: { method: 'GET', path: '/items/3' },
      status: 200,
      spans: ['GET /items/:id', PARSER, ['request handler - /items/:id', ['GET']]],
    },
    {
      request: { method: 'POST', path: '/items/3', body: '{"amount":7}' },
      status: 201,
      spans: ['POST /items/:id', PARSER, ['request handler - /items/:id', ['GET']]],
    },
    {
      request: { method: 'GET', path: '/self/3' },
      status: 200,
      spans: [
        'GET /self/:id',
        PARSER,
        ['request handler - /self/:id', ['GET', PARSER, ['request handler - /inner/:id']]],
      ],
    },
    { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET', PARSER] },
  ],
})

testFramework(t, 'aws-serverless-express', {
  source: 'aws-serverless-express.mjs',
  fronts: ['REST API'],
  versions: [{ packages: 'older', version: '3.4', inBundles: 'nothing' }],
  rows: [
    {
      request: { method: 'GET', path: '/items/3' },
      status: 200,
      spans: ['GET /items/:id', ['request handler - /items/:id', ['GET']]],
    },
    {
      request: { method: 'GET', path: '/items/4' },
      status: 200,
      spans: ['GET /items/:id', ['request handler - /items/:id', ['GET']]],
    },
    { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET'] },
  ],
})

const body = '{"amount":7}'

testFramework(t, 'Servers that start with a request', {
  source: 'servers.mjs',
  forms: ['CommonJS', 'ES module', 'minified bundle with the plugin'],
  versions: [{ packages: 'newest', version: 'of each kind', inBundles: 'nothing' }],
  rows: ['fastify', 'koa', 'plain', 'fastify', 'koa', 'plain'].map(kind => ({
    request: { method: 'POST', path: `/${kind}/3`, body },
    status: 200,
    // Without a framework there is nothing to be told but what is called.
    spans:
      kind === 'plain'
        ? ['POST', ['GET']]
        : [`POST /${kind}/:id`, [`request handler - /${kind}/:id`, ['GET']]],
  })),
})

const get = (path: string): object => eventOf('function URL', { method: 'GET', path })

const serve = (paths: readonly string[], web: Partial<WebCase> = {}): ReturnType<typeof serveWeb> =>
  serveWeb({
    source: 'server.mjs',
    form: 'ES module',
    packages: 'newest',
    events: paths.map(get),
    ...web,
  })

const ITEM: SpanTree = ['GET /items/:id', PARSER, ['request handler - /items/:id', ['GET']]]

t.test('a server that listens no longer is called as any other address', async t => {
  const [served] = await serve(['/closed'])
  t.strictSame(
    [served?.status, served?.body, served?.tree],
    [424, 'ECONNREFUSED', ['GET', ['GET!']]],
  )
})

t.test('invocations side by side have what their own requests led to', async t => {
  const env = { AWS_LAMBDA_MAX_CONCURRENCY: '2', BATON_SHIP: 'now' }
  for (const more of [{}, { OTEL_PROPAGATORS: 'b3' }]) {
    const served = await serve(['/items/3', '/items/4'], { env: { ...env, ...more } })
    t.strictSame(
      served.map(({ tree }) => tree),
      [ITEM, ITEM],
    )
  }
})

t.test("where nothing tells whose of two like requests one is, it is nobody's", async t => {
  const env = { AWS_LAMBDA_MAX_CONCURRENCY: '2', BATON_SHIP: 'now' }
  const paths = ['/items/twin', '/items/twin']
  const told = await serve(paths, { env })
  t.strictSame(
    told.map(({ tree }) => tree),
    [ITEM, ITEM],
  )
  const untold = await serve(paths, { env: { ...env, OTEL_PROPAGATORS: 'none' } })
  t.strictSame(
    untold.map(({ status, tree }) => [status, tree]),
    [
      [200, ['GET']],
      [200, ['GET']],
    ],
  )
})

t.test(
  'a traceparent that the caller sent and the function passes on stays what it is',
  async t => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const event = eventOf('function URL', {
      method: 'POST',
      path: '/items/3',
      body: '{"amount":7}',
    })
    const { headers } = event as { readonly headers: object }
    const served = await serve([], { events: [{ ...event, headers: { ...headers, traceparent } }] })
    t.strictSame(served[0]?.tree, ['POST /items/:id', ...ITEM.slice(1)])
    t.equal(served[0]?.root.traceId, traceparent.split('-')[1])
  },
)

t.test('with node:http switched off, it is a call and no more', async t => {
  const [served] = await serve(['/items/3'], {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' },
  })
  t.strictSame(served?.tree, ['GET', ['GET']])
})
