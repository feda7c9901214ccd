// Random events, headers and failures: the loop never dies, and every event is answered once.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { type Random, startRandom } from '../helpers/random.ts'
import type { ScriptedEvent } from '../helpers/runtime-api.ts'

const EVENTS = 2000

/** What the handler does with an event is chosen by it: return, throw or call for trouble in many ways. */
const HANDLER = `
const hostile = [
  () => new Proxy({}, { get() { throw 1 }, has() { throw 2 }, ownKeys() { throw 3 }, getPrototypeOf() { throw 4 } }),
  () => Object.create(null), () => Symbol('s'), () => 1n, () => () => 1, () => undefined, () => null, () => NaN,
  () => { const a = []; a.push(a); return a }, () => new Date(NaN), () => ({ toJSON() { throw new Error('j') } }),
  () => Object.assign(new Error('e'), { name: 5, stack: {} }), () => Object.assign(new Error('x'.repeat(70000)), { code: {} }),
  () => { const e = new Error('m'); e.name = '\\r\\nInjected: 1'; return e }, () => new AggregateError([1], 'a'),
  () => Object.defineProperty(new Error('g'), 'message', { get() { throw 1 } }), () => ({ then: 1 }),
  () => ({ then(resolve) { resolve(1); resolve(2); throw 3 } }), () => Promise.reject(new TypeError('p')),
]
exports.handler = (event, context) => {
  const n = Number(context.awsRequestId.slice(4)) || 0
  if (n % 3 === 2) return Promise.resolve().then(() => { console.log(n); return event })
  // A rejection that is thrown is nobody's: it would end the process, as it should.
  const value = hostile[n % (n % 3 === 0 ? hostile.length - 1 : hostile.length)]()
  if (n % 3 === 0) throw value
  return value
}`

/** Any UTF-16 unit, so also halves of surrogate pairs, controls and quotes. */
function randomText(random: Random): string {
  return String.fromCharCode(
    ...Array.from({ length: random.below(200) }, () => random.below(0x10000)),
  )
}

/** What can stand in a header. */
function randomHeader(random: Random): string {
  return String.fromCharCode(
    ...Array.from({ length: random.below(60) }, () => 0x20 + random.below(0x5f)),
  )
}

function randomEvent(random: Random): ScriptedEvent {
  const text = randomText(random)
  const bodies = [
    text,
    JSON.stringify(text),
    '{',
    '',
    '[]',
    `{"a":${JSON.stringify(text)}}`,
    'null',
    '1e999',
  ]
  const headers: Record<string, string | null> = {}
  for (const name of [
    'Client-Context',
    'Cognito-Identity',
    'Trace-Id',
    'Aws-Tenant-Id',
    'Deadline-Ms',
    'Invoked-Function-Arn',
  ]) {
    const value = random.pick([
      undefined,
      null,
      randomHeader(random),
      '{}',
      '',
      '-1',
      'Root=1-1-1;Parent=;Sampled=?',
    ])
    if (value !== undefined) headers[`Lambda-Runtime-${name}`] = value
  }
  return { body: random.pick(bodies), headers }
}

const random = startRandom()

t.test(`${EVENTS} random events (BATON_FUZZ_SEED=${random.seed})`, async t => {
  const events = Array.from({ length: EVENTS }, () => randomEvent(random))
  await using fn = await startFunction({
    files: { 'index.js': HANDLER },
    events,
    // An endpoint that nobody serves: spans are made, and cannot be shipped.
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  })
  await fn.answered(EVENTS)
  t.equal(fn.process.exitCode, null, 'still running')
  t.strictSame(
    fn.api.posts.map(post => post.requestId),
    events.map((_, n) => `req-${n}`),
    'each answered once, in order',
  )
  for (const post of fn.api.posts) {
    if (post.operation !== 'error') continue
    t.strictSame(Object.keys(JSON.parse(post.body)), ['errorType', 'errorMessage', 'trace'])
  }
})
