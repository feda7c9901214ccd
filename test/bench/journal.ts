// What the journal costs: each kind of record, and an invocation of 20 spans in all. `node test/bench/journal.ts`
//
// Encoding is measured beside it: an open span has to be encoded for the journal alone, a finished one anyway.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteWriter } from '../../instrumentation/export/byte-writer.ts'
import { hasLeftovers } from '../../instrumentation/export/journal/folder.ts'
import { createJournal, type Journal } from '../../instrumentation/export/journal/journal.ts'
import { type Recovered, recover } from '../../instrumentation/export/journal/recover.ts'
import {
  encodeHead,
  encodeOpenSpan,
  encodeSpan,
} from '../../instrumentation/export/otlp-encoder.ts'
import { STATUS_UNSET } from '../../instrumentation/trace/span.ts'
import { endedSpan } from '../instrumentation/export/decode.ts'
import { bytesIn, leave, MAX_BYTES } from '../instrumentation/export/journal/journals.ts'
import { median } from './statistics.ts'

const ROUNDS = 4000
const SPANS = 20
const BUDGET_US = 200

const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
const head = encodeHead({ 'service.name': 'orders', 'faas.max_memory': 134217728 }, 'baton', '1')
const ids = Array.from({ length: SPANS + 1 }, (_, index) =>
  (index + 1).toString(16).padStart(16, '0'),
)
const span = endedSpan({
  'http.request.method': 'GET',
  'url.full': 'https://orders.example.com/orders/17/items?limit=20',
  'server.address': 'orders.example.com',
  'server.port': 443,
  'http.response.status_code': 200,
})
const writer = new ByteWriter()
encodeSpan(writer, span)
const finished = writer.copy()
writer.truncate(0)
encodeOpenSpan(writer, span)
const open = writer.copy()
writer.truncate(0)

function microseconds(work: () => void): number {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / 1000
}

/** The median over the rounds, after as many that do not count. */
function measure(work: () => void): number {
  const times = Array.from({ length: 2 * ROUNDS }, () => microseconds(work))
  return median(times.slice(ROUNDS))
}

function create(at = folder): Journal {
  const journal = createJournal({
    folder: at,
    maxBytes: MAX_BYTES,
    head,
    memoryBytes: undefined,
    log: { warn: message => console.error(message) },
    nowMs: Date.now,
  })
  if (journal === undefined) throw new Error('expected a journal')
  return journal
}

const [invocationId = '', ...childIds] = ids
let ended = 0

/** `isCut`: the collector accepts what it is sent after each invocation. */
function runInvocation(journal: Journal, isCut: boolean): void {
  journal.begin(invocationId, open, Date.now() + 3000)
  for (const id of childIds) {
    journal.open(id, open)
    journal.end(id, finished)
  }
  journal.end(invocationId, finished)
  ended += SPANS + 1
  if (isCut) journal.cut(ended)
}

function encodeOpen(): void {
  for (let count = 0; count < SPANS + 1; count++) {
    encodeOpenSpan(writer, span)
    writer.truncate(0)
  }
}

let missing = 0
const rows: [string, number][] = []
rows.push([
  'first journal of the process: folder, file, head',
  microseconds(() => create().exit(0)),
])
rows.push(['first invocation of the process', microseconds(() => runInvocation(create(), true))])
ended = 0
const journal = create()
rows.push(['another journal made and removed', measure(() => create().exit(0))])
rows.push([
  'no leftovers: no folder',
  measure(() => {
    if (hasLeftovers(join(folder, 'none'))) missing++
  }),
])
rows.push([
  'no leftovers: an empty look',
  measure(() => {
    if (!hasLeftovers(folder)) missing++
  }),
])
rows.push(['begin', measure(() => journal.begin(invocationId, open, 1))])
rows.push(['open', measure(() => journal.open(invocationId, open))])
rows.push([
  'end',
  measure(() => {
    ended++
    journal.end(invocationId, finished)
  }),
])
rows.push(['cut', measure(() => journal.cut(ended))])
rows.push([`encode ${SPANS + 1} open spans`, measure(encodeOpen)])
const whole = measure(() => runInvocation(journal, true))
rows.push([`invocation of ${SPANS} spans, accepted each time`, whole])
rows.push([
  `invocation of ${SPANS} spans, in an outage`,
  measure(() => runInvocation(journal, false)),
])
journal.exit(0)

/** What a dead process left, recovered; in milliseconds it would be a part of a cold start. */
function recoverAfter(write: (journal: Journal) => void): number {
  const own = join(folder, 'own')
  write(create(own))
  leave(folder, bytesIn(own))
  rmSync(own, { recursive: true })
  let recovered: Recovered | undefined
  const time = microseconds(() => {
    recovered = recover(folder, { maxBytes: MAX_BYTES, startedMs: Date.now(), nowMs: Date.now })
  })
  if (recovered === undefined || recovered.batches.length === 0) missing++
  recovered?.release()
  return time
}

const dieInCall = (left: Journal): void => {
  left.begin(invocationId, open, Date.now())
  left.open(childIds[0] ?? '', open)
}
rows.push(['first recovery of the process: one invocation', recoverAfter(dieInCall)])
rows.push(['another recovery of one invocation', recoverAfter(dieInCall)])
rows.push([
  'recovery of a full journal',
  recoverAfter(left => {
    for (let count = 0; count < 1000; count++) runInvocation(left, false)
  }),
])
rmSync(folder, { recursive: true })

console.log(`bytes: open span ${open.length}, finished span ${finished.length}`)
for (const [name, time] of rows) console.log(`${name.padEnd(50)} ${time.toFixed(2).padStart(8)} µs`)
if (span.statusCode !== STATUS_UNSET || missing > 0) throw new Error('the measure is wrong')
if (whole > BUDGET_US) {
  console.error(`expected at most ${BUDGET_US} µs for an invocation, got ${whole.toFixed(1)}`)
  process.exitCode = 1
}
