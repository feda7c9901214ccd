import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import { type Batch, SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import { encodedSpan, endedSpan, readSpans } from './decode.ts'

const MAX_BYTES = 2 * 1024 * 1024
const ALL = Number.POSITIVE_INFINITY

/** Which spans a batch holds, by the number they were given. */
const numbersIn = ({ spans }: Batch): readonly number[] =>
  readSpans(spans).map(span => Number(span.name))

const numbered = (number: number): Uint8Array => encodedSpan(String(number))

/** A span of exactly so many bytes. */
function spanOf(bytes: number): Uint8Array {
  const overhead = withText('x'.repeat(100_000)).length - 100_000
  return withText('x'.repeat(bytes - overhead))
}

function withText(text: string): Uint8Array {
  const writer = new ByteWriter()
  encodeSpan(writer, endedSpan({ text }))
  return writer.copy()
}

t.test('spans come in a batch in their order, and stay until they are removed', async t => {
  const buffer = new SpanBuffer(10)
  t.equal(buffer.count, 0)
  for (const number of [1, 2, 3]) t.equal(buffer.add(numbered(number)), true)
  t.equal(buffer.count, 3)
  const batch = buffer.batch(ALL)
  t.equal(batch.count, 3)
  t.strictSame(numbersIn(batch), [1, 2, 3])
  t.same(buffer.batch(ALL), batch)
  buffer.remove(batch)
  t.strictSame([buffer.count, buffer.bytes], [0, 0])
  t.strictSame([buffer.batch(ALL).count, buffer.batch(ALL).spans.length], [0, 0])
})

t.test('a batch has no more spans than asked for, of whatever size they are', async t => {
  const buffer = new SpanBuffer(10)
  const spans = [numbered(1), spanOf(127), spanOf(128), spanOf(16_500), numbered(5)]
  for (const span of spans) buffer.add(span)
  for (let count = 0; count <= spans.length; count++) {
    const batch = buffer.batch(count)
    t.equal(batch.count, count)
    t.same(Buffer.from(batch.spans), Buffer.concat(spans.slice(0, count)))
  }
})

t.test('what was added after the batch stays when the batch is removed', async t => {
  const buffer = new SpanBuffer(10)
  for (const number of [1, 2]) buffer.add(numbered(number))
  const batch = buffer.batch(ALL)
  for (const number of [3, 4, 5]) buffer.add(numbered(number))
  t.strictSame(numbersIn(batch), [1, 2], 'the batch is as it was taken')
  t.strictSame(numbersIn(buffer.batch(ALL, batch)), [3, 4, 5], 'the rest can be taken beside it')
  t.strictSame(numbersIn(buffer.batch(2, batch)), [3, 4])
  buffer.remove(batch)
  t.strictSame(numbersIn(buffer.batch(ALL)), [3, 4, 5])
})

t.test('as many spans as the limit are held, and not one more', async t => {
  const buffer = new SpanBuffer(3)
  for (const number of [1, 2, 3]) t.equal(buffer.add(numbered(number)), true)
  t.equal(buffer.add(numbered(4)), false)
  t.strictSame(numbersIn(buffer.batch(ALL)), [1, 2, 3], 'the oldest are kept')
})

t.test('removing makes room again', async t => {
  const buffer = new SpanBuffer(2)
  buffer.add(numbered(1))
  const batch = buffer.batch(ALL)
  buffer.add(numbered(2))
  t.equal(buffer.add(numbered(3)), false)
  buffer.remove(batch)
  t.equal(buffer.add(numbered(4)), true)
  t.strictSame(numbersIn(buffer.batch(ALL)), [2, 4])
})

t.test('2 MiB are held, one byte more is not', async t => {
  const exact = new SpanBuffer(10)
  t.equal(exact.add(spanOf(MAX_BYTES)), true)
  t.equal(exact.bytes, MAX_BYTES)

  const over = new SpanBuffer(10)
  t.equal(over.add(spanOf(MAX_BYTES + 1)), false)
  t.strictSame([over.count, over.bytes], [0, 0])
})

t.test('a span that does not fit does not keep a smaller one out', async t => {
  const buffer = new SpanBuffer(10)
  buffer.add(numbered(1))
  t.equal(buffer.add(spanOf(MAX_BYTES)), false)
  buffer.add(numbered(2))
  t.strictSame(numbersIn(buffer.batch(ALL)), [1, 2])
})

t.test('filled and emptied again and again, nothing is lost or comes twice', async t => {
  const buffer = new SpanBuffer(1000)
  const seen: number[] = []
  let next = 0
  for (let round = 0; round < 200; round++) {
    for (let count = round % 7; count > 0; count--) buffer.add(numbered(next++))
    const batch = buffer.batch(round % 5 === 0 ? 2 : ALL)
    for (let count = round % 3; count > 0; count--) buffer.add(numbered(next++))
    seen.push(...numbersIn(batch))
    buffer.remove(batch)
  }
  seen.push(...numbersIn(buffer.batch(ALL)))
  t.strictSame(
    seen,
    Array.from({ length: next }, (_, index) => index),
  )
})
