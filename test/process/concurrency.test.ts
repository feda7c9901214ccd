// C153 and C161-C170: Managed Instances. Invocations side by side in one process, none of which sees another.
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type FunctionOptions, type StartedFunction, startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const start = (
  code: string,
  options: Partial<FunctionOptions> & { concurrency?: string } = {},
): Promise<StartedFunction> =>
  startFunction({
    files: { 'index.js': code },
    ...options,
    env: { AWS_LAMBDA_MAX_CONCURRENCY: options.concurrency ?? '4', ...options.env },
  })

/** JSON log lines. */
const lines = (fn: StartedFunction): Record<string, unknown>[] =>
  fn
    .stdout()
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

for (const [value, pending] of [
  ['4', 4],
  ['1', 1],
  ['', 64],
] as const) {
  t.test(
    `C161 C163 AWS_LAMBDA_MAX_CONCURRENCY="${value}": ${pending} pending requests for an event`,
    async t => {
      await using fn = await start('exports.handler = async () => 1', { concurrency: value })
      await fn.api.until(({ nexts }) => nexts.length === pending)
      fn.api.push({})
      await fn.api.until(({ nexts }) => nexts.length === pending + 1)
      t.match(fn.api.posts, [{ body: '1' }])
    },
  )
}

t.test('C169 C153 three at once: side by side, each with its own ids, store and log', async t => {
  // None goes on before all three have begun: only side by side can they end at all.
  const code = `let begun = 0, release
  const allHaveBegun = new Promise(resolve => { release = resolve })
  exports.handler = async (event, c) => {
    const store = awslambda.InvokeStore
    if (++begun === 3) release()
    await allHaveBegun
    console.log('done', event.n)
    return [event.n, c.awsRequestId, store.getRequestId(), c.xRayTraceId, store.getXRayTraceId(),
      process.env._X_AMZN_TRACE_ID ?? null]
  }`
  const trace = (n: number): string => `Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e70${n}`
  await using fn = await start(code, {
    events: [0, 1, 2].map(n => ({
      body: JSON.stringify({ n }),
      headers: { 'Lambda-Runtime-Trace-Id': trace(n) },
    })),
  })
  await fn.answered(3, 7)
  const answers = fn.api.posts.map(post => [post.requestId, JSON.parse(post.body)])
  t.strictSame(
    answers.sort(),
    [0, 1, 2].map(n => [`req-${n}`, [n, `req-${n}`, `req-${n}`, trace(n), trace(n), null]]),
  )
  t.strictSame(
    lines(fn)
      .map(({ requestId, message }) => [requestId, message])
      .sort(),
    [0, 1, 2].map(n => [`req-${n}`, `done ${n}`]),
  )
})

t.test("C165 an event that cannot be had is asked for again, with AWS's line", async t => {
  await using fn = await start('exports.handler = async () => 1', {
    concurrency: '1',
    events: [{ body: '', fault: { status: 500 } }, {}],
  })
  await fn.answered(1, 3)
  t.match(fn.api.posts, [{ body: '1' }])
  t.match(lines(fn), [
    { message: 'Failed to get next invocation (attempt 1/20). Retrying in 100ms...' },
  ])
})

t.test('C170 an answer that comes too late is logged, and the process goes on', async t => {
  await using fn = await start('exports.handler = async () => 1', {
    concurrency: '1',
    events: [{}, {}],
    faultOn: post => (post.requestId === 'req-0' ? { status: 410 } : undefined),
  })
  await fn.api.until(({ posts }) => posts.some(post => post.requestId === 'req-1'))
  t.match(fn.api.posts.at(-1), { operation: 'response', body: '1' })
  t.match(lines(fn), [{ level: 'ERROR', requestId: 'req-0', message: /410/ }])
})

for (const [name, fault] of [
  ['a rejection', 'Promise.reject(new Error("mine"))'],
  ['an exception', 'setTimeout(() => { throw new Error("mine") })'],
] as const) {
  t.test(
    `C167 ${name} fails its own invocation, the others are answered, then the process ends`,
    async t => {
      const code = `exports.handler = async event => {
      if (event.bad) { ${fault}; await new Promise(() => {}) }
      await new Promise(r => setTimeout(r, 150))
      return event.n
    }`
      await using fn = await start(code, { events: [{ n: 0 }, { n: 1, bad: true }, { n: 2 }] })
      t.match((await fn.exit).code, name === 'a rejection' ? 128 : 129)
      const posts = new Map(fn.api.posts.map(post => [post.requestId, post]))
      t.match(posts.get('req-0'), { operation: 'response', body: '0' })
      t.match(posts.get('req-1'), { operation: 'error', body: /mine/ })
      t.match(posts.get('req-2'), { operation: 'response', body: '2' })
    },
  )
}

t.test('C168 an init error is posted once, also by worker threads', async t => {
  for (const env of [{}, { AWS_LAMBDA_NODEJS_WORKER_COUNT: '3' }]) {
    await using fn = await start('throw new Error("i")', { env })
    t.not((await fn.exit).code, 0)
    t.match(fn.api.posts, [{ operation: 'init/error', body: /"errorMessage":"i"/ }])
    t.equal(fn.api.posts.length, 1)
  }
})

t.test('C162 worker threads load the function each for itself and share the events', async t => {
  const code = `const { threadId } = require('node:worker_threads')
    console.log('loaded in', threadId)
    exports.handler = async () => { await new Promise(r => setTimeout(r, 100)); return threadId }`
  await using fn = await start(code, { env: { AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' } })
  await fn.api.until(({ nexts }) => nexts.length === 4)
  for (const event of [1, 2, 3, 4]) fn.api.push({ event })
  await fn.api.until(({ posts }) => posts.length === 4)
  t.strictSame([...new Set(fn.api.posts.map(post => post.body))].sort(), ['1', '2'])
  t.equal(lines(fn).length, 2)
})

t.test('C166 log lines go to the socket of the platform', async t => {
  const path = join(tmpdir(), `baton-log-${process.pid}.sock`)
  let text = ''
  const server = createServer(socket =>
    socket.setEncoding('utf8').on('data', chunk => (text += chunk)),
  )
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => server.close())
  await using fn = await start(
    'console.log("init"); exports.handler = async () => console.log("m")',
    {
      events: [{}],
      env: { _LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET: path },
    },
  )
  await fn.answered(1, 5)
  fn.process.kill()
  await fn.exit
  t.match(
    text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
    [
      { requestId: '-', message: 'init' },
      { requestId: 'req-0', message: 'm' },
    ],
  )
  t.equal(fn.stdout(), '')
})

t.test('callbacks answer at once: an event loop run empty means nothing here', async t => {
  await using fn = await start('exports.handler = (e, c, cb) => cb(null, 1)', { events: [{}] })
  await fn.answered(1, 5)
  t.match(fn.api.posts, [{ body: '1' }])
})

t.test('C160 64 at once, two tenants, some failing: nothing of one is seen in another', async t => {
  await using collector = await startCollector()
  const code = `exports.handler = async (event, c) => {
    const { n, tenant } = event
    const seen = () => [c.awsRequestId, c.tenantId, awslambda.InvokeStore.getRequestId(), awslambda.InvokeStore.getTenantId()]
    const before = seen()
    await new Promise(r => setTimeout(r, 25 + n % 7)); console.log(n, tenant)
    await new Promise(r => setTimeout(r, 25)); console.log(n, tenant)
    if (n % 5 === 0) throw new Error(tenant + ' ' + n)
    return [n, tenant, before, seen(), awslambda.InvokeStore.getTraceparent()]
  }`
  const events = Array.from({ length: 64 }, (_, n) => {
    const tenant = n % 2 === 0 ? 'blue' : 'red'
    return {
      body: JSON.stringify({ n, tenant }),
      headers: { 'Lambda-Runtime-Aws-Tenant-Id': tenant },
    }
  })
  await using fn = await start(code, {
    concurrency: '64',
    events,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.api.until(({ posts }) => posts.length === 64)
  const spans = await collector.waitForSpans(64)
  const spanOf = new Map(spans.map(span => [span.attributes['faas.invocation_id'], span]))
  for (const post of fn.api.posts) {
    const n = Number(post.requestId?.slice('req-'.length))
    const tenant = n % 2 === 0 ? 'blue' : 'red'
    const span = spanOf.get(post.requestId)
    t.equal(span?.attributes['baton.tenant_id'], tenant)
    if (n % 5 === 0) {
      t.match(JSON.parse(post.body), { errorType: 'Error', errorMessage: `${tenant} ${n}` })
      t.equal(span?.status.code, 'ERROR')
      continue
    }
    const ids = [`req-${n}`, tenant, `req-${n}`, tenant]
    t.strictSame(JSON.parse(post.body), [
      n,
      tenant,
      ids,
      ids,
      `00-${span?.traceId}-${span?.spanId}-01`,
    ])
  }
  for (const line of lines(fn)) {
    if (line.level !== 'INFO') continue
    t.equal(`${line.requestId} ${line.tenantId}`, `req-${line.message}`)
    t.equal(line.span_id, spanOf.get(line.requestId)?.spanId)
  }
})
