// Formats beside each other in one carrier, some of them broken: what is valid is found, and nothing throws.
import t from 'tap'
import {
  type Carrier,
  headerCarrier,
  mapCarrier,
} from '../../../instrumentation/propagation/carrier.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import { createIdSource, type IdSource } from '../../../instrumentation/trace/ids.ts'
import type { RemoteContext } from '../../../instrumentation/trace/span-context.ts'
import { type Random, startRandom } from '../../helpers/random.ts'
import {
  arriving,
  type Headers,
  type Ids,
  WIRE_FORMATS,
  type WireFormat,
  writeBroken,
  writeOversized,
} from './wire-formats.ts'

const CASES = 100_000
const STATES = ['valid', 'malformed', 'oversized', 'wrong case', 'duplicated'] as const
type State = (typeof STATES)[number]

/** Every format in every one of these: 24 carriers. */
const CONTAINERS: Readonly<Record<string, (headers: Headers, state: State) => Carrier>> = {
  headers: (headers, state) =>
    headerCarrier(state === 'duplicated' ? { ...shout(headers), ...headers } : headers),
  multiValueHeaders: (headers, state) =>
    headerCarrier(
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          state === 'duplicated' ? [value, value] : [value],
        ]),
      ),
    ),
  map: headers => mapCarrier(headers),
}

const shout = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))

const mixCase = (text: string, random: Random): string =>
  Array.from(text, letter => (random.below(2) === 0 ? letter.toUpperCase() : letter)).join('')

/** The headers of one format in that state, and whether a reader must find the span in them. */
function write(format: WireFormat, state: State, ids: Ids, random: Random): [Headers, boolean] {
  if (state === 'malformed') return [writeBroken(format, ids, random), false]
  if (state === 'oversized') return [writeOversized(format, ids, random), false]
  const valid = format.write(ids)
  if (state !== 'wrong case') return [valid, true]
  const isValueToo = random.below(2) === 0 && format.takesUpperCase
  const upper = isValueToo
    ? format.write({ traceId: ids.traceId.toUpperCase(), spanId: ids.spanId.toUpperCase() })
    : valid
  const headers = Object.entries(upper).map(([name, value]) => [mixCase(name, random), value])
  return [Object.fromEntries(headers), true]
}

interface Written {
  readonly format: WireFormat
  readonly own: Ids
  readonly state: State
  readonly headers: Headers
  readonly isValid: boolean
}

function writeSome(ids: IdSource, random: Random): Written[] {
  const written = Array.from({ length: 1 + random.below(4) }, (): Written => {
    const format = random.pick(WIRE_FORMATS)
    const own = { traceId: ids.traceId(), spanId: ids.spanId() }
    const state = random.pick(STATES)
    const [headers, isValid] = write(format, state, own, random)
    return { format, own, state, headers, isValid }
  })
  return written.filter(
    (each, at) => written.findIndex(other => other.format === each.format) === at,
  )
}

/** Both names of B3 read both of its forms, the single header first; what is always read comes last. */
function rankIn(order: readonly WireFormat[], format: WireFormat): number {
  if (format.propagator === undefined) return format.name === 'datadog' ? 100 : 101
  if (!format.name.startsWith('b3')) return order.indexOf(format)
  const first = order.findIndex(each => each.name.startsWith('b3'))
  return first + (format.name === 'b3' ? 0 : 0.5)
}

function isRight(context: RemoteContext | undefined, expected: Written | undefined): boolean {
  if ((context?.baggage?.length ?? 0) > 8192) return false
  if (expected === undefined || context === undefined)
    return expected === undefined && context === undefined
  const { traceId, spanId, traceFlags } = context.spanContext
  return (
    traceId === arriving(expected.format, expected.own) &&
    spanId === expected.own.spanId &&
    traceFlags === 1
  )
}

/** What is beside the formats in some of the carriers. */
function writeBaggage(random: Random): Headers {
  const baggage = random.pick(['', 'a=1,broken,b=2', `k=${'v'.repeat(9000)}`, '\u0000=,=;'])
  return baggage === '' ? {} : { baggage, 'uberctx-%': '%zz\ud800', 'ot-baggage-x': '\n' }
}

t.test(
  'a valid context is found whatever stands beside it, and the first format counts',
  async t => {
    const random = startRandom()
    t.comment(`seed ${random.seed}`)
    const ids = createIdSource(Uint32Array.from({ length: 4 }, () => random.below(2 ** 32)))
    const failures: unknown[] = []
    const seen = new Set<string>()
    let found = 0
    for (let index = 0; index < CASES && failures.length < 5; index++) {
      const written = writeSome(ids, random)
      const container = random.pick(Object.keys(CONTAINERS))
      for (const { format, state } of written) seen.add(`${format.name} ${container} ${state}`)
      const headers = Object.assign(writeBaggage(random), ...written.map(each => each.headers))
      const state = written.find(each => each.state === 'duplicated')?.state ?? 'valid'
      const order = shuffle(
        WIRE_FORMATS.filter(each => each.propagator !== undefined),
        random,
      )
      const names = order.map(each => each.propagator as PropagatorName)
      const [expected] = written
        .filter(each => each.isValid)
        .sort((one, other) => rankIn(order, one.format) - rankIn(order, other.format))
      try {
        const carrier = CONTAINERS[container]?.(headers, state) as Carrier
        const context = createPropagation(['baggage', ...names]).extract(carrier)
        if (context !== undefined) found++
        if (!isRight(context, expected)) failures.push({ index, names, headers, context })
      } catch (error) {
        failures.push({ index, names, headers, error })
      }
    }
    t.strictSame(failures, [])
    t.equal(seen.size, WIRE_FORMATS.length * Object.keys(CONTAINERS).length * STATES.length)
    t.ok(found > CASES / 4 && found < CASES, `${found} of ${CASES} held a context`)
  },
)

function shuffle<T>(list: readonly T[], random: Random): T[] {
  return list
    .map(each => ({ each, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
}

t.test(
  'random texts under the names of all formats never throw and never give a broken id',
  async t => {
    const random = startRandom()
    t.comment(`seed ${random.seed}`)
    const propagation = createPropagation(
      WIRE_FORMATS.flatMap(({ propagator }) => propagator ?? []).concat('baggage'),
    )
    const names = WIRE_FORMATS.flatMap(format =>
      Object.keys(format.write({ traceId: '1'.repeat(32), spanId: '1'.repeat(16) })),
    ).concat('baggage', 'tracestate', 'uberctx-a', 'ot-baggage-a', '__proto__')
    const alphabet = [
      '0',
      '1',
      'a',
      'F',
      'g',
      '-',
      ':',
      ';',
      '=',
      ',',
      '%',
      ' ',
      '\n',
      '\ud800',
      'Root',
      '00-',
    ]
    const values = [null, 7, [], {}, true, ['a'], [null]]
    const broken: unknown[] = []
    for (let index = 0; index < 20_000; index++) {
      const headers = Object.fromEntries(
        names.map(name => [
          name,
          random.below(20) === 0
            ? random.pick(values)
            : Array.from({ length: random.below(60) }, () => random.pick(alphabet)).join(''),
        ]),
      )
      const carrier = headerCarrier(headers)
      const context = propagation.extract(carrier)
      propagation.extractBaggage(carrier)
      propagation.denies?.(carrier)
      if (context === undefined) continue
      const { traceId, spanId } = context.spanContext
      if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) broken.push(headers)
      propagation.inject(context, (_name, value) => {
        if (!/^[\x20-\x7e]*$/.test(value)) broken.push(value)
      })
    }
    t.strictSame(broken, [])
  },
)
