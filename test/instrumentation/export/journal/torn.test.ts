// Every single step of a process under load, and every one of its writes cut short: the file tells what there was before
// the step or what there is after it.
import t from 'tap'
import { parseJournal } from '../../../../instrumentation/export/journal/parse-journal.ts'
import { startRandom } from '../../../helpers/random.ts'
import { readSpans } from '../decode.ts'
import { bytesIn, makeFolder, openJournal } from './journals.ts'
import { expectedAfter, steps, take } from './script.ts'

const STEPS = 2000
const TEARS_EACH = 3
const BLOCKS_AT = 4096

/** Finished spans in their order, open ones in any. */
function tell(bytes: Buffer): string {
  const parsed = parseJournal(bytes)
  if (parsed === undefined) return 'no journal'
  const finished = parsed.finished.flatMap(span => readSpans(span).map(({ name }) => Number(name)))
  const open = parsed.open.map(({ spanId }) => Number.parseInt(spanId, 16))
  return JSON.stringify([finished, open.sort((one, other) => one - other)])
}

function expect(count: number): string {
  const { finished, open } = expectedAfter(count, 0)
  return JSON.stringify([finished, [...open].sort((one, other) => one - other)])
}

/** Where two files differ, in their blocks. */
function differenceOf(
  one: Buffer,
  other: Buffer,
): { readonly start: number; readonly end: number } {
  let start = BLOCKS_AT
  let end = other.length
  while (start < end && one[start] === other[start]) start++
  while (end > start && one[end - 1] === other[end - 1]) end--
  return { start, end }
}

function tear(before: Buffer, after: Buffer, at: number): Buffer {
  const torn = Buffer.alloc(Math.max(before.length, at))
  before.copy(torn)
  after.copy(torn, BLOCKS_AT, BLOCKS_AT, at)
  return torn
}

t.test(
  `after each of ${STEPS} steps, and in the middle of each, the file tells what there is`,
  t => {
    const random = startRandom()
    t.comment(`BATON_FUZZ_SEED=${random.seed}`)
    const folder = makeFolder(t)
    const journal = openJournal(folder, { maxBytes: 160 * 1024 })
    const failures: string[] = []
    let count = 0
    let before = bytesIn(folder)
    for (const step of steps(0)) {
      if (count === STEPS || failures.length > 3) break
      take(journal, step)
      const after = bytesIn(folder)
      const told = expect(count)
      const tells = expect(++count)
      if (tell(after) !== tells) failures.push(`after ${count}: ${tell(after)}, expected ${tells}`)
      const { start, end } = differenceOf(before, after)
      for (let tears = 0; tears < TEARS_EACH && end > start; tears++) {
        const at = start + random.below(end - start)
        const torn = tell(tear(before, after, at))
        if (torn !== told && torn !== tells) failures.push(`step ${count} torn at ${at}: ${torn}`)
      }
      before = after
    }
    journal.exit(0)
    t.equal(count, STEPS)
    t.strictSame(failures, [])
    t.end()
  },
)
