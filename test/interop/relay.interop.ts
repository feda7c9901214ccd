// One trace through services in four languages: Baton and OpenTelemetry's own agents and SDKs for Python, Java and Go, in
// each header format that all of them speak, to one collector.
import t, { type Test } from 'tap'
import { createIdSource } from '../../instrumentation/trace/ids.ts'
import { type CollectedSpan, startCollector, type TestCollector } from '../helpers/otlp.ts'
import {
  arriving,
  WIRE_FORMATS,
  type WireFormat,
} from '../instrumentation/propagation/wire-formats.ts'
import { startBatonHop } from './baton-hop.ts'
import { type Hop, prepareServices, startService } from './services.ts'

const EXPORT_TIMEOUT_MS = 20_000

interface Answer {
  readonly name: string
  readonly baggage?: Readonly<Record<string, string>>
  readonly below?: Answer | null
}

interface Relay {
  readonly collector: TestCollector
  readonly hops: ReadonlyMap<string, Hop>
}

/** Sends a request through the hops; their answers, and the spans that came of it, the outermost first. */
async function send(
  { collector, hops }: Relay,
  route: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<{ answers: readonly Answer[]; chain: readonly CollectedSpan[] }> {
  const before = hopsOf(collector.spans).length
  const [first = '', ...rest] = route.map(name => hops.get(name)?.url ?? name)
  const response = await fetch(`${first}?route=${encodeURIComponent(rest.join(' '))}`, { headers })
  const answers: Answer[] = []
  let answer = (await response.json()) as Answer | null | undefined
  for (; answer; answer = answer.below) answers.push(answer)
  const count = expectedChain(route).length
  const isThere = (spans: readonly CollectedSpan[]): boolean =>
    hopsOf(spans).length >= before + count
  const spans = await collector.waitForSpans(isThere, EXPORT_TIMEOUT_MS)
  return { answers, chain: toChain(hopsOf(spans).slice(before)) }
}

/** Without those of Baton's start, which come with its first invocation. */
const hopsOf = (spans: readonly CollectedSpan[]): readonly CollectedSpan[] =>
  spans.filter(({ kind }) => kind !== 'INTERNAL')

/** From the span that has no parent among them to the innermost; of a tree with branches, one of them. */
function toChain(spans: readonly CollectedSpan[]): readonly CollectedSpan[] {
  const ids = new Set(spans.map(span => span.spanId))
  const chain: CollectedSpan[] = []
  let next = spans.find(span => !ids.has(span.parentSpanId ?? ''))
  for (; next; next = spans.find(span => span.parentSpanId === chain.at(-1)?.spanId))
    chain.push(next)
  return chain
}

/** A function URL in front of Baton has a span of its own; who calls nobody has no span of a call. */
const expectedChain = (route: readonly string[]): readonly string[] =>
  route.flatMap((name, at) => [
    ...(name.length === 1 ? [`${name} SERVER`] : []),
    `${name} SERVER`,
    ...(at < route.length - 1 ? [`${name} CLIENT`] : []),
  ])

function expectChain(t: Test, chain: readonly CollectedSpan[], route: readonly string[]): void {
  t.strictSame(
    chain.map(({ resource, kind }) => `${resource['service.name']} ${kind}`),
    expectedChain(route),
    `each span is the next one's parent: ${route.join(' > ')}`,
  )
  t.equal(new Set(chain.map(span => span.traceId)).size, 1, 'one trace')
}

const ids = createIdSource()

async function comesThrough(t: Test, relay: Relay, format: WireFormat): Promise<void> {
  const route = ['a', 'python', 'java', 'go', 'b']
  const caller = { traceId: ids.traceId(), spanId: ids.spanId() }
  const tracestate = format.name === 'tracecontext' ? 'vendor=1' : ''
  const headers = {
    ...format.write(caller),
    baggage: 'order=42',
    ...(tracestate && { tracestate }),
  }
  const { answers, chain } = await send(relay, route, headers)
  expectChain(t, chain, route)
  t.equal(chain[0]?.traceId, arriving(format, caller), "the caller's trace")
  t.equal(chain[0]?.parentSpanId, caller.spanId, 'below the caller')
  t.equal(chain.at(-1)?.traceState, tracestate, "the caller's tracestate")
  const given = { order: '42' }
  const handedOn = { ...given, 'via-a': 'yes' }
  t.strictSame(
    answers.map(({ name, baggage }) => [name, baggage]),
    [
      ['a', given],
      ['python', handedOn],
      // Its code has no API to ask; what the next one sees came through it.
      ['java', undefined],
      ['go', handedOn],
      ['b', handedOn],
    ],
    'baggage, as the code of each service sees it',
  )
}

async function beginsElsewhere(t: Test, relay: Relay, route: readonly string[]): Promise<void> {
  const { chain } = await send(relay, route, {})
  expectChain(t, chain, route)
  t.notOk(chain[0]?.parentSpanId, `begun in ${route[0]}`)
}

const services = await prepareServices()

for (const format of WIRE_FORMATS.filter(({ propagator }) => propagator !== undefined)) {
  t.test(`one trace through four languages by ${format.name}`, async t => {
    await using collector = await startCollector()
    await using stack = new AsyncDisposableStack()
    const propagators = `${format.propagator},baggage`
    const started = await Promise.all([
      ...services.map(service => startService(service, collector.url, propagators)),
      ...['a', 'b'].map(name => startBatonHop(name, collector.url, propagators)),
    ])
    for (const hop of started) stack.use(hop)
    const relay = { collector, hops: new Map(started.map(hop => [hop.name, hop])) }
    await t.test('begun by the caller', t => comesThrough(t, relay, format))
    // OpenTracing's headers have room for half of a trace id, so that one of 128 bits ends at the first call.
    if (format.digits < 32) return
    for (const route of [
      ['python', 'a', 'java', 'b'],
      ['java', 'b', 'go'],
      ['go', 'a', 'python'],
      ['a', 'java', 'b', 'python'],
    ]) {
      await t.test(`begun in ${route[0]}`, t => beginsElsewhere(t, relay, route))
    }
  })
}
