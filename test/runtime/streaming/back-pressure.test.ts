// How much a response stream takes in, when it says stop, and what becomes of what it holds.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import { startRandom } from '../../helpers/random.ts'
import { errorOf } from '../../helpers/streaming.ts'
import { startStreaming } from './stream-handler.ts'

/** A reader that takes nothing until it is told to. */
function gate(): { readonly open: () => void; readonly beforeRead: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, beforeRead: () => promise }
}

/** Writes until nothing has drained for a while: the buffers of both ends are full. Answers how much was written. */
async function fill(stream: ResponseStream): Promise<number> {
  const piece = Buffer.alloc(256 * 1024, 'x')
  for (let written = 0; ; ) {
    stream.write(piece)
    written += piece.length
    let isDrained = false
    stream.once('drain', () => {
      isDrained = true
    })
    for (let turns = 0; !isDrained && turns < 500; turns++) {
      await new Promise(resolve => setImmediate(resolve))
    }
    if (!isDrained) return written
  }
}

t.test('C117 the last write that leaves room, and the first that does not', async t => {
  await using streaming = await startStreaming(
    async (_event, stream) => {
      t.equal(stream.writableHighWaterMark, 10)
      t.equal(stream.write('123456789'), true)
      t.equal(stream.writableNeedDrain, false)
      await new Promise(resolve => stream.write('', resolve))
      t.equal(stream.writableLength, 0)
      t.equal(stream.write('1234567890'), false)
      t.equal(stream.writableNeedDrain, true)
      await once(stream, 'drain')
      t.equal(stream.writableLength, 0)
      stream.end()
    },
    { highWaterMark: 10 },
  )
  await streaming.answer
  t.equal(streaming.api.posts[0]?.body, '1234567891234567890')
})

t.test('without a mark of its own the stream has that of Node', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    t.equal(stream.writableHighWaterMark, new Readable().readableHighWaterMark)
    stream.end()
  })
  await streaming.answer
})

t.test('what is written in one tick shares a chunk', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    for (let index = 0; index < 100; index++) stream.write(`${index},`)
    stream.end()
  })
  await streaming.answer
  t.equal(streaming.api.posts[0]?.body, Array.from({ length: 100 }, (_, n) => `${n},`).join(''))
})

t.test('a reader that stands still stops the writer, and nothing is lost', async t => {
  const reader = gate()
  let written = 0
  await using streaming = await startStreaming(async (_event, stream) => {
    written = await fill(stream)
    t.ok(stream.writableLength > 0 && stream.writableLength <= 2 * 256 * 1024)
    reader.open()
    await once(stream, 'drain')
    stream.end('end')
  }, reader)
  t.match((await streaming.answer).outcome, { status: 'ok', stream: { bytes: written + 3 } })
  t.ok(streaming.api.posts[0]?.body === `${'x'.repeat(written)}end`)
})

for (const [name, leave] of [
  [
    'throws',
    () => {
      throw new RangeError('mine')
    },
  ],
  ['destroys its stream', (stream: ResponseStream) => void stream.destroy(new RangeError('mine'))],
] as const) {
  t.test(
    `a handler that ${name} before a reader who stands still: all it wrote, then the error`,
    async t => {
      const reader = gate()
      let written = 0
      await using streaming = await startStreaming(async (_event, stream) => {
        written = await fill(stream)
        stream.write('behind')
        setImmediate(reader.open)
        leave(stream)
      }, reader)
      t.match((await streaming.answer).outcome, { errorType: 'RangeError' })
      t.ok(streaming.api.posts[0]?.body === `${'x'.repeat(written)}behind`)
      t.equal(errorOf(streaming.api.posts[0]).type, 'RangeError')
    },
  )
}

t.test('destroyed after the end and before the last byte has left: it is whole', async t => {
  const reader = gate()
  let written = 0
  await using streaming = await startStreaming(async (_event, stream) => {
    written = await fill(stream)
    stream.end('end')
    stream.destroy()
    reader.open()
  }, reader)
  t.match((await streaming.answer).outcome, { status: 'ok' })
  t.ok(streaming.api.posts[0]?.body === `${'x'.repeat(written)}end`)
  t.equal(errorOf(streaming.api.posts[0]).type, undefined)
})

t.test('pieces of all kinds to a reader that stops now and then: the same bytes', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const written: Buffer[] = []
  await using streaming = await startStreaming(
    async (_event, stream) => {
      for (let round = 0; round < 3000; round++) {
        const text = random
          .pick(['x', 'é', '💥'])
          .repeat(random.below(random.pick([10, 1000, 9000])))
        const piece = random.below(2) === 0 ? text : Buffer.from(text)
        written.push(Buffer.from(text))
        if (!stream.write(piece)) await once(stream, 'drain')
        if (random.below(50) === 0) await new Promise(resolve => setImmediate(resolve))
      }
      stream.end()
    },
    {
      beforeRead: () =>
        random.below(4) === 0 ? new Promise(resolve => setImmediate(resolve)) : undefined,
    },
  )
  const { outcome } = await streaming.answer
  const expected = Buffer.concat(written)
  t.match(outcome, { status: 'ok', stream: { bytes: expected.length } })
  t.ok(streaming.api.posts[0]?.body === expected.toString())
})

t.test('C138 events of the stream belong to its invocation', async t => {
  const reader = gate()
  const seen: [string, string | undefined][] = []
  await using streaming = await startStreaming(async (_event, stream) => {
    for (const event of ['drain', 'finish', 'close', 'error']) {
      stream.on(event, () => seen.push([event, streaming.currentId()]))
    }
    stream.write('x', () => seen.push(['written', streaming.currentId()]))
    await fill(stream)
    reader.open()
    await once(stream, 'drain')
    stream.end()
    await once(stream, 'close')
  }, reader)
  await streaming.answer
  t.strictSame([...new Set(seen.map(([event]) => event))].sort(), [
    'close',
    'drain',
    'finish',
    'written',
  ])
  t.strictSame([...new Set(seen.map(([, id]) => id))], ['req-0'])
})

t.test('C138 the error of a lost connection belongs to the invocation too', async t => {
  const seen: (string | undefined)[] = []
  await using streaming = await startStreaming(
    async (_event, stream) => {
      stream.on('error', () => seen.push(streaming.currentId()))
      stream.on('close', () => seen.push(streaming.currentId()))
      stream.write('x')
      await new Promise(() => {})
    },
    { faultWhile: ({ bytes }) => (bytes > 0 ? { reset: true } : undefined) },
  )
  await streaming.answer
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(seen, ['req-0', 'req-0'])
})

t.test('a pipeline of 5 MB waits for its reader', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    await pipeline(
      Readable.from(Array.from({ length: 80 }, () => Buffer.alloc(65536, 'x'))),
      stream,
    )
  })
  t.match((await streaming.answer).outcome, { stream: { bytes: 80 * 65536 } })
  t.ok(streaming.api.posts[0]?.body === 'x'.repeat(80 * 65536))
})
