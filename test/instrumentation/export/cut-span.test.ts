// Spans cut to a size: what goes, what is counted, and that no size in between makes a span that cannot be read.
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { cutSpan } from '../../../instrumentation/export/cut-span.ts'
import { splitEntries } from '../../../instrumentation/export/otlp-decoder.ts'
import { encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { type Message, readSpan, startSpan } from './decode.ts'

function messageOf(span: Span): Uint8Array {
  span.end(1_700_000_000_001)
  const writer = new ByteWriter()
  encodeSpan(writer, span)
  return splitEntries(writer.copy()).messages[0] ?? new Uint8Array()
}

function large(): Span {
  const span = startSpan({
    name: 'large',
    context: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      traceState: `k=${'t'.repeat(300)}`,
    },
    limits: { attributeCount: 4, attributeValueLength: 1e6, eventCount: 2, linkCount: 2 },
  })
  span.setAttributes({ small: 1, huge: 'h'.repeat(5000), medium: 'm'.repeat(500), tiny: true })
  span.setAttribute('over the limit', 1)
  span.addEvent('event', 1, { stack: 's'.repeat(3000) })
  span.addEvent('short', 1)
  span.addLink({ ...span.context, traceState: undefined })
  span.setError('e'.repeat(1000))
  return span
}

const keys = (message: Message): readonly string[] =>
  ((message.attributes ?? []) as readonly { key: string }[]).map(each => each.key)

t.test('a span that fits is not touched, to the byte', async t => {
  const message = messageOf(large())
  t.equal(cutSpan(message, message.length), message)
  t.not(cutSpan(message, message.length - 1), message)
})

t.test('what is largest goes first, and is added to what was dropped before', async t => {
  const message = messageOf(large())
  const one = readSpan(cutSpan(message, message.length - 1) ?? new Uint8Array())
  t.strictSame(keys(one), ['small', 'medium', 'tiny'])
  t.match(one, { droppedAttributesCount: 2, droppedEventsCount: undefined, events: { length: 2 } })
  const two = readSpan(cutSpan(message, 3000) ?? new Uint8Array())
  t.match(two, { droppedAttributesCount: 2, droppedEventsCount: 1, status: { code: 2 } })
  t.equal((two.status as Message).message, 'e'.repeat(1000))
})

/** What is wrong with a cut of `large()`, in which four attributes were kept and one dropped, two events and a link. */
function flawOf(cut: Uint8Array, maxBytes: number): string | undefined {
  if (cut.length > maxBytes) return `${cut.length} bytes`
  const read = readSpan(cut)
  const { droppedAttributesCount = 0, droppedEventsCount = 0, droppedLinksCount = 0 } = read
  const count = (list: unknown): number => ((list ?? []) as readonly unknown[]).length
  const counts = [
    keys(read).length + Number(droppedAttributesCount),
    count(read.events) + Number(droppedEventsCount),
    count(read.links) + Number(droppedLinksCount),
    (read.status as Message).code,
  ]
  if (counts.join() !== '5,2,1,2') return `counts ${counts}`
  return read.name === 'large' && read.flags === 0x101 ? undefined : `${read.name}, ${read.flags}`
}

t.test('every size is kept to, and what is left can be read, down to name and ids', async t => {
  const message = messageOf(large())
  let least = message.length
  for (; least > 0; least--) {
    const cut = cutSpan(message, least)
    if (cut === undefined) break
    const flaw = flawOf(cut, least)
    if (flaw !== undefined) t.fail(`at most ${least} bytes: ${flaw}`)
  }
  t.ok(least < 130, `refused at ${least} bytes`)
})

t.test('a span that is nothing but a name is refused', async t => {
  const message = messageOf(startSpan({ name: 'n'.repeat(1000) }))
  t.equal(cutSpan(message, 500), undefined)
})

t.test('damaged bytes are refused', async t => {
  const message = messageOf(large())
  t.equal(cutSpan(message.subarray(0, message.length - 3), 100), undefined)
  t.equal(cutSpan(Buffer.alloc(1000, 0xff), 100), undefined)
})
