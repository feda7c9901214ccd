// What it costs to know an event and to find its context: p50 and p99 for each sample event, in microseconds.
// `node test/bench/triggers.ts [rounds]`
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { extractParent } from '../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../instrumentation/triggers/detect.ts'

const folder = new URL('../fixtures/events/', import.meta.url).pathname
const rounds = Number(process.argv[2] ?? 300)

/** Copies, so that no round finds what an earlier one left behind. */
function measure(text: string): { p50: number; p99: number } {
  const events = Array.from({ length: rounds }, () => JSON.parse(text))
  const times = events.map(event => {
    const startNs = process.hrtime.bigint()
    const { carriers, batch, relation } = detectTrigger(event, 'fn', text.length)
    extractParent({
      carriers,
      records: batch?.records,
      recordCount: batch?.count,
      relation,
      clientContext: undefined,
      traceHeader: undefined,
    }).links.length
    return Number(process.hrtime.bigint() - startNs) / 1000
  })
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

const samples = globSync('*.json', { cwd: folder })
  .sort()
  .map(name => [basename(name, '.json'), readFileSync(folder + name, 'utf8')] as const)
for (const [, text] of samples) measure(text)
const rows = samples.map(([name, text]) => ({ name, ...measure(text) }))
for (const { name, p50, p99 } of rows)
  console.log(`${p50.toFixed(1).padStart(7)} µs  ${p99.toFixed(1).padStart(8)} µs  ${name}`)
const worst = rows.reduce((a, b) => (b.p50 > a.p50 ? b : a))
console.log(
  `p50, p99 of ${rounds} rounds; the slowest is ${worst.name}: ${worst.p50.toFixed(1)} µs`,
)
