import t from 'tap'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import { endedSpan, readSpans } from './decode.ts'

const MAX_BYTES = 2 * 1024 * 1024

/** Which spans a batch holds, by the number they were given. */
function numbersIn(spans: Uint8Array): readonly unknown[] {
  return readSpans(spans).map(span => {
    const [first] = span.attributes as readonly { value: { intValue: string } }[]
    return Number(first?.value.intValue)
  })
}

const numbered = (number: number) => endedSpan({ number })

/** A span of exactly so many bytes in a batch of its own. */
function spanOf(bytes: number) {
  const overhead = sizeOf('x'.repeat(100_000)) - 100_000
  return endedSpan({ text: 'x'.repeat(bytes - overhead) })
}

function sizeOf(text: string): number {
  const buffer = new SpanBuffer(1)
  buffer.add(endedSpan({ text }))
  return buffer.batch().spans.length
}

t.test('spans come in a batch in their order, and stay until they are removed', async t => {
  const buffer = new SpanBuffer(10)
  t.equal(buffer.isEmpty, true)
  for (const number of [1, 2, 3]) buffer.add(numbered(number))
  t.equal(buffer.isEmpty, false)
  const batch = buffer.batch()
  t.equal(batch.count, 3)
  t.strictSame(numbersIn(batch.spans), [1, 2, 3])
  t.strictSame(buffer.batch(), batch)
  buffer.remove(batch)
  t.equal(buffer.isEmpty, true)
  t.strictSame([buffer.batch().count, buffer.batch().spans.length], [0, 0])
})

t.test('what was added after the batch stays when the batch is removed', async t => {
  const buffer = new SpanBuffer(10)
  for (const number of [1, 2]) buffer.add(numbered(number))
  const batch = buffer.batch()
  for (const number of [3, 4, 5]) buffer.add(numbered(number))
  t.strictSame(numbersIn(batch.spans), [1, 2], 'the batch is as it was taken')
  buffer.remove(batch)
  t.equal(buffer.isEmpty, false)
  const rest = buffer.batch()
  t.equal(rest.count, 3)
  t.strictSame(numbersIn(rest.spans), [3, 4, 5])
  buffer.remove(rest)
  t.equal(buffer.isEmpty, true)
})

t.test('as many spans as the limit are held, the next is dropped and counted', async t => {
  const buffer = new SpanBuffer(3)
  for (const number of [1, 2, 3]) buffer.add(numbered(number))
  t.equal(buffer.dropped, 0)
  buffer.add(numbered(4))
  buffer.add(numbered(5))
  t.equal(buffer.dropped, 2)
  t.strictSame(numbersIn(buffer.batch().spans), [1, 2, 3], 'the oldest are kept')
})

t.test('removing makes room again', async t => {
  const buffer = new SpanBuffer(2)
  buffer.add(numbered(1))
  const batch = buffer.batch()
  buffer.add(numbered(2))
  buffer.add(numbered(3))
  buffer.remove(batch)
  buffer.add(numbered(4))
  buffer.add(numbered(5))
  t.strictSame(numbersIn(buffer.batch().spans), [2, 4])
  t.equal(buffer.dropped, 2)
})

t.test('2 MiB are held, one byte more is dropped, counted and leaves no trace', async t => {
  const exact = new SpanBuffer(10)
  exact.add(spanOf(MAX_BYTES))
  t.equal(exact.batch().spans.length, MAX_BYTES)
  t.strictSame([exact.batch().count, exact.dropped], [1, 0])

  const over = new SpanBuffer(10)
  over.add(spanOf(MAX_BYTES + 1))
  t.strictSame([over.isEmpty, over.batch().spans.length, over.dropped], [true, 0, 1])
})

t.test('a span that does not fit does not keep a smaller one out', async t => {
  const buffer = new SpanBuffer(10)
  buffer.add(numbered(1))
  buffer.add(spanOf(MAX_BYTES))
  buffer.add(numbered(2))
  t.strictSame(numbersIn(buffer.batch().spans), [1, 2])
  t.equal(buffer.dropped, 1)
})

t.test('filled and emptied again and again, nothing is lost or comes twice', async t => {
  const buffer = new SpanBuffer(1000)
  const seen: unknown[] = []
  let next = 0
  for (let round = 0; round < 200; round++) {
    for (let count = round % 7; count > 0; count--) buffer.add(numbered(next++))
    const batch = buffer.batch()
    for (let count = round % 3; count > 0; count--) buffer.add(numbered(next++))
    seen.push(...numbersIn(batch.spans))
    buffer.remove(batch)
  }
  seen.push(...numbersIn(buffer.batch().spans))
  t.strictSame(
    seen,
    Array.from({ length: next }, (_, index) => index),
  )
})
