// What shipping costs, measured: events come at a steady rate, the process is stopped between them as Lambda stops it,
// and the collector takes its time. Compared with the same layer without tracing: what the caller waits more, and what
// is billed more. `npm run bench:shipping`.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Emulator } from './emulator.ts'
import { type Collector, startCollector } from './stand-ins.ts'
import { median, rotate } from './statistics.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '100' },
    'collector-delay': { type: 'string', default: '25' },
    gap: { type: 'string', default: '100' },
    modes: { type: 'string', default: '' },
    'no-freeze': { type: 'boolean', default: false },
  },
})
const [rounds, events, delayMs, gapMs] = [
  options.rounds,
  options.events,
  options['collector-delay'],
  options.gap,
].map(Number) as [number, number, number, number]

/** Events that a process serves before it is measured: it has learned how they come. */
const LEARNING = 30
const BOOTSTRAP = join(import.meta.dirname, '..', '..', 'dist', 'layer-x64', 'bootstrap')
const EVENT = Buffer.from(
  '{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}',
)
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9'

interface Mode {
  readonly name: string
  readonly env: (collector: string, instant: string) => Readonly<Record<string, string>>
}

const traced =
  (mode: string) =>
  (collector: string): Readonly<Record<string, string>> => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    BATON_SHIP: mode,
  })

const UNTRACED = 'no tracing'
const MODES: readonly Mode[] = [
  { name: UNTRACED, env: () => ({}) },
  { name: 'now: flush each time', env: traced('now') },
  { name: 'auto', env: traced('auto') },
  { name: 'auto at once', env: (_, instant) => traced('auto')(instant) },
  { name: 'overlap', env: traced('overlap') },
  { name: 'batch', env: traced('batch') },
  { name: 'auto, collector down', env: () => traced('auto')(NOWHERE) },
]

interface Figures {
  readonly responseUs: number[]
  readonly billedUs: number[]
}

async function runMode(mode: Mode, emulator: Emulator): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-shipping-'))
  writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => ({ statusCode: 200 })')
  emulator.reset(EVENT)
  const child = start(folder, emulator, mode.env(urlOf(collector), urlOf(instant)))
  const figures: Figures = { responseUs: [], billedUs: [] }
  try {
    await emulator.nextStamp()
    for (let event = 0; event < LEARNING + events; event++) {
      if (!options['no-freeze']) child.kill('SIGSTOP')
      await sleep(gapMs)
      child.kill('SIGCONT')
      const served = await emulator.serve(1)
      if (event < LEARNING) continue
      figures.responseUs.push(served.responseUs[0] ?? 0)
      figures.billedUs.push(served.nextUs[0] ?? 0)
    }
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  return figures
}

function start(
  folder: string,
  emulator: Emulator,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(BOOTSTRAP, [], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_RUNTIME_API: emulator.hostPort,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      BATON_JOURNAL: join(folder, 'journal'),
      PATH: '/usr/bin:/bin',
      ...env,
    },
  })
  child.on('close', (code, signal) => {
    if (signal !== 'SIGKILL') emulator.fail(new Error(`ended with ${code ?? signal}`))
  })
  return child
}

const urlOf = ({ port }: Collector): string => `http://127.0.0.1:${port}`

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const emulator = new Emulator()
await emulator.start()
const collector = await startCollector(delayMs)
const instant = await startCollector(0)
const WANTED = MODES.filter(
  ({ name }) => options.modes === '' || options.modes.split(',').includes(name),
)
const byMode = new Map(
  WANTED.map(({ name }) => [name, { responseUs: [], billedUs: [] } as Figures]),
)
for (let round = 0; round < rounds; round++) {
  for (const mode of rotate(WANTED, round)) {
    const { responseUs, billedUs } = await runMode(mode, emulator)
    byMode.get(mode.name)?.responseUs.push(...responseUs)
    byMode.get(mode.name)?.billedUs.push(...billedUs)
  }
}
await emulator.close()
await collector.close()
await instant.close()

const plain = byMode.get(UNTRACED) as Figures
const flushed = mean(byMode.get('now: flush each time')?.billedUs ?? []) - mean(plain.billedUs)
const ms = (us: number): string => (us / 1000).toFixed(3)
console.log(
  `node ${process.versions.node}, an event ${gapMs} ms after the last, collector ${delayMs} ms, ${rounds} rounds of ${events} events, ${options['no-freeze'] ? 'not ' : ''}stopped between events`,
)
console.log(
  '| ms | to response: p50 | p99 | more than untraced: p50 | p99 | billed: mean | added | of `now` |',
)
console.log('|---|---|---|---|---|---|---|---|')
for (const [name, { responseUs, billedUs }] of byMode) {
  const added = mean(billedUs) - mean(plain.billedUs)
  const cells = [
    ms(median(responseUs)),
    ms(percentile(responseUs, 0.99)),
    ms(median(responseUs) - median(plain.responseUs)),
    ms(percentile(responseUs, 0.99) - percentile(plain.responseUs, 0.99)),
    ms(mean(billedUs)),
    ms(added),
    `${((100 * added) / flushed).toFixed(1)} %`,
  ]
  console.log(`| ${name} | ${cells.join(' | ')} |`)
}
