// What it costs to know an event and to find its context: p50 and p99 for each sample event, in microseconds; then p50 and
// CPU time for events made to cost much. The kernel counts CPU in ticks of up to 4 ms, so that only its mean over the rounds
// says something; with `--expose-gc` the memory of an event of 6 MB is not collected on the account of the next one, which
// takes minutes and finds caches cold. `node [--expose-gc] test/bench/triggers.ts [rounds]`
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { extractParent } from '../../instrumentation/propagation/extract-parent.ts'
import { createPropagation } from '../../instrumentation/propagation/propagation.ts'
import { detectTrigger } from '../../instrumentation/triggers/detect.ts'
import { HOSTILE_EVENTS } from './hostile-events.ts'

const folder = new URL('../fixtures/events/', import.meta.url).pathname
/** As without `OTEL_PROPAGATORS`. */
const formats = createPropagation(['tracecontext', 'baggage', 'xray'])
const rounds = Number(process.argv[2] ?? 300)

/** Copies, so that no round finds what an earlier one left behind. */
function measure(text: string, count = rounds): { p50: number; p99: number; cpu: number } {
  const bytes = Buffer.byteLength(text)
  const head = bytes > 32 * 1024 ? text.slice(0, 8 * 1024) : undefined
  const times: number[] = []
  // Large ones one by one: their memory would count too.
  const step = bytes > 32 * 1024 ? 1 : count
  let cpu = 0
  for (let done = 0; done < count; done += step) {
    const events = Array.from({ length: step }, () => JSON.parse(text))
    if (step === 1) globalThis.gc?.()
    const { user, system } = process.threadCpuUsage()
    for (const event of events) times.push(timeOf(event, bytes, head))
    const after = process.threadCpuUsage({ user, system })
    // The first one is compiled on the way.
    if (done > 0) cpu += after.user + after.system
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), cpu: cpu / (count - 1) }
}

/** In microseconds, with what waits for the answer: links and, of large events, what is described late. */
function timeOf(event: unknown, bytes: number, head: string | undefined): number {
  const startNs = process.hrtime.bigint()
  const { carriers, batch, relation, describeLate } = detectTrigger(event, 'fn', bytes, head)
  extractParent({
    carriers,
    records: batch?.records,
    recordCount: batch?.count,
    relation,
    clientContext: undefined,
    traceHeader: undefined,
    formats,
  }).links.length
  if (bytes > 32 * 1024) describeLate?.()
  return Number(process.hrtime.bigint() - startNs) / 1000
}

const samples = globSync('*.json', { cwd: folder })
  .sort()
  .map(name => [basename(name, '.json'), readFileSync(folder + name, 'utf8')] as const)
for (const [, text] of samples) measure(text)
const rows = samples.map(([name, text]) => ({ name, ...measure(text) }))
const show = ({ name, p50, p99 }: (typeof rows)[number]): void =>
  console.log(`${p50.toFixed(1).padStart(7)} µs  ${p99.toFixed(1).padStart(8)} µs  ${name}`)
rows.forEach(show)
const worst = rows.reduce((a, b) => (b.p50 > a.p50 ? b : a))
console.log(
  `p50, p99 of ${rounds} rounds; the slowest is ${worst.name}: ${worst.p50.toFixed(1)} µs`,
)

const HOSTILE_ROUNDS = 60
for (const [name, text] of Object.entries(HOSTILE_EVENTS)) {
  const { p50, cpu } = measure(text, HOSTILE_ROUNDS)
  console.log(
    `${p50.toFixed(0).padStart(5)} µs  CPU ${cpu.toFixed(0).padStart(5)} µs  hostile: ${name}`,
  )
}
