// Sample events with anything put anywhere into them. What one costs is told, not judged: other work on the machine
// counts too.
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  type ExtractedParent,
  extractParent,
} from '../../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import type { Trigger } from '../../../instrumentation/triggers/trigger.ts'
import { startRandom } from '../../helpers/random.ts'

const CASES = 20_000
const MAX_TEXT_LENGTH = 1024

const { seed, below, pick } = startRandom()
const folder = new URL('../../fixtures/events/', import.meta.url).pathname
const samples = globSync('*.json', { cwd: folder })
  .sort()
  .map(name => readFileSync(folder + name, 'utf8'))
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const VALID = `00-${TRACE}-b7ad6b7169203331-01`
const VALUES: readonly unknown[] = [
  ...[null, undefined, true, -1, 0, 1e308, Number.NaN, '', 'x', 'x'.repeat(9000), '\ud800', '\n'],
  ...[[], {}, [null], [[]], { 0: 'a' }, { toString: 1 }, JSON.parse('{"__proto__":{"a":1}}')],
  ...['{', '{"Type":"Notification","TopicArn":1', '{"detail-type":"a","detail":7}', 'eyJ', VALID],
  { stringValue: VALID },
  Object.create(null),
]
const refuse = () => {
  throw new Error('no')
}
const HOSTILE = new Proxy(
  {},
  { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse },
)

function mutate(value: unknown): unknown {
  if (below(25) === 0) return below(40) === 0 ? HOSTILE : pick(VALUES)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(mutate)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (below(60) === 0 ? [] : [[key, mutate(each)]])),
  )
}

/** All that an invocation asks of an event. */
function readAll(event: unknown): { trigger: Trigger; found: ExtractedParent } {
  const trigger = detectTrigger(event, 'fn')
  const found = extractParent({
    carriers: trigger.carriers,
    records: trigger.batch?.records,
    recordCount: trigger.batch?.count,
    relation: trigger.relation,
    clientContext: undefined,
    traceHeader: undefined,
  })
  return { trigger, found }
}

/** The shorter of two times: a pause of the process falls into one of them. */
function timeOf(event: unknown): number {
  const times = [0, 1].map(() => {
    const startNs = process.hrtime.bigint()
    readAll(event).found.links.length
    return Number(process.hrtime.bigint() - startNs) / 1e6
  })
  return Math.min(...times)
}

/** A carrier that throws is as good as none, and so is what is asked late. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

t.comment(`seed ${seed} (BATON_FUZZ_SEED repeats it)`)

t.test('events of any shape: no throw, and nothing unbounded comes out', async t => {
  const events = Array.from({ length: CASES }, () => mutate(JSON.parse(pick(samples))))
  const sources = new Set<string>()
  let slowestMs = 0
  for (const [at, event] of events.entries()) {
    const { trigger, found } = readAll(event)
    const { links } = found
    const described = trigger.describeResult(pick(VALUES))
    slowestMs = Math.max(slowestMs, timeOf(event))
    sources.add(trigger.source)
    const late = attempt(() => trigger.describeLate?.()) ?? {}
    const hops = attempt(() => trigger.hops?.()) ?? []
    const texts = [
      ...Object.values({ ...trigger.attributes, ...late.attributes, ...described.attributes }),
      ...hops.flatMap(hop => Object.values(hop.attributes)),
    ].flat()
    const isBounded = texts.every(text => `${text}`.length <= MAX_TEXT_LENGTH)
    if (
      !isBounded ||
      trigger.spanName.length > 300 ||
      trigger.spanName === '' ||
      links.length > 129
    )
      t.fail('unbounded', { seed, round: at, event })
    if (hops.some(({ startMs }) => typeof startMs === 'string'))
      t.fail('a time', { seed, round: at })
  }
  t.comment(`the slowest of ${CASES}: ${slowestMs.toFixed(2)} ms; ${sources.size} sources`)
  t.ok(sources.size > 40)
})

/** Where a record or an event of each kind takes a carrier: beside a broken one, or in its place. */
const BROKEN = [
  '',
  'garbage',
  VALID.slice(1),
  VALID.replace('00-', 'ff-'),
  'x'.repeat(9000),
  7,
  null,
  {},
  [],
]
const HEADER_EVENTS = [
  'api-gateway-rest',
  'api-gateway-http',
  'alb',
  'function-url',
  'vpc-lattice-v1',
  'authorizer-request',
]

t.test('a valid header beside broken ones of any spelling is the parent', async t => {
  const names = [
    'traceparent',
    'Traceparent',
    'TraceParent',
    'TRACEPARENT',
    'tRACEpARENT',
    'traCEparent',
  ]
  for (let at = 0; at < CASES; at++) {
    const name = pick(HEADER_EVENTS)
    const event = JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'))
    // Of more spellings of one name than four no more are tried.
    const spellings = [...names].sort(() => below(3) - 1).slice(0, 4)
    const valid = below(spellings.length)
    event.headers = Object.fromEntries(
      spellings.map((spelling, index) => [spelling, index === valid ? VALID : pick(BROKEN)]),
    )
    event.multiValueHeaders = below(2) === 0 ? { traceparent: [pick(BROKEN)] } : undefined
    const { parent } = readAll(event).found
    if (parent?.spanContext.traceId !== TRACE)
      t.fail('the valid one was lost', { seed, round: at, event })
  }
  t.pass('every time')
})
