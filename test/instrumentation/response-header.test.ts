// The header by which a caller gets the trace's id, in every shape of an HTTP result.
import t from 'tap'
import { addToPrelude, addToResult } from '../../instrumentation/response-header.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SPAN_CONTEXT = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: undefined,
}

const request = (source: string, event: unknown = {}) => ({
  source,
  event,
  spanContext: SPAN_CONTEXT,
})
const REST = request('api-gateway-rest')
const HTTP = request('api-gateway-http')
const ALB = request('alb', { headers: {} })
const ALB_LISTS = request('alb', { multiValueHeaders: {} })

const add = (to: ReturnType<typeof request>, result: unknown) =>
  addToResult('traceparent', to, result)

t.test('a result that names its status gets the header among its headers', async t => {
  for (const to of [REST, HTTP, ALB, request('function-url'), request('vpc-lattice')]) {
    t.strictSame(
      add(to, { statusCode: 200, headers: { 'x-a': '1' }, body: 'b' }),
      { statusCode: 200, headers: { 'x-a': '1', traceparent: TRACEPARENT }, body: 'b' },
      to.source,
    )
    for (const headers of [undefined, null])
      t.match(add(to, { statusCode: 500, headers }), { headers: { traceparent: TRACEPARENT } })
  }
})

t.test('server-timing has it as a description', async t => {
  t.strictSame(addToResult('server-timing', HTTP, { statusCode: '200' }), {
    statusCode: '200',
    headers: { 'server-timing': `traceparent;desc="${TRACEPARENT}"` },
  })
})

t.test('lists of headers get it where the service in front reads them', async t => {
  const lists = { statusCode: 200, multiValueHeaders: { 'x-a': ['1', '2'] } }
  const added = {
    statusCode: 200,
    multiValueHeaders: { 'x-a': ['1', '2'], traceparent: [TRACEPARENT] },
  }
  t.strictSame(add(REST, lists), added)
  t.strictSame(add(ALB_LISTS, lists), added)
  t.strictSame(add(ALB_LISTS, { statusCode: 200 }), {
    statusCode: 200,
    multiValueHeaders: { traceparent: [TRACEPARENT] },
  })
  t.strictSame(add(ALB_LISTS, { ...lists, headers: { b: '1' } }), { ...added, headers: { b: '1' } })
  const single = { statusCode: 200, headers: { b: '1' } }
  t.match(add(ALB_LISTS, single), { headers: { b: '1', traceparent: TRACEPARENT } })
  t.match(add(REST, { ...lists, ...single }), {
    headers: { b: '1', traceparent: TRACEPARENT },
    multiValueHeaders: lists.multiValueHeaders,
  })
  t.match(add(ALB, lists), { headers: { traceparent: TRACEPARENT } })
})

t.test("the user's own object is never changed", async t => {
  const headers = Object.freeze({ 'x-a': '1' })
  const multiValueHeaders = Object.freeze({ 'x-b': Object.freeze(['1']) })
  const result = Object.freeze({ statusCode: 200, headers, multiValueHeaders })
  for (const to of [REST, HTTP, ALB, ALB_LISTS]) t.not(add(to, result), result)
  t.strictSame(result, { statusCode: 200, headers: { 'x-a': '1' }, multiValueHeaders })
})

t.test('what has no place for it, or has it already, is the very same object', async t => {
  const untouched: unknown[] = [
    undefined,
    null,
    { statusCode: undefined, body: 'b' },
    { headers: {} },
    { body: 'b' },
    { cookies: [] },
    { isBase64Encoded: false },
    { statusCode: 200, headers: 'none' },
    { statusCode: 200, headers: ['a'] },
    { statusCode: 200, headers: { TraceParent: 'own' } },
    { statusCode: 200, multiValueHeaders: { TRACEPARENT: ['own'] } },
    { statusCode: 200, toJSON: () => ({ statusCode: 200 }) },
    { statusCode: 200, headers: { toJSON: () => ({}) } },
  ]
  for (const to of [REST, HTTP, ALB, ALB_LISTS])
    for (const result of untouched) t.equal(add(to, result), result, JSON.stringify(result))
})

t.test('with payload format 2.0 a body by itself is wrapped as the service would', async t => {
  const bodies: readonly (readonly [result: unknown, body: string])[] = [
    ['text', 'text'],
    ['', ''],
    [7, '7'],
    [true, 'true'],
    [[{ statusCode: 200 }], '[{"statusCode":200}]'],
    [{}, '{}'],
    [{ message: 'hi', at: new Date(0) }, '{"message":"hi","at":"1970-01-01T00:00:00.000Z"}'],
    ['x'.repeat(1024 * 1024), 'x'.repeat(1024 * 1024)],
  ]
  for (const [result, body] of bodies) {
    const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT }
    for (const to of [HTTP, request('function-url')])
      t.strictSame(add(to, result), { statusCode: 200, headers, body })
    for (const to of [REST, ALB, request('vpc-lattice')]) t.equal(add(to, result), result)
  }
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const unwrapped: unknown[] = [cyclic, 1n, () => 1, new Date(0), 'x'.repeat(1024 * 1024 + 1)]
  for (const result of unwrapped) t.equal(add(HTTP, result), result)
})

t.test('an object of a class is copied as JSON would have shown it', async t => {
  class Response {
    readonly statusCode = 200
    readonly body = 'b'
    get hidden(): string {
      return 'not own'
    }
  }
  t.equal(
    JSON.stringify(add(HTTP, new Response())),
    `{"statusCode":200,"body":"b","headers":{"traceparent":"${TRACEPARENT}"}}`,
  )
})

t.test('a prelude gets it with or without a status', async t => {
  const prelude = (given: unknown) => addToPrelude('traceparent', HTTP, given)
  const headers = { traceparent: TRACEPARENT }
  t.strictSame(prelude(undefined), { headers })
  t.strictSame(prelude({}), { headers })
  t.strictSame(prelude({ statusCode: 201, cookies: ['a=b'] }), {
    statusCode: 201,
    cookies: ['a=b'],
    headers,
  })
  for (const given of [null, 'text', [], { headers: { Traceparent: 'own' } }])
    t.equal(prelude(given), given)
})
