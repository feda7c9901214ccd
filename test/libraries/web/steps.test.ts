// What holds for every web framework: the switch, the limit, requests side by side, and whose route counts.
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages, makeForm } from '../../helpers/library-forms.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { eventOf, serveWeb, type WebCase } from '../../helpers/web-case.ts'

const get = (path: string): object => eventOf('function URL', { method: 'GET', path })

const serve = (path: string, web: Partial<WebCase> = {}): ReturnType<typeof serveWeb> =>
  serveWeb({
    source: 'steps.mjs',
    form: 'ES module',
    packages: 'newest',
    events: [get(path)],
    ...web,
  })

t.test(
  '48 middlewares of an invocation have spans at most, and what is behind them too',
  async t => {
    const [served] = await serve('/many/3')
    t.equal(served?.status, 200)
    t.strictSame(
      served?.spans.map(({ name }) => name),
      [...Array(48).fill('middleware - anonymous'), 'request handler - /many/:id'],
    )
    t.equal(served?.root.name, 'GET /many/:id')
    t.equal(served?.root.attributes['http.route'], '/many/:id')
  },
)

t.test('BATON_MIDDLEWARE_SPANS=false leaves handlers and routes', async t => {
  const [served] = await serve('/many/3', { env: { BATON_MIDDLEWARE_SPANS: 'false' } })
  t.strictSame(served?.tree, ['GET /many/:id', ['request handler - /many/:id']])
})

t.test('a framework that is switched off has neither spans nor a route', async t => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'express' }
  const [newest] = await serve('/many/3', { env })
  const [older] = await serve('/many/3', { env, packages: 'older' })
  t.strictSame([newest?.tree, older?.tree], [['GET'], ['GET']])
})

t.test('a route that API Gateway names stands', async t => {
  const event = {
    ...eventOf('REST API', { method: 'GET', path: '/many/3' }),
    resource: '/many/{id}',
    pathParameters: { id: '3' },
  }
  const [served] = await serve('', { events: [event] })
  t.equal(served?.root.name, 'GET /many/{id}')
  t.equal(served?.root.attributes['http.route'], '/many/{id}')
  t.equal(served?.spans.at(-1)?.name, 'request handler - /many/:id')
})

t.test('requests side by side have their own steps, calls and routes', async t => {
  for (const packages of ['newest', 'older'] as const) {
    const [first, second] = await serve('', {
      packages,
      events: [get('/meet/ann'), get('/meet/bob')],
      env: { AWS_LAMBDA_MAX_CONCURRENCY: '2' },
    })
    for (const [served, who] of [
      [first, 'ann'],
      [second, 'bob'],
    ] as const) {
      t.strictSame(served?.tree, [
        'GET /meet/:who',
        ['middleware - meet'],
        ['request handler - /meet/:who', ['GET']],
      ])
      t.ok(
        served?.spans.some(span => String(span.attributes['url.full']).endsWith(`/${who}`)),
        `${packages}: ${who}`,
      )
    }
  }
})

t.test('two copies of Express at once are both seen', async t => {
  const [newest, older] = await Promise.all([
    installPackages('web', 'newest'),
    installPackages('web', 'older'),
  ])
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `
        const serverlessHttp = require('${newest}/serverless-http')
        const apps = ['${newest}', '${older}'].map(packages => {
          const app = require(packages + '/express')()
          app.get('/of/:id', (request, response) => response.json(request.params))
          return serverlessHttp(app)
        })
        let calls = 0
        exports.handler = (event, context) => apps[calls++](event, context)`,
    },
    events: [get('/of/1'), get('/of/2')].map(event => ({ body: JSON.stringify(event) })),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(2)
  t.equal(fn.stdout() + fn.stderr(), '')
  const spans = await collector.waitForSpans(4)
  t.strictSame(spans.map(({ name }) => name).sort(), [
    'GET /of/:id',
    'GET /of/:id',
    'request handler - /of/:id',
    'request handler - /of/:id',
  ])
})

t.test('serverless-adapter leads to Express as the other adapters do', async t => {
  const [served] = await serve('', {
    source: 'serverless-adapter.mjs',
    events: [eventOf('HTTP API', { method: 'GET', path: '/items/3' })],
  })
  t.equal(served?.status, 200)
  t.strictSame(served?.tree, ['GET /items/:id', ['request handler - /items/:id']])
})

// middy's is too small to be taken for a bundle.
t.test('of a bundle that holds what nothing sees, the log says so', async t => {
  for (const [source, packages, unseen] of [
    ['express.mjs', 'older', 'express'],
    ['koa.mjs', 'newest', 'koa'],
    ['hono.mjs', 'newest', 'hono'],
    ['hapi.mjs', 'newest', 'hapi'],
    ['graphql.mjs', 'newest', 'graphql'],
  ] as const) {
    const folder = await installPackages('web', packages)
    const form = 'minified bundle'
    const [name, text] = await makeForm({ family: 'web', source, form, packages: folder })
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: { [name]: text },
      events: [{ body: JSON.stringify(get('/not/there')) }],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_NO_WARNINGS: '1' },
    })
    await fn.answered(1)
    t.match(fn.stdout(), `baton: the bundle holds ${unseen}, and nothing sees`)
  }
})
