// Baton against AWS's own runtime client: `npm run bench`. See README.md here for what the figures mean.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type Contender,
  defaultNode,
  prepareBaton,
  prepareContender,
  REFERENCE,
  type Surroundings,
} from './contenders.ts'
import { createCpuLimit } from './cpu-limit.ts'
import { Emulator } from './emulator.ts'
import { type Options, readOptions } from './options.ts'
import { describeMachine, renderBlock, type Samples } from './report.ts'
import { run, type Stage } from './run.ts'
import { startCollector, startTarget } from './stand-ins.ts'
import { rotate } from './statistics.ts'

const HERE = import.meta.dirname
const ROOT = resolve(HERE, '../..')

async function main(options: Options): Promise<void> {
  const emulator = new Emulator()
  await emulator.start()
  const collector = await startCollector(options.collectorDelayMs)
  const target = await startTarget()
  const limit = options.cpu === undefined ? undefined : createCpuLimit(options.cpu)
  const scratch = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  // A copy, written in one go: how 100 MB once came into the page cache (in large writes or small ones) moves the start
  // of any script by a tenth, so the copies that layers bring along are not alike.
  const node = join(scratch, 'node')
  copyFileSync(options.node ?? defaultNode(ROOT), node)
  const { warmUp, events } = options
  const functions = join(HERE, 'functions')
  const targetPort = target.port
  const stage = { emulator, collector, functions, node, targetPort, limit, warmUp, events }
  try {
    const url = `http://127.0.0.1:${collector.port}`
    const contenders = prepare(options, { root: ROOT, node, collector: url, scratch })
    await compare(contenders, options, stage)
  } finally {
    limit?.remove()
    rmSync(scratch, { recursive: true, force: true })
    await Promise.all([emulator.close(), collector.close(), target.close()])
  }
}

function prepare(options: Options, around: Surroundings): Contender[] {
  return [
    ...options.contenders.map(name => prepareContender(name, around)),
    ...options.layers.map(([name, layer]) => prepareBaton(name, resolve(layer), true, around)),
  ]
}

async function compare(contenders: Contender[], options: Options, stage: Stage): Promise<void> {
  const version = execFileSync(stage.node, ['-v'], { encoding: 'utf8' }).trim()
  const machine = describeMachine(version)
  const conditions = {
    rounds: String(options.rounds),
    warm: `${options.events} events after ${options.warmUp}`,
    collector: `answers after ${options.collectorDelayMs} ms`,
    share: options.cpu === undefined ? 'no limit' : `${options.cpu} CPU`,
  }
  for (const [key, value] of Object.entries({ ...machine, ...conditions })) {
    console.log(`${key.padEnd(10)} ${value}`)
  }
  const results: Record<string, Record<string, unknown>> = {}
  for (const name of options.functions) {
    const samples = await collect(name, contenders, options.rounds, stage)
    const reference = samples.has(REFERENCE) ? REFERENCE : (contenders[0]?.name ?? '')
    console.log(`\n${renderBlock(name, samples, reference)}`)
    results[name] = Object.fromEntries(samples)
  }
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ machine, conditions, results }, undefined, 1)}\n`,
    )
  }
}

/** A B C, B C A, C A B, …: neighbours in time share the machine's mood, and no one always comes first. */
async function collect(
  name: string,
  contenders: Contender[],
  rounds: number,
  stage: Stage,
): Promise<Samples> {
  // Once unmeasured: it brings everyone's files into the page cache.
  for (const contender of contenders) await run(contender, name, stage)
  const samples: Samples = new Map(contenders.map(contender => [contender.name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotate(contenders, round)) {
      samples.get(contender.name)?.push(await run(contender, name, stage))
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${name} ${round + 1}/${rounds} `)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return samples
}

/** The chain of causes in one line: a stack of the benchmark's own says nothing about a contender that died. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`
}

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  console.error(`bench: ${explain(error)}`)
  process.exitCode = 1
}
