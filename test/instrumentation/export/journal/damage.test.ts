// Files that are not as a process left them. Whatever is in the folder: recovery ends, tells nothing that was not, and
// says how many files it set aside.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checksum } from '../../../../instrumentation/export/journal/checksum.ts'
import { hasLeftovers } from '../../../../instrumentation/export/journal/folder.ts'
import {
  decodeRecord,
  END,
  FRAME_BYTES,
  OPEN,
} from '../../../../instrumentation/export/journal/record.ts'
import { type Random, startRandom } from '../../../helpers/random.ts'
import {
  begin,
  decode,
  finish,
  leave,
  leftBy,
  MAX_BYTES,
  makeFolder,
  numbersIn,
  open,
  recoverAll,
} from './journals.ts'

const BLOCKS_AT = 4096
const OFFSETS = 200

interface Placed {
  readonly type: number
  readonly spanId: string
  /** Behind it. */
  readonly end: number
}

/** The records of the first block, where they stand. */
function recordsOf(bytes: Buffer): readonly Placed[] {
  const placed: Placed[] = []
  let at = BLOCKS_AT
  for (;;) {
    const record = decodeRecord(bytes, at, bytes.length)
    if (record === undefined) return placed
    at += FRAME_BYTES + record.payload.length
    placed.push({ type: record.type, spanId: record.spanId, end: at })
  }
}

/** The numbers of the spans that must be told when only so much is whole: finished ones, then open ones. */
function expectedOf(records: readonly Placed[], wholeBytes: number): readonly number[] {
  const finished: number[] = []
  const opened = new Set<number>()
  for (const { type, spanId, end } of records) {
    if (end > wholeBytes) break
    const number = Number.parseInt(spanId, 16)
    if (type !== END) opened.add(number)
    else {
      opened.delete(number)
      finished.push(number)
    }
  }
  return [...finished, ...[...opened].reverse()]
}

const journalOf = (t: Parameters<typeof makeFolder>[0], invocations: number): Buffer =>
  leftBy(t, makeFolder(t), journal => {
    for (let number = 1; number < 4 * invocations; number += 4) {
      begin(journal, number)
      open(journal, number + 1, { parent: number, text: 'a'.repeat(number) })
      finish(journal, number + 1, { parent: number })
      open(journal, number + 2, { parent: number })
      if (number + 4 < 4 * invocations) {
        finish(journal, number + 2, { parent: number, text: 'ü' })
        finish(journal, number)
      }
    }
  })

t.test('MurmurHash3 is as its author published it', t => {
  const of = (text: string, seed: number) => {
    const bytes = Buffer.from(`..${text}..`)
    return checksum(bytes, 2, bytes.length - 2, seed)
  }
  t.equal(of('', 0), 0)
  t.equal(of('', 1), 0x514e28b7)
  t.equal(of('', 0xffffffff), 0x81f16f39)
  t.equal(of('a', 0x9747b28c), 0x7fa09ea6)
  t.equal(of('aa', 0x9747b28c), 0x5d211726)
  t.equal(of('aaa', 0x9747b28c), 0x283e0130)
  t.equal(of('aaaa', 0x9747b28c), 0x5a97808a)
  t.equal(of('Hello, world!', 0x9747b28c), 0x24884cba)
  t.end()
})

t.test('cut at every byte, a journal tells what was whole', t => {
  const bytes = journalOf(t, 3)
  const records = recordsOf(bytes)
  t.equal(records.at(-1)?.end, bytes.length)
  const folder = makeFolder(t)
  for (let length = 0; length <= bytes.length; length++) {
    leave(folder, bytes.subarray(0, length))
    const recovered = recoverAll(folder)
    const told = JSON.stringify(numbersIn(recovered))
    const isFile = length < BLOCKS_AT ? told === '[]' : recovered.setAside === 0
    if (!isFile || told !== JSON.stringify(expectedOf(records, length))) {
      t.fail(`${length} bytes: ${told}, ${recovered.setAside} set aside`)
      break
    }
    recovered.release()
  }
  t.strictSame(readdirSync(folder), [])
  t.end()
})

/** Changes every one of so many bytes. */
function damage(bytes: Buffer, offset: number, length: number, random: Random): Buffer {
  const damaged = Buffer.from(bytes)
  for (let at = offset; at < Math.min(offset + length, bytes.length); at++) {
    damaged[at] = (damaged[at] ?? 0) ^ (1 + random.below(255))
  }
  return damaged
}

t.test(`damaged at ${OFFSETS} random places, a journal tells what stood before`, t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const bytes = journalOf(t, 20)
  const records = recordsOf(bytes)
  const all = JSON.stringify(expectedOf(records, bytes.length))
  const folder = makeFolder(t)
  const failures: string[] = []
  let beginnings = 0
  for (let round = 0; round < OFFSETS; round++) {
    // Half of them in the records: the page before is mostly empty.
    const isRecord = round % 2 === 0
    const offset = isRecord
      ? BLOCKS_AT + random.below(bytes.length - BLOCKS_AT)
      : random.below(BLOCKS_AT / 10)
    const length = 1 + random.below(round % 3 === 0 ? 300 : 1)
    leave(folder, damage(bytes, offset, length, random))
    const recovered = recoverAll(folder)
    beginnings += recovered.setAside
    const told = JSON.stringify(numbersIn(recovered))
    const before = JSON.stringify(expectedOf(records, offset))
    const isRight = isRecord ? told === before : told === (recovered.setAside === 1 ? '[]' : all)
    if (!isRight) failures.push(`${length} bytes at ${offset}: ${told}`)
    recovered.release()
  }
  t.strictSame(failures, [])
  t.ok(beginnings > 0, `${beginnings} at the beginning`)
  t.end()
})

t.test(
  'damage in one block leaves the others, and what may have ended in it is not told as open',
  t => {
    const maxBytes = 64 * 1024
    const blockBytes = (maxBytes - BLOCKS_AT) / 8
    const folder = makeFolder(t)
    const text = 'x'.repeat(500)
    const left = leftBy(
      t,
      makeFolder(t),
      journal => {
        begin(journal, 1000)
        for (let number = 1; number < 40; number++) finish(journal, number, { text })
        begin(journal, 1001)
      },
      { maxBytes },
    )
    leave(folder, left)
    const whole = recoverAll(folder)
    const all = numbersIn(whole)
    t.strictSame(all.slice(-2), [1000, 1001])
    t.equal(all.length, 41)
    whole.release()
    // In the middle of the second block.
    left.fill('?', BLOCKS_AT + blockBytes + 3000, BLOCKS_AT + blockBytes + 3002)
    leave(folder, left)
    const numbers = numbersIn(recoverAll(folder))
    t.strictSame(numbers.at(-1), 1001)
    t.notOk(numbers.includes(1000))
    t.ok(numbers.length > 25 && numbers.length < 40, `${numbers.length} spans`)
    t.end()
  },
)

t.test('what is no journal is set aside, and does not come again', t => {
  const folder = makeFolder(t)
  const outside = join(makeFolder(t), 'precious')
  writeFileSync(outside, 'untouched')
  const whole = leftBy(t, folder, journal => void finish(journal, 1))
  leave(folder, Buffer.from('{"not":"ours"}'))
  leave(folder, Buffer.alloc(10_000, 0xff))
  leave(folder, Buffer.concat([whole.subarray(0, 8), Buffer.alloc(5000)]))
  // Sparse, and longer than any journal.
  truncateSync(leave(folder, whole), 2 ** 40)
  const named = (number: number) => join(folder, `baton-journal-4194305-2-${number}`)
  symlinkSync(outside, named(1))
  mkdirSync(join(named(2), 'full'), { recursive: true })
  execFileSync('/usr/bin/mkfifo', [named(3)])
  const before = process.memoryUsage().arrayBuffers
  const recovered = recoverAll(folder)
  t.ok(process.memoryUsage().arrayBuffers - before < 2 * MAX_BYTES)
  t.strictSame(numbersIn(recovered), [1])
  t.equal(recovered.setAside, 7)
  t.equal(hasLeftovers(folder), true, 'the whole one is still there')
  recovered.release()
  t.equal(hasLeftovers(folder), false)
  t.strictSame([numbersIn(recoverAll(folder)), recoverAll(folder).setAside], [[], 0])
  t.equal(readFileSync(outside, 'utf8'), 'untouched')
  t.end()
})

t.test('an empty file is of a process that died before it had begun, and is not counted', t => {
  const folder = makeFolder(t)
  leave(folder, Buffer.alloc(0))
  t.equal(recoverAll(folder).setAside, 0)
  t.strictSame(readdirSync(folder), [])
  t.end()
})

t.test('a journal of the longest kind is read, one that is longer is not', t => {
  const folder = makeFolder(t)
  const left = leftBy(t, makeFolder(t), journal => void finish(journal, 1))
  truncateSync(leave(folder, left), MAX_BYTES)
  const recovered = recoverAll(folder)
  t.strictSame([numbersIn(recovered), recovered.setAside], [[1], 0])
  recovered.release()
  truncateSync(leave(folder, left), MAX_BYTES + 1)
  const tooLong = recoverAll(folder)
  t.strictSame([numbersIn(tooLong), tooLong.setAside], [[], 1])
  t.end()
})

t.test('of very many files the latest eight are read, the others go', t => {
  const folder = makeFolder(t)
  const left = leftBy(t, makeFolder(t), journal => void finish(journal, 1))
  for (let count = 0; count < 300; count++) leave(folder, left)
  const recovered = recoverAll(folder)
  t.strictSame([decode(recovered).length, recovered.setAside], [8, 292])
  recovered.release()
  t.strictSame(readdirSync(folder), [])
  t.end()
})

t.test('files with other names are left alone', t => {
  const folder = makeFolder(t)
  const names = [
    'notes.txt',
    'baton-journal-',
    'baton-journal-1-2',
    'baton-journal-1-2-x',
    'baton-claim-1-2-3',
  ]
  for (const name of names) writeFileSync(join(folder, name), 'x')
  t.equal(hasLeftovers(folder), false)
  t.strictSame([recoverAll(folder).batches, recoverAll(folder).setAside], [[], 0])
  for (const name of names) t.ok(existsSync(join(folder, name)))
  t.end()
})

t.test('a folder that is not there, or is none, holds nothing', t => {
  const file = leave(makeFolder(t), Buffer.alloc(1))
  for (const folder of ['/nonexistent/baton', file]) {
    t.equal(hasLeftovers(folder), false)
    t.strictSame(recoverAll(folder).batches, [])
  }
  t.end()
})

t.test('this test reads records as they are', t => {
  const bytes = journalOf(t, 1)
  t.strictSame(
    recordsOf(bytes).map(({ type }) => type === OPEN),
    [false, true, false, true],
  )
  t.end()
})
