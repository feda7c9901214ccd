// Batches that are too large for a collector: what is sent in their place, and what becomes of each span.
import t from 'tap'
import { ByteWriter } from '../../../../instrumentation/export/byte-writer.ts'
import { encodeHead, encodeSpan } from '../../../../instrumentation/export/otlp-encoder.ts'
import type { SendResult, SpanBatch } from '../../../../instrumentation/export/transport.ts'
import {
  createPartedSend,
  type Posted,
  splitBatch,
} from '../../../../instrumentation/export/transports/send-in-parts.ts'
import { endedSpan, readSpans } from '../decode.ts'

const HEAD = encodeHead({}, 'baton', '1')
const TIMEOUT_MS = 60_000

/** A span each; after the name may stand how long it is otherwise. */
function batchOf(names: readonly string[]): SpanBatch {
  const writer = new ByteWriter()
  for (const text of names) {
    const [name = '', length = '0'] = text.split(' ')
    encodeSpan(writer, endedSpan({ name, long: 'x'.repeat(Number(length)) }))
  }
  return { head: HEAD, spans: writer.copy(), count: names.length }
}

/** The name is an attribute of each span, the first one. */
const namesOf = ({ spans }: SpanBatch): unknown[] =>
  readSpans(spans).map(span => {
    const [name] = span.attributes as { value: { stringValue: string } }[]
    return name?.value.stringValue
  })

interface Sent {
  readonly names: readonly unknown[][]
  readonly result: SendResult
}

async function send(batch: SpanBatch, answer: (part: SpanBatch) => Posted): Promise<Sent> {
  const names: unknown[][] = []
  const result = await createPartedSend(async part => {
    names.push(namesOf(part))
    return answer(part)
  })(batch, TIMEOUT_MS)
  return { names, result }
}

const ACCEPTED = { status: 'accepted' } as const
/** Lengths that take one, two, three and four bytes before the span. */
const NAMES = ['a', 'b 200', 'c 40000', 'd 3000000', 'e']

t.test('a batch is halved between spans, whatever their lengths', async t => {
  for (let count = 2; count <= NAMES.length; count++) {
    const names = NAMES.slice(0, count)
    const halves = splitBatch(batchOf(names)) ?? []
    const expected = names.map(name => name.charAt(0))
    t.strictSame(halves.map(namesOf), [expected.slice(0, count >> 1), expected.slice(count >> 1)])
    t.strictSame(
      halves.map(half => half.count),
      [count >> 1, count - (count >> 1)],
    )
  }
  t.equal(splitBatch(batchOf(['a'])), undefined)
  t.equal(splitBatch(batchOf([])), undefined)
})

t.test('what is taken whole is sent once, and its answer is passed on', async t => {
  const refused = { status: 'accepted', refused: { count: 1, reason: 'old' } } as const
  for (const answer of [ACCEPTED, refused, { status: 'rejected', reason: 'no' }] as const) {
    t.strictSame(await send(batchOf(['a', 'b']), () => answer), {
      names: [['a', 'b']],
      result: answer,
    })
  }
})

t.test('413 is answered by halves, down to a single span if need be, in order', async t => {
  const { names, result } = await send(batchOf(['a', 'b', 'c']), part =>
    part.count > 1 ? 'too large' : ACCEPTED,
  )
  t.strictSame(names, [['a', 'b', 'c'], ['a'], ['b', 'c'], ['b'], ['c']])
  t.strictSame(result, ACCEPTED)
})

t.test('a single span that is too large is refused, and the others are taken', async t => {
  const { result } = await send(batchOf(NAMES), part =>
    part.spans.length > 50_000 ? 'too large' : ACCEPTED,
  )
  t.match(result, { status: 'accepted', refused: { count: 1, reason: /413 to 300\d{4} bytes/ } })
  const alone = await send(batchOf(['a']), () => 'too large')
  t.match(alone, { names: [['a']], result: { status: 'rejected', reason: /413/ } })
})

t.test('spans that the halves lose are counted together', async t => {
  const { result } = await send(batchOf(['a', 'b', 'c', 'd']), part => {
    if (part.count > 1) return 'too large'
    const [name] = namesOf(part)
    if (name === 'a') return { status: 'rejected', reason: 'bad' }
    return name === 'c' ? { ...ACCEPTED, refused: { count: 1, reason: 'old' } } : ACCEPTED
  })
  t.strictSame(result, { status: 'accepted', refused: { count: 2, reason: 'bad' } })
})

t.test(
  'a half that is to come later brings the whole batch back; nothing more is sent',
  async t => {
    const retry = { status: 'retry', reason: 'busy', afterMs: 7 } as const
    const { names, result } = await send(batchOf(['a', 'b']), part =>
      part.count > 1 ? 'too large' : retry,
    )
    t.strictSame(names, [['a', 'b'], ['a']])
    t.strictSame(result, retry)
  },
)

t.test('what was once too large is not tried again; what is smaller is', async t => {
  const sizes: number[] = []
  const limit = batchOf(['a', 'b', 'c']).spans.length
  const parted = createPartedSend(async part => {
    sizes.push(part.count)
    return part.spans.length > limit ? 'too large' : ACCEPTED
  })
  for (const names of [
    ['a', 'b', 'c', 'd'],
    ['e', 'f', 'g', 'h'],
    ['i', 'j', 'k'],
  ])
    t.strictSame(await parted(batchOf(names), TIMEOUT_MS), ACCEPTED)
  t.strictSame(sizes, [4, 2, 2, 2, 2, 3])
})

t.test('a collector that says 413 to everything is not asked for ever', async t => {
  const names = Array.from({ length: 500 }, (_, index) => `${index}`)
  const sent = await send(batchOf(names), () => 'too large')
  t.match(sent.result, { status: 'rejected', reason: /413/ })
  t.equal(sent.names.length, 64)
})

t.test('the parts share the time of the batch', async t => {
  const left: number[] = []
  await createPartedSend(async (part, timeoutMs) => {
    left.push(timeoutMs)
    const untilMs = Date.now() + 5
    while (Date.now() < untilMs);
    return part.count > 1 ? 'too large' : ACCEPTED
  })(batchOf(['a', 'b']), 1000)
  const [first = 0, second = 0, third = 0] = left
  t.ok(first <= 1000 && second <= first - 5 && third <= second - 5, left.join())
})
