// Published @opentelemetry/instrumentation-* packages, unchanged, by BATON_INSTRUMENTATIONS: their spans join the trace.
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'

interface Published {
  readonly names: readonly string[]
  /** Beside the handler; it may use `get(url)`, `SERVICE_URL` and `REDIS_PORT`. */
  readonly before: string
  readonly handler: string
  /** Scope and name of spans below the invocation's, with their parent's name; `fn` is the invocation. */
  readonly spans: readonly (readonly [scope: string, name: string, parent: string])[]
}

const SERVE = `
  const serve = async app => {
    const server = app.listen(0)
    await new Promise(resolve => server.once('listening', resolve))
    const answer = await (await fetch('http://127.0.0.1:' + server.address().port + '/orders/7')).text()
    server.close()
    return answer
  }`

const PUBLISHED: Readonly<Record<string, Published>> = {
  http: {
    names: ['http'],
    before: `const http = require('node:http')`,
    handler: `await new Promise((resolve, reject) =>
      http.get(process.env.SERVICE_URL, r => r.resume().on('end', resolve)).on('error', reject))`,
    spans: [['http', 'GET', 'fn']],
  },
  undici: {
    names: ['undici'],
    before: '',
    handler: `await (await fetch(process.env.SERVICE_URL)).text()`,
    spans: [['undici', 'GET', 'fn']],
  },
  express: {
    names: ['http', 'express', 'undici'],
    before: `const app = require('express')(); app.get('/orders/:id', (request, response) => response.send('ok'))${SERVE}`,
    handler: `await serve(app)`,
    spans: [
      ['undici', 'GET', 'fn'],
      ['http', 'GET /orders/:id', 'GET'],
      ['express', 'request handler', 'GET /orders/:id'],
    ],
  },
  koa: {
    names: ['http', 'koa'],
    before: `const Koa = require('koa'); const app = new Koa(); app.use(async function answer(c) { c.body = 'ok' })${SERVE}`,
    handler: `await serve(app)`,
    spans: [
      ['baton', 'GET', 'fn'],
      ['http', 'GET', 'GET'],
      ['koa', 'middleware - answer', 'GET'],
    ],
  },
  'generic-pool': {
    names: ['generic-pool'],
    before: `const pool = require('generic-pool').createPool({ create: async () => ({}), destroy: async () => {} }, {})`,
    handler: `await pool.use(async () => 1)`,
    spans: [['generic-pool', 'generic-pool.acquire', 'fn']],
  },
  dataloader: {
    names: ['dataloader'],
    before: `const Loader = require('dataloader')`,
    handler: `await new Loader(async keys => keys).load(1)`,
    spans: [
      ['dataloader', 'dataloader.load', 'fn'],
      ['dataloader', 'dataloader.batch', 'dataloader.load'],
    ],
  },
  graphql: {
    names: ['graphql'],
    before: `const { graphql, buildSchema } = require('graphql'); const schema = buildSchema('type Query { price: Int }')`,
    handler: `await graphql({ schema, source: '{ price }', rootValue: { price: () => 7 } })`,
    spans: [
      ['graphql', 'graphql.parse', 'fn'],
      ['graphql', 'graphql.validate', 'fn'],
      ['graphql', 'query', 'fn'],
      ['graphql', 'graphql.resolve price', 'query'],
    ],
  },
  fs: {
    names: ['fs'],
    before: `const fs = require('node:fs')`,
    handler: `fs.readFileSync(__filename)`,
    spans: [['fs', 'fs readFileSync', 'fn']],
  },
  dns: {
    names: ['dns'],
    before: `const dns = require('node:dns')`,
    handler: `await new Promise(resolve => dns.lookup('localhost', resolve))`,
    spans: [['dns', 'dns.lookup', 'fn']],
  },
  net: {
    names: ['net'],
    before: `const net = require('node:net')`,
    handler: `await new Promise(resolve => {
      const socket = net.connect(process.env.REDIS_PORT, '127.0.0.1', () => socket.destroy())
      socket.once('close', resolve)
    })`,
    spans: [['net', 'tcp.connect', 'fn']],
  },
  ioredis: {
    names: ['ioredis#IORedisInstrumentation'],
    before: `const Redis = require('ioredis')`,
    handler: `const redis = new Redis({ port: process.env.REDIS_PORT, enableReadyCheck: false, lazyConnect: true,
        disableClientInfo: true })
      await redis.connect(); await redis.set('k', 'v'); redis.disconnect()`,
    spans: [
      ['ioredis', 'connect', 'fn'],
      ['ioredis', 'set', 'fn'],
    ],
  },
  pg: {
    names: ['pg'],
    before: `const { Client } = require('pg')`,
    handler: `await new Client({ host: '127.0.0.1', port: 2 }).connect().catch(() => {})`,
    spans: [['pg', 'pg.connect', 'fn']],
  },
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const redisPort = await listen(
  createServer(socket =>
    socket
      .on('error', () => {})
      .on('data', data => {
        for (const _ of String(data).matchAll(/^\*\d+\r$/gm)) socket.write('+OK\r\n')
      }),
  ),
)
const seen: (string | undefined)[] = []
const serviceUrl = `http://127.0.0.1:${await listen(
  createHttpServer((request, response) => {
    seen.push(request.headers.traceparent as string | undefined)
    response.end('ok')
  }),
)}`

const full = (name: string): string => `@opentelemetry/instrumentation-${name}`

function describe(spans: readonly CollectedSpan[]): string[] {
  const root = spans.find(span => span.name === 'fn')
  const below = spans.filter(span => span !== root && span.traceId === root?.traceId)
  return below.map(span => {
    const parent = spans.find(each => each.spanId === span.parentSpanId)
    const scope = span.scope.name.replace(full(''), '')
    return [scope, span.name, parent?.name].join()
  })
}

for (const [name, { names, before, handler, spans: expected }] of Object.entries(PUBLISHED)) {
  t.test(`${full(name)} runs unchanged, and no call has two spans`, async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: { 'index.js': `${before}\nexports.handler = async () => { ${handler} }` },
      hasPackages: true,
      events: [{}],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        BATON_INSTRUMENTATIONS: names.map(full).join(', '),
        SERVICE_URL: serviceUrl,
        REDIS_PORT: String(redisPort),
        NODE_ENV: 'test',
      },
    })
    await fn.answered(1)
    t.equal(fn.api.posts[0]?.operation, 'response', fn.stdout() + fn.stderr())
    // What a module does as it loads, outside of any invocation, is a trace of its own.
    const spans = await collector.waitForSpans(spans => {
      const { traceId } = spans.find(span => span.name === 'fn') ?? {}
      return spans.filter(span => span.traceId === traceId).length > expected.length
    }, 3000)
    t.strictSame(describe(spans).sort(), expected.map(each => each.join()).sort())
    t.equal(fn.stdout() + fn.stderr(), '')
  })
}

t.test('what is sent carries the context of their spans', async t => {
  t.ok(seen.length >= 2)
  t.ok(seen.every(each => each?.startsWith('00-5bef4de7ad49b0e87f6ef6c87fc2e700-')))
})

/** The newest generation, which needs the newest API, as a function of its own would have it. */
async function installNewest(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'baton-packages-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const folder = join(root, 'node_modules')
  const packages = join(import.meta.dirname, '..', '..', 'node_modules')
  const scope = join(folder, '@opentelemetry')
  await mkdir(scope, { recursive: true })
  for (const name of await readdir(packages)) {
    if (name !== '@opentelemetry') await symlink(join(packages, name), join(folder, name))
  }
  await symlink(
    join(packages, '@opentelemetry', 'semantic-conventions'),
    join(scope, 'semantic-conventions'),
  )
  for (const [name, from] of Object.entries({
    api: 'api-1-10',
    'instrumentation-graphql': 'instrumentation-graphql-0-72',
    'instrumentation-generic-pool': 'instrumentation-generic-pool-0-67',
  })) {
    // A link would lead its own imports back to this repository's API.
    await cp(join(packages, from), join(scope, name), { recursive: true })
  }
  return folder
}

t.test('ES modules: what they import is hooked, by the hooks of the package itself', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.mjs': `
        import { graphql, buildSchema } from 'graphql'
        import pool from 'generic-pool'
        const schema = buildSchema('type Query { price: Int }')
        const one = pool.createPool({ create: async () => ({}), destroy: async () => {} }, {})
        export const handler = async () => {
          await graphql({ schema, source: '{ price }', rootValue: { price: 7 } })
          await one.use(async () => 1)
        }`,
    },
    hasPackages: await installNewest(),
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_INSTRUMENTATIONS: ['graphql', 'generic-pool'].map(full).join(),
    },
  })
  await fn.answered(1)
  t.equal(fn.stdout() + fn.stderr(), '')
  const spans = await collector.waitForSpans(5, 3000)
  const names = spans.map(({ name }) => name)
  for (const name of ['graphql.parse', 'query', 'generic-pool.acquire'])
    t.ok(names.includes(name), names.join())
})

t.test('a package that is not there costs one warning, and the others are loaded', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `const Loader = require('dataloader')
        exports.handler = async () => { await new Loader(async keys => keys).load(1) }`,
    },
    hasPackages: true,
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_INSTRUMENTATIONS: `not-there,${full('dataloader')},${full('pg')}#AttributeNames,winston`,
    },
  })
  await fn.answered(1)
  await collector.waitForSpans(3)
  const lines = fn.stdout().trimEnd().split('\n')
  t.match(lines, [
    /BATON_INSTRUMENTATIONS: not-there could not be loaded: Error: Cannot find module 'not-there'/,
    /-pg#AttributeNames could not be loaded: TypeError: expected a class with setTracerProvider/,
    /winston could not be loaded: TypeError: expected a class/,
  ])
  t.equal(lines.length, 3)
})

t.test(
  'of its own connections to the collector Baton makes no spans, whatever is loaded',
  async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: { 'index.js': 'exports.handler = async () => 1' },
      hasPackages: true,
      events: [{}, {}, {}],
      env: {
        // A name: it is looked up, and connected to by way of node:net.
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace('127.0.0.1', 'localhost'),
        BATON_INSTRUMENTATIONS: ['net', 'dns', 'http'].map(full).join(),
        BATON_SHIP: 'now',
      },
    })
    await fn.answered(3)
    const spans = await collector.waitForSpans(3)
    t.strictSame(
      spans.map(({ name }) => name),
      ['fn', 'fn', 'fn'],
    )
  },
)
