// C61-C73: handlers that call back, and the means to answer on the context, by profile.
import t from 'tap'
import { type FunctionOptions, type StartedFunction, startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const start = (handler: string, options: Partial<FunctionOptions> = {}): Promise<StartedFunction> =>
  startFunction({ files: { 'index.js': `exports.handler = ${handler}` }, events: [{}], ...options })

const NODE_22 = { env: { BATON_PROFILE: 'nodejs22.x' } }
const NODE_24 = { env: { BATON_PROFILE: 'nodejs24.x' } }

/** Milliseconds from the first event to the first answer. */
function waited(fn: StartedFunction): number {
  return (fn.api.posts[0]?.atMs ?? 0) - (fn.api.nexts[0]?.atMs ?? 0)
}

t.test('C61 the answer waits until nothing is left to do', async t => {
  await using fn = await start('(e, c, cb) => { setTimeout(() => {}, 150); cb(null, "r") }')
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'response', body: '"r"' }])
  t.ok(waited(fn) >= 149)
})

t.test('C62 unless callbackWaitsForEmptyEventLoop is false', async t => {
  await using fn = await start(
    '(e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 60000); cb(null, "r") }',
  )
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'response', body: '"r"' }])
})

t.test('C63 an error goes out at once', async t => {
  await using fn = await start('(e, c, cb) => { setTimeout(() => {}, 60000); cb(new Error("E")) }')
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'error', body: /^\{"errorType":"Error","errorMessage":"E"/ }])
})

t.test('C64 the first call counts', async t => {
  await using fn = await start('(e, c, cb) => { cb(null, 1); cb(null, 2); c.fail("x") }')
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'response', body: '1' }])
  t.equal(fn.api.posts.length, 1)
})

t.test('C65 C66 succeed, done and fail answer at once', async t => {
  await using fn = await start(
    `(e, c, cb) => {
      setTimeout(() => {}, 60000)
      if (e.how === 'succeed') c.succeed('s')
      if (e.how === 'done') c.done(null, 'd')
      if (e.how === 'bad') c.done('bad')
      if (e.how === 'fail') c.fail()
    }`,
    { events: ['succeed', 'done', 'bad', 'fail'].map(how => ({ how })) },
  )
  await fn.answered(4)
  t.match(fn.api.posts, [
    { operation: 'response', body: '"s"' },
    { operation: 'response', body: '"d"' },
    { operation: 'error', body: '{"errorType":"string","errorMessage":"bad","trace":[]}' },
    { operation: 'error', body: '{"errorType":"string","errorMessage":"handled","trace":[]}' },
  ])
})

t.test('a callback long after the return, two invocations', async t => {
  await using fn = await start('(e, c, cb) => setTimeout(() => cb(null, c.awsRequestId), 20)', {
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '"req-0"' }, { body: '"req-1"' }])
})

t.test('C67 the beforeExit listener of the user runs for each', async t => {
  await using fn = await start('(e, c, cb) => cb(null, 1)', {
    files: {
      'index.js': `process.on('beforeExit', () => console.log('before exit'))
        exports.handler = (e, c, cb) => cb(null, 1)`,
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
  t.equal(fn.stdout().split('before exit').length - 1, 2)
})

t.test('C68 a handler that calls nothing answers null, and the next is served', async t => {
  await using fn = await start('(e, c, cb) => {}', { events: [{}, {}] })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: 'null' }, { body: 'null' }])
})

t.test('C73 an async handler with three parameters answers by its promise', async t => {
  await using fn = await start('async (e, c, cb) => 7')
  await fn.answered(1)
  t.match(fn.api.posts, [{ body: '7' }])
})

t.test('C73 a parameter with a default declares no callback', async t => {
  await using fn = await start('(e, c, cb = null) => 1')
  await fn.answered(1)
  t.match(fn.api.posts, [{ body: '1' }])
})

t.test('C79 a result that is not JSON fails the invocation and the next is served', async t => {
  await using fn = await start('(e, c, cb) => cb(null, e.good ? 1 : { n: 1n })', {
    events: [{}, { good: true }],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [
    { operation: 'error', body: /"errorType":"Runtime.JSONStringifyError"/ },
    { operation: 'response', body: '1' },
  ])
})

t.test('an exception in a callback handler is the answer', async t => {
  await using fn = await start('(e, c, cb) => { throw new TypeError("boom") }', {
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ operation: 'error', body: /"TypeError","errorMessage":"boom"/ }, {}])
})

t.test('C49 nodejs22.x: the keys of its context, and handlers that succeed later', async t => {
  await using fn = await start(
    '(e, c) => { setTimeout(() => c.succeed(Object.keys(c)), 10) }',
    NODE_22,
  )
  await fn.answered(1)
  t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), [
    'callbackWaitsForEmptyEventLoop',
    'succeed',
    'fail',
    'done',
    'functionVersion',
    'functionName',
    'memoryLimitInMB',
    'logGroupName',
    'logStreamName',
    'clientContext',
    'identity',
    'invokedFunctionArn',
    'awsRequestId',
    'tenantId',
    'xRayTraceId',
    'getRemainingTimeInMillis',
  ])
})

t.test('C71 nodejs22.x: one warning, once', async t => {
  await using fn = await start('(e, c, cb) => cb(null, 1)', { ...NODE_22, events: [{}, {}] })
  await fn.answered(2)
  t.match(fn.stdout(), /\t-\tWARN\tAWS Lambda plans to remove support for callback-based/)
  t.equal(fn.stdout().trimEnd().split('\n').length, 1)
})

for (const [name, handler, env] of [
  [
    'C72 not when it is turned off',
    '(e, c, cb) => cb(null, 1)',
    { AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING: '' },
  ],
  ['C73 not for async handlers', 'async (e, c, cb) => 1', {}],
] as const) {
  t.test(`${name}`, async t => {
    await using fn = await start(handler, { env: { ...NODE_22.env, ...env } })
    await fn.answered(1)
    t.match(fn.api.posts, [{ body: '1' }])
    t.equal(fn.stdout(), '')
  })
}

for (const handler of ['(e, c, cb) => cb(null, 1)', 'async (e, c, cb) => 1']) {
  t.test(`C61 C73 nodejs24.x refuses ${handler}`, async t => {
    await using fn = await start(handler, NODE_24)
    t.equal((await fn.exit).code, 1)
    t.match(fn.api.posts, [
      {
        operation: 'init/error',
        body: /^\{"errorType":"Runtime.CallbackHandlerDeprecated","errorMessage":"ERROR: AWS Lambda has removed support/,
      },
    ])
  })
}

t.test('C65 nodejs24.x has no means to answer but the promise', async t => {
  await using fn = await start(
    'async (e, c) => [typeof c.succeed, typeof c.done, typeof c.fail]',
    NODE_24,
  )
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '["undefined","undefined","undefined"]')
})

t.test('the context looks like a plain object', async t => {
  await using fn = await start(
    `async (e, c) => [c.constructor === Object, require('node:util').inspect(c).slice(0, 1)]`,
  )
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '[true,"{"]')
})

t.test('the span of a callback handler lasts until the callback, not until the return', async t => {
  await using collector = await startCollector()
  await using fn = await start('(e, c, cb) => { setTimeout(() => cb(null, 1), 120) }', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  const durationNs = (span?.endTimeUnixNano ?? 0n) - (span?.startTimeUnixNano ?? 0n)
  t.ok(durationNs >= 119_000_000n, `${durationNs} ns`)
})
