// How open spans are ended, and in what portions everything is handed over.
import { readdirSync, utimesSync } from 'node:fs'
import t, { type Test } from 'tap'
import {
  type DeathFacts,
  explainDeath,
} from '../../../../instrumentation/export/journal/how-it-died.ts'
import type { Journal } from '../../../../instrumentation/export/journal/journal.ts'
import type { RecoverOptions } from '../../../../instrumentation/export/journal/recover.ts'
import {
  begin,
  bytesIn,
  type DecodedSpan,
  decode,
  encodeFinished,
  finish,
  leave,
  leftBy,
  makeFolder,
  makeSpan,
  numbersIn,
  open,
  openJournal,
  recoverAll,
  START_MS,
} from './journals.ts'

/** Recovers what a process left that wrote this, last at that time. */
function recoverFrom(
  t: Test,
  write: (journal: Journal) => void,
  lastWriteMs: number,
  options: Partial<RecoverOptions>,
): readonly DecodedSpan[] {
  const [folder, own] = [makeFolder(t), makeFolder(t)]
  write(openJournal(own))
  const path = leave(folder, bytesIn(own))
  utimesSync(path, lastWriteMs / 1000, lastWriteMs / 1000)
  return decode(recoverAll(folder, options))
}

const endsOf = (spans: readonly DecodedSpan[]): readonly [number, number][] =>
  spans.map(({ number, endMs }) => [number, Math.round(endMs - START_MS)])

t.test('what ran out of time ends at its deadline, the innermost call first', t => {
  const spans = recoverFrom(
    t,
    journal => {
      begin(journal, 1, START_MS + 3000)
      open(journal, 2, { parent: 1, startMs: START_MS + 10 })
      open(journal, 3, { parent: 2, startMs: START_MS + 20 })
    },
    START_MS + 25,
    { startedMs: START_MS + 3000, nowMs: () => START_MS + 3100 },
  )
  t.strictSame(endsOf(spans), [
    [3, 3000],
    [2, 3000],
    [1, 3000],
  ])
  const [child, , invocation] = spans
  t.strictSame(child?.attributes, { 'error.type': 'timeout', 'baton.unfinished': true })
  t.strictSame(invocation?.attributes, {
    'error.type': 'timeout',
    'baton.death.evidence': 'deadline_passed',
  })
  t.equal(invocation?.message, 'The invocation ran out of time')
  t.end()
})

t.test(
  'what was killed ends when the journal was written last, if the next process began before the deadline',
  t => {
    const spans = recoverFrom(
      t,
      journal => {
        begin(journal, 1, START_MS + 3000)
        open(journal, 2, { parent: 1, startMs: START_MS + 10 })
      },
      START_MS + 25,
      { startedMs: START_MS + 2999, nowMs: () => START_MS + 3100 },
    )
    t.strictSame(endsOf(spans), [
      [2, 25],
      [1, 25],
    ])
    t.strictSame(spans[1]?.attributes, {
      'error.type': 'killed',
      'baton.death.evidence': 'restart_before_deadline',
    })
    t.end()
  },
)

t.test('nothing ends before it started, after now, or after its parent', t => {
  const write = (journal: Journal): void => {
    begin(journal, 1)
    open(journal, 2, { parent: 1, startMs: START_MS + 500 })
  }
  const clock = (now: number) => ({ startedMs: START_MS, nowMs: () => START_MS + now })
  t.strictSame(endsOf(recoverFrom(t, write, START_MS + 100, clock(1000))), [
    [2, 500],
    [1, 500],
  ])
  t.strictSame(endsOf(recoverFrom(t, write, START_MS + 9000, clock(1000))), [
    [2, 1000],
    [1, 1000],
  ])
  t.strictSame(endsOf(recoverFrom(t, write, START_MS + 9000, clock(0))), [
    [2, 500],
    [1, 500],
  ])
  t.end()
})

t.test('each of several invocations ends by its own deadline, with its own calls', t => {
  const spans = recoverFrom(
    t,
    journal => {
      begin(journal, 1, START_MS + 1000)
      begin(journal, 2, START_MS + 5000, { startMs: START_MS + 1 })
      open(journal, 3, { parent: 1, startMs: START_MS + 2 })
      open(journal, 4, { parent: 2, startMs: START_MS + 3 })
      // Its parent has ended.
      open(journal, 5, { parent: 77, startMs: START_MS + 4 })
    },
    START_MS + 10,
    { startedMs: START_MS + 2000, nowMs: () => START_MS + 2000 },
  )
  t.strictSame(
    spans.map(({ number, endMs, attributes }) => [
      number,
      Math.round(endMs - START_MS),
      attributes['error.type'],
    ]),
    [
      [3, 1000, 'timeout'],
      [1, 1000, 'timeout'],
      [5, 10, 'killed'],
      [4, 10, 'killed'],
      [2, 10, 'killed'],
    ],
  )
  t.end()
})

t.test("calls of no invocation are ended too, even two that are each other's parents", t => {
  const spans = recoverFrom(
    t,
    journal => {
      open(journal, 1, { parent: 2 })
      open(journal, 2, { parent: 1 })
    },
    START_MS + 10,
    { startedMs: START_MS + 20, nowMs: () => START_MS + 20 },
  )
  t.strictSame(endsOf(spans), [
    [2, 10],
    [1, 10],
  ])
  t.strictSame(spans[0]?.attributes, { 'error.type': 'killed', 'baton.unfinished': true })
  t.end()
})

t.test('the surest evidence decides how the process died', t => {
  const facts: DeathFacts = {
    exitCode: undefined,
    oomKillsBefore: 2,
    oomKillsNow: 2,
    residentBytes: 0,
    memoryBytes: 128 * 1024 * 1024,
    restartedMs: 1000,
  }
  const almostAll = Math.ceil(0.9 * facts.memoryBytes)
  const how = (changes: Partial<DeathFacts>, deadlineMs = 1000) => {
    const { errorType, evidence } = explainDeath({ ...facts, ...changes }, deadlineMs)
    return `${errorType}: ${evidence}`
  }
  t.equal(how({}), 'timeout: deadline_passed')
  t.equal(how({}, 1001), 'killed: restart_before_deadline')
  t.equal(how({}, 0), 'killed: none')
  t.equal(how({ residentBytes: almostAll }), 'out_of_memory: memory_use')
  t.equal(how({ residentBytes: almostAll - 1 }), 'timeout: deadline_passed')
  t.equal(how({ residentBytes: almostAll, memoryBytes: 0 }), 'timeout: deadline_passed')
  t.equal(how({ oomKillsNow: 3, residentBytes: almostAll }), 'out_of_memory: oom_kill')
  t.equal(how({ oomKillsBefore: -1, oomKillsNow: 0 }), 'timeout: deadline_passed')
  t.equal(how({ oomKillsBefore: -1, oomKillsNow: 1 }), 'out_of_memory: oom_kill')
  t.equal(how({ exitCode: 0, oomKillsNow: 3 }), 'Runtime.ExitError: exit_code')
  t.end()
})

t.test('a process that used all of its memory when last looked at is told so', t => {
  const evidenceOf = (write: (journal: Journal) => void): unknown => {
    const folder = makeFolder(t)
    leftBy(t, folder, write, { memoryBytes: 1024 * 1024 })
    return decode(recoverAll(folder)).at(-1)?.attributes['baton.death.evidence']
  }
  t.equal(
    evidenceOf(journal => begin(journal, 1)),
    'none',
    'the caller does not wait for a look',
  )
  const beginTwice = (journal: Journal): void => {
    begin(journal, 1)
    begin(journal, 1)
  }
  t.equal(evidenceOf(beginTwice), 'memory_use')
  const call = (journal: Journal): void => {
    begin(journal, 1)
    open(journal, 2, { parent: 1 })
  }
  t.equal(evidenceOf(call), 'memory_use')
  t.end()
})

t.test('many spans come in batches that a collector takes, in their order', t => {
  const folder = makeFolder(t)
  leftBy(t, folder, journal => {
    for (let number = 0; number < 1200; number++) finish(journal, number)
    for (let number = 1200; number < 1210; number++) {
      finish(journal, number, { text: 'x'.repeat(100_000) })
    }
  })
  const recovered = recoverAll(folder)
  t.strictSame(
    numbersIn(recovered),
    Array.from({ length: 1210 }, (_, index) => index),
  )
  t.equal(recovered.batches.length, 4)
  for (const { spans, count } of recovered.batches) {
    t.ok(count <= 512 && spans.length <= 512 * 1024, `${count} spans, ${spans.length} bytes`)
  }
  t.end()
})

t.test('of more than there is room for the latest are kept, the others counted', t => {
  const folder = makeFolder(t)
  const text = 'x'.repeat(100)
  const room = 30_000
  for (const first of [100, 200]) {
    const left = leftBy(t, folder, journal => {
      for (let number = first; number < first + 100; number++) finish(journal, number, { text })
    })
    t.ok(left.length < room)
  }
  const kept = Math.floor(room / encodeFinished(makeSpan(100, { text })).length)
  t.ok(kept > 100 && kept < 200)
  const recovered = recoverAll(folder, { maxBytes: room })
  t.equal(recovered.dropped, 200 - kept)
  t.strictSame(
    numbersIn(recovered),
    Array.from({ length: kept }, (_, index) => 300 - kept + index),
  )
  t.end()
})

t.test('the files go when everything was accepted, and not before', t => {
  const folder = makeFolder(t)
  leftBy(t, folder, journal => void finish(journal, 1))
  const recovered = recoverAll(folder)
  t.equal(readdirSync(folder).length, 1)
  recovered.release()
  t.strictSame(readdirSync(folder), [])
  t.end()
})
