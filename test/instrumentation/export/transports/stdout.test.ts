// Spans as lines: what stands in them, how long they get, and that a real descriptor gets them whole.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { encodeHead } from '../../../../instrumentation/export/otlp-encoder.ts'
import {
  createStdoutTransport,
  encodeLines,
  MAX_LINE_BYTES,
} from '../../../../instrumentation/export/transports/stdout.ts'
import { decodeJson } from '../../../../local/collector/decode.ts'
import { startRandom } from '../../../helpers/random.ts'
import { batchOf, encodedSpan, endedSpan, startSpan } from '../decode.ts'
import { randomSpan } from '../random-span.ts'

const HEAD = encodeHead({ 'service.name': 'fn' }, 'baton', '1.2.3')
const TIMEOUT_MS = 1000

const read = (line: string) => decodeJson(Buffer.from(line))

t.test('a batch is one line: a whole request as JSON', async t => {
  const lines: string[] = []
  const transport = createStdoutTransport({ writeLine: line => lines.push(line) > 0 })
  const batch = batchOf(HEAD, [endedSpan({ n: 1 }), endedSpan({ n: 2, text: 'a\nb' })])
  t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
  t.equal(lines.length, 1)
  t.notMatch(lines[0], '\n')
  t.match(read(lines[0] ?? ''), [
    { resource: { 'service.name': 'fn' }, scope: { name: 'baton' }, attributes: { n: 1 } },
    { attributes: { n: 2, text: 'a\nb' } },
  ])
})

t.test('a line stays below what CloudWatch Logs takes of one event', async t => {
  t.ok(MAX_LINE_BYTES < 256 * 1024)
})

t.test('lines are as long as the limit lets them be, to the byte, and no longer', async t => {
  const batch = batchOf(HEAD, [endedSpan({ k: 'é' }), endedSpan({ k: '⚡' })])
  const [whole = ''] = encodeLines(batch, MAX_LINE_BYTES).lines
  const bytes = Buffer.byteLength(whole)
  t.strictSame(encodeLines(batch, bytes).lines, [whole])
  const split = encodeLines(batch, bytes - 1)
  t.equal(split.lines.length, 2)
  t.equal(split.refused, 0)
  t.match(split.lines.flatMap(read), [{ attributes: { k: 'é' } }, { attributes: { k: '⚡' } }])
})

t.test('random spans: every line within the limit, every span in its order', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 20; round++) {
    const spans = Array.from({ length: 30 }, () => randomSpan(random))
    const maxBytes = 70_000 + random.below(50_000)
    const { lines, refused } = encodeLines(batchOf(HEAD, spans), maxBytes)
    t.equal(refused, 0)
    if (lines.some(line => Buffer.byteLength(line) > maxBytes)) t.fail('a line too long')
    t.strictSame(
      lines.flatMap(read).map(span => span.spanId),
      spans.map(span => span.context.spanId),
    )
  }
})

t.test('a span too large for a line loses what is largest of it, counted', async t => {
  const span = startSpan()
  // In JSON each of these is six characters: what is cut must be found by looking, not by the size in protobuf.
  span.setAttributes({ small: 1, control: '\u0001'.repeat(100_000), text: 'x'.repeat(1000) })
  span.end(span.startMs + 1)
  const { lines, refused } = encodeLines(batchOf(HEAD, [span]), MAX_LINE_BYTES)
  t.equal(refused, 0)
  t.match(lines.flatMap(read), [
    { attributes: { small: 1, control: undefined }, droppedAttributesCount: 1 },
  ])
})

t.test('what fits no line is refused with its count', async t => {
  const lines: string[] = []
  const writeLine = (line: string): boolean => lines.push(line) > 0
  const large = startSpan({ name: 'n'.repeat(1000) })
  large.end(large.startMs)
  const transport = createStdoutTransport({ writeLine, maxLineBytes: 800 })
  t.match(await transport.send(batchOf(HEAD, [large, endedSpan()]), TIMEOUT_MS), {
    status: 'accepted',
    refused: { count: 1 },
  })
  t.match(await transport.send(batchOf(HEAD, [large]), TIMEOUT_MS), { status: 'rejected' })
  t.equal(lines.length, 1)
})

t.test('damaged spans are refused with their count', async t => {
  const spans = Buffer.concat([encodedSpan('a'), encodedSpan('b').subarray(0, 20)])
  const { lines, refused } = encodeLines({ head: HEAD, spans, count: 2 }, MAX_LINE_BYTES)
  t.strictSame([lines.flatMap(read).length, refused], [1, 1])
})

t.test('a line that was not taken whole means retry', async t => {
  const transport = createStdoutTransport({ writeLine: () => false })
  const batch = batchOf(HEAD, [endedSpan()])
  t.match(await transport.send(batch, TIMEOUT_MS), { status: 'retry' })
})

t.test(
  'through a real pipe, by the sink of the log: every line whole, none by the console',
  async t => {
    const root = join(import.meta.dirname, '..', '..', '..', '..')
    const script = `
    import { writeSync } from 'node:fs'
    const { stdoutSink } = await import(${JSON.stringify(join(root, 'runtime/logs/sink.ts'))})
    const { createStdoutTransport } = await import(${JSON.stringify(join(root, 'instrumentation/export/transports/stdout.ts'))})
    const { batchOf, endedSpan } = await import(${JSON.stringify(join(root, 'test/instrumentation/export/decode.ts'))})
    const { encodeHead } = await import(${JSON.stringify(join(root, 'instrumentation/export/otlp-encoder.ts'))})
    console.log = () => writeSync(1, 'console')
    const writeLine = line => { stdoutSink.write(line, 'INFO', 'json', Date.now()); return true }
    const spans = Array.from({ length: 50 }, (_, n) => endedSpan({ n, long: 'x'.repeat(20000) }))
    const batch = batchOf(encodeHead({}, 'baton', '1'), spans)
    await createStdoutTransport({ writeLine }).send(batch, 1000)
  `
    const path = join(t.testdir({ 'write.mjs': script }), 'write.mjs')
    const { stdout } = await promisify(execFile)(
      '/usr/bin/env',
      ['-i', process.execPath, '--experimental-strip-types', '--no-warnings', path],
      { maxBuffer: 1e8, timeout: 60_000 },
    )
    const lines = stdout.trimEnd().split('\n')
    t.ok(lines.length > 1)
    t.strictSame(
      lines.flatMap(read).map(span => span.attributes.n),
      Array.from({ length: 50 }, (_, n) => n),
    )
  },
)
