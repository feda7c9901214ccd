// Spec 10.9: 20 MB in pieces of 64 KB by a handler that waits for `drain`, at the memory of a few pieces.
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startStreamingFunction, untilLogged } from '../helpers/streaming.ts'

const MB = 1024 * 1024
const PIECES = 320
const PIECE_BYTES = 64 * 1024

/** Writes what the event asks for and logs how much memory and patience that took; says `stuck` when nothing drains. */
const HANDLER = `
  const { setImmediate: turn } = require('node:timers/promises')
  async function drained(s, told) {
    let isDrained = false
    s.once('drain', () => { isDrained = true })
    for (let turns = 0; !isDrained; turns++) {
      if (turns === 1000 && told.add('stuck').size === 1) console.log('stuck')
      await turn()
    }
  }
  exports.handler = awslambda.streamifyResponse(async (e, s) => {
    const told = new Set()
    const before = process.memoryUsage.rss()
    let peak = before
    let waits = 0
    let held = 0
    for (let index = 0; index < e.pieces; index++) {
      if (!s.write(Buffer.alloc(e.bytes, 'x'))) {
        waits++
        held = Math.max(held, s.writableLength)
        await drained(s, told)
      }
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    s.end()
    console.log(JSON.stringify({ grown: peak - before, waits, held }))
  })`

interface Report {
  /** Bytes of resident memory. */
  readonly grown: number
  readonly waits: number
  /** Bytes in the stream at a time. */
  readonly held: number
}

function report(stdout: string): Report {
  return JSON.parse(/\t(\{.*\})\n/.exec(stdout)?.[1] ?? '')
}

for (const [name, isSlow] of [
  ['a reader that keeps up', false],
  ['a reader that begins when the writer is stuck', true],
] as const) {
  t.test(`C117 20 MB to ${name}: all of it, at flat memory`, async t => {
    let isStuck = !isSlow
    await using fn = await startFunction({
      files: { 'index.js': HANDLER },
      events: [{ pieces: PIECES, bytes: PIECE_BYTES }],
      async beforeRead() {
        while (!isStuck) {
          isStuck = fn.stdout().includes('\tstuck\n')
          await turn()
        }
      },
    })
    await fn.answered(1)
    t.equal(fn.api.arrivals[0]?.bytes, PIECES * PIECE_BYTES)
    t.equal(fn.api.posts[0]?.body, 'x'.repeat(PIECES * PIECE_BYTES))
    await untilLogged(fn, /\}\n/)
    const { grown, waits, held } = report(fn.stdout())
    t.equal(waits, PIECES, 'each piece fills the stream')
    t.equal(held, PIECE_BYTES)
    t.ok(grown < 64 * MB, `resident memory grew by ${Math.round(grown / MB)} MB`)
    t.comment(`resident memory grew by ${Math.round(grown / MB)} MB`)
  })
}

t.test('100,000 small writes: whole and in order', async t => {
  await using fn = await startStreamingFunction(`
    for (let index = 0; index < 100_000; index++) {
      if (!s.write(index + ',')) await new Promise(resolve => s.once('drain', resolve))
    }
    s.end()`)
  await fn.answered(1)
  const numbers = Array.from({ length: 100_000 }, (_, index) => `${index},`)
  t.ok(fn.api.posts[0]?.body === numbers.join(''))
})
