// C40-C60 and C75-C81: what a handler gives back, and how that is posted. Its context: context.test.ts.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { TRACE_HEADER } from '../helpers/runtime-api.ts'

interface Answers {
  readonly name: string
  /** Source of the handler. */
  readonly handler: string
  readonly body: string
}

const ANSWERS: readonly Answers[] = [
  { name: 'C56 an async handler', handler: 'async () => ({ a: 1 })', body: '{"a":1}' },
  { name: 'C57 a plain value', handler: '() => ({ a: 1 })', body: '{"a":1}' },
  { name: 'C59 a bare thenable', handler: '() => ({ then(resolve) { resolve(1) } })', body: '1' },
  { name: 'C60 nothing', handler: 'async () => {}', body: 'null' },
  {
    name: 'C76 a Buffer',
    handler: 'async () => Buffer.from("a")',
    body: '{"type":"Buffer","data":[97]}',
  },
  { name: 'C76 NaN', handler: 'async () => NaN', body: 'null' },
  { name: 'C76 a Map', handler: 'async () => new Map([[1, 2]])', body: '{}' },
  { name: 'C76 a Date', handler: 'async () => new Date(0)', body: '"1970-01-01T00:00:00.000Z"' },
  { name: 'C76 text beyond ASCII', handler: 'async () => "é⚡"', body: '"é⚡"' },
  { name: 'toJSON', handler: 'async () => ({ toJSON: () => 7 })', body: '7' },
]

for (const { name, handler, body } of ANSWERS) {
  t.test(`${name} is posted as ${body}`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': `exports.handler = ${handler}` },
      events: [{}],
    })
    await fn.answered(1)
    t.match(fn.api.posts, [{ operation: 'response', requestId: 'req-0', body }])
  })
}

for (const [name, handler] of [
  ['C77 a function', 'async () => () => 1'],
  ['C77 a symbol', 'async () => Symbol("s")'],
  ['C78 a cycle', 'async () => { const a = {}; a.a = a; return a }'],
  ['C78 a BigInt', 'async () => 1n'],
  ['C78 a toJSON that throws', 'async () => ({ toJSON() { throw new Error("no") } })'],
] as const) {
  t.test(
    `${name} cannot be posted: Runtime.JSONStringifyError, and the next event is served`,
    async t => {
      await using fn = await startFunction({
        files: { 'index.js': `exports.handler = async e => e.good ? 1 : (${handler})()` },
        events: [{}, { good: true }],
      })
      await fn.answered(2)
      t.match(fn.api.posts, [{ operation: 'error' }, { operation: 'response', body: '1' }])
      t.match(JSON.parse(fn.api.posts[0]?.body ?? ''), {
        errorType: 'Runtime.JSONStringifyError',
        errorMessage: 'Unable to stringify response body',
      })
    },
  )
}

t.test('C58 the answer and the next request do not wait for timers', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = async () => { setTimeout(() => {}, 60000); return 1 }',
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
})

t.test('C75 C40 headers of the calls', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => "é"' },
    events: [{}],
  })
  await fn.answered(1)
  const [post] = fn.api.posts
  t.match(post?.headers, { 'content-type': 'application/json', 'content-length': '4' })
  t.notOk('transfer-encoding' in (post?.headers ?? {}))
  t.match(post?.headers['user-agent'], /^baton\/\d+\.\d+\.\d+ node\/\d+\.\d+\.\d+$/)
  t.equal(fn.api.nexts[0]?.headers['user-agent'], post?.headers['user-agent'])
})

t.test('C41 proxies in the environment do not matter', async t => {
  const proxy = 'http://127.0.0.1:9'
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{}],
    env: {
      http_proxy: proxy,
      HTTP_PROXY: proxy,
      https_proxy: proxy,
      all_proxy: proxy,
      NODE_USE_ENV_PROXY: '1',
    },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '1')
})

t.test('C42 C43 header names in any case; an id that needs encoding', async t => {
  const id = 'a/b?c#d%e'
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async (e, c) => c.awsRequestId' },
    events: [
      {
        body: '{}',
        headers: { 'Lambda-Runtime-Aws-Request-Id': null, 'LAMBDA-RUNTIME-AWS-REQUEST-ID': id },
      },
      {
        body: '{}',
        headers: {
          'Lambda-Runtime-Aws-Request-Id': null,
          'lambda-runtime-aws-request-id': 'lower',
        },
      },
    ],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ requestId: id, body: JSON.stringify(id) }, { requestId: 'lower' }])
  t.match(fn.api.posts[0]?.path, /\/a%2Fb%3Fc%23d%25e\/response$/)
})

t.test('C55 events of any JSON type; what is not JSON fails alone', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async e => [typeof e, e]' },
    events: ['null', '"s"', '1.5', '{bad', '', '[1]'],
  })
  await fn.answered(6)
  t.match(fn.api.posts, [
    { body: '["object",null]' },
    { body: '["string","s"]' },
    { body: '["number",1.5]' },
    { operation: 'error', body: /"errorType":"SyntaxError"/ },
    { operation: 'error', body: /"errorType":"SyntaxError"/ },
    { body: '["object",[1]]' },
  ])
})

t.test('C81 413 is logged and the next event served', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{}, {}],
    faultOn: post => (post.requestId === 'req-0' ? { status: 413 } : undefined),
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ requestId: 'req-0' }, { requestId: 'req-1', operation: 'response' }])
  t.match(fn.stdout(), /\treq-0\tERROR\t.*413/)
})

t.test(
  'a Runtime API that closes the connection after each answer is served all the same',
  async t => {
    await using fn = await startFunction({
      files: { 'index.js': 'exports.handler = async e => e.n' },
      events: [{ n: 1 }, { n: 2 }, { n: 3 }],
      closesConnections: true,
    })
    await fn.answered(3)
    t.match(fn.api.posts, [{ body: '1' }, { body: '2' }, { body: '3' }])
  },
)

t.test(
  'C152 C151 the X-Ray variable is that of the invocation, and gone when it has none',
  async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `const before = process.env._X_AMZN_TRACE_ID
        exports.handler = async () => [before, process.env._X_AMZN_TRACE_ID ?? null]`,
      },
      events: [{ body: '{}', headers: { 'Lambda-Runtime-Trace-Id': null } }, {}],
      env: { _X_AMZN_TRACE_ID: 'preset' },
    })
    await fn.answered(2)
    t.match(fn.api.posts, [
      { body: '["preset",null]' },
      { body: JSON.stringify(['preset', TRACE_HEADER]) },
    ])
  },
)

t.test(
  'C58 a durable function that suspends: its answer waits for neither its promise nor its timer',
  async t => {
    // What withDurableExecution does: the user's code is left pending, and an answer says so.
    await using fn = await startFunction({
      files: {
        'index.js': `
        const durable = work => async (event, context) => {
          const suspended = new Promise(resolve => setTimeout(resolve, 5))
          const keepAlive = setTimeout(() => {}, 60000)
          return Promise.race([work(event, context), suspended.then(() => ({ Status: 'PENDING' }))])
        }
        exports.handler = durable(async event => {
          if (event.InitialExecutionState.Operations.length === 1) await new Promise(() => {})
          return { Status: 'SUCCEEDED', Result: '1' }
        })`,
      },
      events: [1, 2].map(count => ({
        DurableExecutionArn:
          'arn:aws:lambda:us-east-1:123456789012:function:fn/durable-execution/a/b',
        CheckpointToken: 'token',
        InitialExecutionState: { Operations: Array(count).fill({}), NextMarker: '' },
      })),
    })
    await fn.answered(2)
    t.match(fn.api.posts, [
      { operation: 'response', body: '{"Status":"PENDING"}' },
      { operation: 'response', body: '{"Status":"SUCCEEDED","Result":"1"}' },
    ])
  },
)
