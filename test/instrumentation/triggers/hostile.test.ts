import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { readEvent } from './read-event.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const VALID = `00-${TRACE}-b7ad6b7169203331-01`
const MAX_TEXT_LENGTH = 1024

/** Mulberry32: small, and the same numbers from the same seed everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const seed = Number(process.env.BATON_FUZZ_SEED ?? Date.now() % 2 ** 31)
const random = randomFrom(seed)
const below = (count: number): number => Math.floor(random() * count)
function pick<T>(list: readonly T[]): T {
  return list[below(list.length)] as T
}

const KEYS =
  'httpMethod resource requestContext stage elb domainName http method identity sourceIp headers multiValueHeaders version rawPath path routeKey traceparent Traceparent tracestate baggage __proto__ constructor toString length userAgent'.split(
    ' ',
  )
const TEXTS = [
  ...['', 'GET', 'get', '2.0', '/', '/a?b', '$default', 'POST /x/{id}', 'x.lambda-url.y', VALID],
  ...[`${VALID},${VALID}`, '\ud800', '\r\n', '__proto__', 'x'.repeat(9000), ','.repeat(9000)],
]

function randomValue(depth: number): unknown {
  const kind = below(depth > 4 ? 6 : 10)
  if (kind === 0) return pick([null, undefined, true, 0, -1, Number.NaN, 1e308])
  if (kind < 6) return pick(TEXTS)
  const values = Array.from({ length: below(5) }, () => randomValue(depth + 1))
  if (kind === 6) return values
  const text = values.map(
    value => `${JSON.stringify(pick(KEYS))}:${JSON.stringify(value) ?? 'null'}`,
  )
  const object = JSON.parse(`{${text.join(',')}}`)
  return kind === 7 ? Object.assign(Object.create(null), object) : object
}

const EVENTS = [
  'api-gateway-rest',
  'api-gateway-http',
  'function-url',
  'alb',
  'alb-multi-value',
  'other-direct-invoke',
].map(readEvent)

const HTTP_EVENTS = EVENTS.slice(0, -1)
const TRACEPARENTS = JSON.stringify(EVENTS).matchAll(/00-([0-9a-f]{32})-/g)
const KNOWN_TRACES = new Set([TRACE, ...Array.from(TRACEPARENTS, match => match[1])])

/** A real event with some of its fields, at any depth, replaced by anything. */
function mutate(value: unknown, depth = 0): unknown {
  if (below(8) === 0) return randomValue(depth)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, mutate(each, depth + 1)]),
  )
}

t.comment(`seed ${seed} (BATON_FUZZ_SEED repeats it)`)

t.test('10,000 events of any shape: no throw, and nothing unbounded comes out', async t => {
  const sources = new Map<string, number>()
  for (let i = 0; i < 10_000; i++) {
    const event = mutate(pick(EVENTS))
    const trigger = detectTrigger(event, 'fn')
    sources.set(trigger.source, (sources.get(trigger.source) ?? 0) + 1)
    const found = extractParent({
      carriers: trigger.carriers,
      clientContext: randomValue(1),
      traceHeader: pick(TEXTS),
    })
    const result = trigger.describeResult(randomValue(2))
    const texts = Object.values({ ...trigger.attributes, ...result.attributes })
    const isBounded = texts.every(text => `${text}`.length <= MAX_TEXT_LENGTH)
    if (!isBounded || trigger.spanName.length > 300) t.fail('unbounded', { seed, i, event })
    const spanContext = found.parent?.spanContext
    if (spanContext && !KNOWN_TRACES.has(spanContext.traceId)) {
      t.fail('a parent from nowhere', { seed, i, event })
    }
  }
  for (const source of ['api-gateway-rest', 'api-gateway-http', 'function-url', 'alb', 'other']) {
    t.ok((sources.get(source) ?? 0) > 500, `${source}: ${sources.get(source)} events`)
  }
})

// Each is a value that no reader may take for a context, whatever name it stands under.
const BROKEN: readonly unknown[] = [
  ...[
    '',
    'garbage',
    VALID.toUpperCase(),
    `${VALID}-00`,
    VALID.slice(1),
    VALID.replace('00-', 'ff-'),
  ],
  ...[
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `${VALID},${VALID}`,
    'x'.repeat(9000),
    `${VALID}\n`,
  ],
  ...[
    undefined,
    null,
    7,
    true,
    {},
    [],
    [null],
    [['nested']],
    { value: VALID },
    [VALID.slice(1), VALID],
  ],
]
const NAMES = ['traceparent', 'Traceparent', 'TraceParent', 'TRACEPARENT', 'tRACEpARENT']
const STATES = [undefined, 'a=1', 'A B', ['a=1', 'b=2'], 'x'.repeat(9000), 7, {}]

function headersWith(value: unknown): Record<string, unknown> {
  const noise = Object.fromEntries(
    Array.from({ length: below(4) }, (_, i) => [`X-${i}`, pick(TEXTS)]),
  )
  return { ...noise, [pick(NAMES)]: value, [pick(['tracestate', 'TraceState'])]: pick(STATES) }
}

t.test('10,000 invocations with one valid carrier among broken ones: it is the parent', async t => {
  for (let i = 0; i < 10_000; i++) {
    const places = Array.from({ length: 5 }, () => headersWith(pick(BROKEN)))
    const place = below(5)
    places[place] = headersWith(place < 2 && below(2) === 0 ? [VALID, pick(BROKEN)] : VALID)
    const [headers, multi, w3c, custom, Custom] = places
    const event = { ...pick(HTTP_EVENTS), headers, multiValueHeaders: multi }
    const { parent, links } = extractParent({
      carriers: detectTrigger(event, 'fn').carriers,
      clientContext: { Custom, custom, w3c },
      traceHeader: pick([
        '',
        `Root=1-${'1'.repeat(8)}-${'1'.repeat(24)};Parent=${'2'.repeat(16)};Sampled=1`,
      ]),
    })
    const isWhole = parent?.spanContext.traceId === TRACE && parent.spanContext.traceFlags === 1
    if (!isWhole || links.length > 1)
      t.fail('the valid carrier was lost', { seed, i, place, event })
  }
  t.pass('every time')
})

t.test('size and depth of an event cost nothing', async t => {
  let deep: unknown = {}
  for (let i = 0; i < 100_000; i++) deep = { headers: deep, requestContext: deep }
  t.equal(detectTrigger(deep, 'fn').source, 'other')
  const huge = 'x'.repeat(6_000_000)
  const event = {
    version: '2.0',
    rawPath: huge,
    routeKey: `GET /${huge}`,
    headers: { [huge]: huge, traceparent: huge },
  }
  const trigger = detectTrigger(event, huge)
  t.equal(trigger.attributes['url.path'], 'x'.repeat(MAX_TEXT_LENGTH))
  t.equal(trigger.carriers[0]?.carrier('traceparent'), undefined)
})

t.test('an event made of getters and proxies that throw is `other`', async t => {
  const refuse = () => {
    throw new Error('no')
  }
  const proxy = new Proxy(
    {},
    { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse },
  )
  t.equal(detectTrigger(proxy, 'fn').source, 'other')
  t.equal(
    detectTrigger({ requestContext: proxy, version: '2.0', rawPath: '/' }, 'fn').source,
    'other',
  )
  const headers = detectTrigger({ requestContext: { elb: {} }, headers: proxy }, 'fn')
  t.equal(headers.source, 'other')
  for (const clientContext of [proxy, { w3c: proxy }]) {
    t.equal(
      extractParent({ carriers: [], clientContext, traceHeader: undefined }).parent,
      undefined,
    )
  }
})

t.test('what is no object is `other`', async t => {
  for (const event of [undefined, null, '', 'text', 0, true, 1n, Symbol('x'), () => 1]) {
    const trigger = detectTrigger(event, 'fn')
    t.equal(trigger.source, 'other')
    t.equal(trigger.spanName, 'fn')
  }
})
