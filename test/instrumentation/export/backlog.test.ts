// The order in which one collector gets spans, and what becomes of those that memory has no room for.
import t from 'tap'
import { Backlog, type Parcel } from '../../../instrumentation/export/backlog.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import { encodedSpan, readSpans } from './decode.ts'

const HEAD = encodeHead({}, 'baton', '1')
const OTHER_HEAD = encodeHead({ 'faas.instance': 'before' }, 'baton', '1')
const MAX_IN_MEMORY = 2
const ALL = Number.POSITIVE_INFINITY

/** A backlog over a journal that is a list; `lose` makes the journal forget its oldest. */
function start(hasJournal = true) {
  const journal: (Uint8Array | undefined)[] = []
  const state = { first: 0, dropped: 0, nowMs: 1000, isOff: false }
  const backlog = new Backlog({
    buffer: new SpanBuffer(MAX_IN_MEMORY),
    head: HEAD,
    hasJournal,
    readJournal(from) {
      if (state.isOff) return { spans: new Uint8Array(0), count: 0, lost: 0 }
      const held = journal.map((span, number) => (number < state.first ? undefined : span))
      const first = held.findIndex((span, number) => number >= from && span !== undefined)
      const spans = held.slice(first, first + 2).filter(span => span !== undefined)
      return { spans: Buffer.concat(spans), count: spans.length, lost: first - from }
    },
    onDrop: count => {
      state.dropped += count
    },
    nowMs: () => state.nowMs,
  })
  return {
    backlog,
    state,
    /** With a journal that takes it, or refuses it. */
    add(name: string, isTaken = true) {
      const span = encodedSpan(name)
      journal.push(isTaken ? span : undefined)
      backlog.add(span)
    },
    /** Takes everything, parcel by parcel. */
    drain(maxSpans = ALL): { origin: string; names: string }[] {
      const taken: { origin: string; names: string }[] = []
      for (let parcel = backlog.next(maxSpans); parcel; parcel = backlog.next(maxSpans)) {
        taken.push({ origin: parcel.origin, names: namesIn(parcel) })
        backlog.forget(parcel)
      }
      return taken
    },
  }
}

const namesIn = (parcel: Parcel): string =>
  readSpans(parcel.spans)
    .map(span => span.name)
    .join('')

t.test('empty: nothing is next, nothing is held', async t => {
  const { backlog } = start()
  t.equal(backlog.next(ALL), undefined)
  t.strictSame([backlog.spans, backlog.share, backlog.oldestMs, backlog.done], [0, 0, undefined, 0])
})

t.test('a parcel stays held until it is forgotten', async t => {
  const { backlog, add } = start()
  add('a')
  t.same(backlog.next(ALL), backlog.next(ALL))
  t.equal(backlog.spans, 1)
})

t.test('parcels have at most as many spans as asked for, oldest first', async t => {
  const { add, drain } = start()
  add('a')
  add('b')
  t.strictSame(drain(1), [
    { origin: 'memory', names: 'a' },
    { origin: 'memory', names: 'b' },
  ])
})

t.test(
  'what found no room comes out of the journal, in order, also what ended after it',
  async t => {
    const { backlog, add, drain, state } = start()
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name)
    t.equal(backlog.spans, 5)
    const first = backlog.next(ALL)
    if (first === undefined) throw new Error('expected a parcel')
    backlog.forget(first)
    add('f')
    t.strictSame(drain(), [
      { origin: 'journal', names: 'cd' },
      { origin: 'journal', names: 'ef' },
    ])
    t.strictSame([backlog.done, backlog.spans, state.dropped], [6, 0, 0])
    add('g')
    t.strictSame(drain(), [{ origin: 'memory', names: 'g' }], 'and then memory serves again')
  },
)

t.test('what the journal had to give up is counted as dropped', async t => {
  const { backlog, add, drain, state } = start()
  for (const name of ['a', 'b', 'c', 'd', 'e']) add(name)
  state.first = 3
  t.strictSame(
    drain().map(each => each.names),
    ['ab', 'de'],
    'memory still had the oldest two',
  )
  t.strictSame([state.dropped, backlog.done, backlog.spans], [1, 5, 0])
})

t.test(
  'a journal that turned itself off: the spans it held are dropped, and nothing hangs',
  async t => {
    const { backlog, add, drain, state } = start()
    for (const name of ['a', 'b', 'c', 'd']) add(name)
    state.isOff = true
    t.strictSame(
      drain().map(each => each.names),
      ['ab'],
    )
    t.strictSame([state.dropped, backlog.spans, backlog.oldestMs], [2, 0, undefined])
  },
)

t.test(
  'what neither memory nor the journal had room for is dropped once, and what follows is not',
  async t => {
    const { add, drain, state, backlog } = start()
    add('a')
    add('b')
    add('c', false)
    add('d')
    t.strictSame(
      drain().map(each => each.names),
      ['ab', 'd'],
    )
    t.strictSame([state.dropped, backlog.done], [1, 4])
  },
)

t.test('without a journal the newest is dropped', async t => {
  const { backlog, add, drain, state } = start(false)
  for (const name of ['a', 'b', 'c']) add(name)
  t.strictSame([state.dropped, backlog.spans], [1, 2])
  t.strictSame(drain(), [{ origin: 'memory', names: 'ab' }])
})

t.test('what an earlier process left goes first, under its own resource', async t => {
  const { backlog, add, drain } = start()
  add('c')
  backlog.addRecovered({ head: OTHER_HEAD, spans: encodedSpan('a'), count: 1 })
  backlog.addRecovered({ head: OTHER_HEAD, spans: encodedSpan('b'), count: 1 })
  t.strictSame([backlog.spans, backlog.hasRecovered], [3, true])
  t.equal(backlog.next(ALL)?.head, OTHER_HEAD)
  t.strictSame(drain(), [
    { origin: 'recovered', names: 'a' },
    { origin: 'recovered', names: 'b' },
    { origin: 'memory', names: 'c' },
  ])
  t.strictSame([backlog.hasRecovered, backlog.done], [false, 1], 'they have no number here')
})

t.test('the rest is all that the parcel under way does not carry', async t => {
  const { backlog, add } = start()
  add('c')
  t.strictSame(backlog.rest(undefined).map(namesIn), ['c'])
  const fromMemory = backlog.next(ALL)
  add('d')
  t.strictSame(backlog.rest(fromMemory).map(namesIn), ['d'])
  backlog.addRecovered({ head: OTHER_HEAD, spans: encodedSpan('a'), count: 1 })
  t.strictSame(backlog.rest(undefined).map(namesIn), ['a', 'cd'])
  t.strictSame(backlog.rest(backlog.next(ALL)).map(namesIn), ['cd'])
})

t.test('the age of what is held begins with the oldest, and again with what is left', async t => {
  const { backlog, state, add } = start()
  add('a')
  state.nowMs = 1500
  add('b')
  t.equal(backlog.oldestMs, 1000)
  const parcel = backlog.next(1)
  if (parcel === undefined) throw new Error('expected a parcel')
  state.nowMs = 1700
  backlog.forget(parcel)
  t.equal(backlog.oldestMs, 1700)
})
