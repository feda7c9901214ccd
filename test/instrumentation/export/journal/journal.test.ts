import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSpans } from '../decode.ts'
import {
  begin,
  bytesIn,
  decode,
  encodeFinished,
  finish,
  idOf,
  leftBy,
  MAX_BYTES,
  makeFolder,
  makeSpan,
  numbersIn,
  open,
  openJournal,
  recoverAll,
} from './journals.ts'

/** The smallest journal used here: blocks of 7.5 KB. */
const SMALL_BYTES = 64 * 1024

const numbersOf = (spans: Uint8Array): readonly number[] =>
  readSpans(spans).map(({ name }) => Number(name))

t.test(
  'what was finished is recovered as it was, what was open is ended, in one request each',
  t => {
    const folder = makeFolder(t)
    leftBy(t, folder, journal => {
      begin(journal, 1)
      open(journal, 2, { parent: 1 })
      finish(journal, 2, { parent: 1, text: 'é'.repeat(300) })
      open(journal, 3, { parent: 1 })
      finish(journal, 4)
    })
    const recovered = recoverAll(folder)
    const spans = decode(recovered)
    t.strictSame(
      spans.map(({ number, isFinished }) => [number, isFinished]),
      [
        [2, true],
        [4, true],
        [3, false],
        [1, false],
      ],
    )
    t.equal(spans[0]?.attributes.text, 'é'.repeat(300))
    t.strictSame(
      [recovered.openInvocations, recovered.setAside, recovered.dropped, recovered.batches.length],
      [1, 0, 0, 1],
    )
    t.end()
  },
)

t.test('what was cut or discarded is not recovered', t => {
  const folder = makeFolder(t)
  leftBy(t, folder, journal => {
    for (const number of [1, 2, 3, 4]) finish(journal, number)
    open(journal, 5)
    open(journal, 6)
    journal.discard(idOf(5))
    journal.cut(2)
  })
  t.strictSame(numbersIn(recoverAll(folder)), [3, 4, 6])
  t.end()
})

t.test('once everything is cut, nothing is recovered, and the next spans are', t => {
  const folder = makeFolder(t)
  const write = (rounds: number) => () =>
    leftBy(t, folder, journal => {
      for (let round = 0; round < rounds; round++) {
        begin(journal, 1 + 3 * round)
        open(journal, 2 + 3 * round)
        // Each round is shorter than the one before: its records end within those of the last.
        finish(journal, 2 + 3 * round, { text: 'x'.repeat(1000 - 100 * round) })
        finish(journal, 1 + 3 * round)
        journal.cut(2 * (round + 1))
      }
      begin(journal, 100)
      finish(journal, 101)
    })
  for (const rounds of [1, 2, 5, 9]) {
    write(rounds)()
    const recovered = recoverAll(folder)
    t.strictSame(numbersIn(recovered), [101, 100], `after ${rounds} rounds`)
    recovered.release()
  }
  t.end()
})

t.test('the file stays as long as one invocation while each is accepted', t => {
  const folder = makeFolder(t)
  const journal = openJournal(folder)
  for (let round = 0; round < 1000; round++) {
    begin(journal, 1)
    finish(journal, 2, { text: 'x'.repeat(1000) })
    finish(journal, 1)
    journal.cut(2 * (round + 1))
  }
  t.ok(bytesIn(folder).length < 8192)
  journal.exit(0)
  t.end()
})

t.test('begun again, an invocation is told with what was said last', t => {
  const folder = makeFolder(t)
  leftBy(t, folder, journal => {
    begin(journal, 1, 0)
    begin(journal, 1, 0, { text: 'more' })
  })
  const [span, ...rest] = decode(recoverAll(folder))
  t.equal(span?.attributes.text, 'more')
  t.equal(rest.length, 0)
  t.end()
})

t.test(
  'reading gives the spans from a number on, as many as the limit lets in, one at least',
  t => {
    const journal = openJournal(makeFolder(t))
    for (let number = 0; number < 10; number++) finish(journal, number)
    const { length } = journal.read(3, 1).spans
    t.strictSame(numbersOf(journal.read(3, 1).spans), [3])
    t.strictSame(numbersOf(journal.read(3, 3 * length).spans), [3, 4, 5])
    t.strictSame(numbersOf(journal.read(3, 3 * length - 1).spans), [3, 4])
    t.strictSame(numbersOf(journal.read(8, MAX_BYTES).spans), [8, 9])
    t.strictSame(journal.read(10, MAX_BYTES), { spans: new Uint8Array(0), count: 0, lost: 0 })
    journal.cut(6)
    const { spans, ...counts } = journal.read(4, MAX_BYTES)
    t.strictSame(numbersOf(spans), [6, 7, 8, 9])
    t.strictSame(counts, { count: 4, lost: 2 })
    journal.exit(0)
    t.end()
  },
)

t.test('a span of half a block is taken, one byte more is not, and is not told as open', t => {
  const folder = makeFolder(t)
  // Half a block of the eight behind the first page, without the frame.
  const mostBytes = (SMALL_BYTES - 4096) / 8 / 2 - 33
  const overhead = encodeFinished(makeSpan(1, { text: 'x'.repeat(3000) })).length - 3000
  const text = 'x'.repeat(mostBytes - overhead)
  leftBy(
    t,
    folder,
    journal => {
      t.equal(finish(journal, 1, { text }), true)
      open(journal, 2)
      t.equal(finish(journal, 2, { text: `${text}x` }), false)
      t.equal(finish(journal, 3), true)
    },
    { maxBytes: SMALL_BYTES },
  )
  t.strictSame(numbersIn(recoverAll(folder)), [1, 3])
  t.end()
})

t.test('numbers of spans that were not taken are missing, and are said to be lost', t => {
  const journal = openJournal(makeFolder(t), { maxBytes: SMALL_BYTES })
  const long = 'x'.repeat(5000)
  finish(journal, 0)
  finish(journal, 1, { text: long })
  finish(journal, 2, { text: long })
  finish(journal, 3)
  const numbered = [0, 1, 2, 3, 4].map(from => {
    const { spans, count, lost } = journal.read(from, MAX_BYTES)
    return [numbersOf(spans), count, lost]
  })
  t.strictSame(numbered, [
    [[0], 1, 0],
    [[3], 1, 2],
    [[3], 1, 1],
    [[3], 1, 0],
    [[], 0, 0],
  ])
  journal.cut(2)
  t.strictSame(numbersOf(journal.read(2, MAX_BYTES).spans), [3])
  journal.exit(0)
  t.end()
})

t.test(
  '100,000 spans that nobody takes stay within 4 MB: the latest are kept, the others counted',
  t => {
    const folder = makeFolder(t)
    const SPANS = 100_000
    const bytes = leftBy(t, folder, journal => {
      begin(journal, SPANS + 1)
      open(journal, SPANS + 2, { parent: SPANS + 1 })
      for (let number = 0; number < SPANS; number++) finish(journal, number)
      const kept = journal.read(journal.dropped, Number.POSITIVE_INFINITY)
      t.equal(kept.lost, 0)
      t.equal(journal.dropped + kept.count, SPANS)
      t.strictSame(numbersOf(kept.spans).at(0), journal.dropped)
    })
    t.ok(bytes.length <= MAX_BYTES, `${bytes.length} bytes`)
    const numbers = numbersIn(recoverAll(folder))
    t.ok(numbers.length > 20_000, `${numbers.length} spans`)
    t.strictSame(numbers.slice(-3), [SPANS - 1, SPANS + 2, SPANS + 1], 'what is open outlasts all')
    const first = numbers[0] ?? 0
    t.strictSame(
      numbers.slice(0, -2),
      Array.from({ length: SPANS - first }, (_, index) => first + index),
    )
    t.end()
  },
)

t.test(
  'always something open and something accepted: nothing is dropped, whatever is written',
  t => {
    const folder = makeFolder(t)
    leftBy(
      t,
      folder,
      journal => {
        begin(journal, 0)
        for (let number = 1; number < 20_000; number++) {
          begin(journal, number)
          finish(journal, number - 1)
          // The last ten are not accepted yet.
          journal.cut(number - 10)
        }
        t.equal(journal.dropped, 0)
      },
      { maxBytes: SMALL_BYTES },
    )
    const expected = Array.from({ length: 10 }, (_, index) => 19_989 + index)
    t.strictSame(numbersIn(recoverAll(folder)), [...expected, 19_999])
    t.end()
  },
)

t.test('a process that ends with nothing held leaves no file; else its exit code is told', t => {
  const folder = makeFolder(t)
  const journal = openJournal(folder)
  begin(journal, 1)
  finish(journal, 1)
  journal.cut(1)
  journal.exit(0)
  t.strictSame(readdirSync(folder), [])
  t.equal(finish(journal, 2), false, 'nothing is taken any more')
  t.equal(journal.read(0, 1).count, 0)

  leftBy(t, folder, journal => {
    begin(journal, 1)
    journal.exit(129)
  })
  const [span] = decode(recoverAll(folder))
  t.strictSame(span?.attributes, {
    'error.type': 'Runtime.ExitError',
    'baton.death.evidence': 'exit_code',
    'process.exit.code': '129',
  })
  t.equal(span?.message, 'The process exited with code 129')
  t.end()
})

t.test('nobody else can read the files', t => {
  const parent = makeFolder(t)
  const folder = join(parent, 'a', 'b')
  const journal = openJournal(folder)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of readdirSync(folder)) {
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
  }
  journal.exit(0)
  t.end()
})
