// One run: a contender is started, serves one event cold and then many warm, and is killed. Cold and warm figures
// come from the same process, so each round pairs both.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from './contenders.ts'
import type { CpuLimit } from './cpu-limit.ts'
import type { Emulator } from './emulator.ts'
import { readCpuMs, readPeakRssMib } from './process-usage.ts'
import type { Collector } from './stand-ins.ts'
import { median } from './statistics.ts'

/** What one run yields. Cold is from spawn to the second `GET next`: init and the first invocation. */
export type Sample = {
  coldCpuMs: number
  coldWallMs: number
  /** From spawn to the first response, wholly read: what the caller waits. */
  coldResponseMs: number
  initCpuMs: number
  initWallMs: number
  /** Cold CPU once more when nothing has been going on for a while: what was put off until after `next` shows here. */
  settledCpuMs: number
  peakRssMib: number
  warmResponseUs: number
  warmNextUs: number
  warmCpuUs: number
  /** What the collector got from the whole run. */
  exportRequests: number
  exportBytes: number
}

export type Stage = {
  emulator: Emulator
  collector: Collector
  functions: string
  node: string
  targetPort: number
  limit: CpuLimit | undefined
  warmUp: number
  events: number
}

// A child goes on for some microseconds after its `next` is on the wire, and the kernel counts a thread's time when
// the thread stops: before this pause the CPU clock can be a tick (4 ms) late. The event waits; the pause is in no figure.
const PAUSE_MS = 3
// Longer than any work that a runtime puts off to a timer or to idle time.
const SETTLE_MS = 100
const TIMEOUT_MS = 60_000
const STDERR_LIMIT = 4000

/** Runs `contender` on the function of that name. Rejects if it dies, reports an error, hangs or exports nothing. */
export async function run(contender: Contender, name: string, stage: Stage): Promise<Sample> {
  const { emulator, collector } = stage
  emulator.reset(readFileSync(join(stage.functions, 'event.json')))
  collector.requests = 0
  collector.bytes = 0
  // Its own /tmp and no home: as a new execution environment has it.
  const scratch = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  const startedAt = performance.now()
  const child = start(contender, join(stage.functions, name), scratch, stage)
  const timer = setTimeout(
    () => emulator.fail(new Error(`no answer within ${TIMEOUT_MS} ms`)),
    TIMEOUT_MS,
  )
  try {
    const sample = await measure(child, startedAt, stage)
    if (contender.exports && sample.exportRequests === 0) throw new Error('exported nothing')
    return sample
  } catch (cause) {
    throw new Error(`${contender.name} on ${name}: no figures`, { cause })
  } finally {
    clearTimeout(timer)
    await end(child)
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function measure(child: ChildProcess, startedAt: number, stage: Stage): Promise<Sample> {
  const { emulator } = stage
  const firstNextAt = await emulator.nextStamp()
  const pid = child.pid ?? 0
  await sleep(PAUSE_MS)
  const initCpuMs = readCpuMs(pid)
  const cold = await emulator.serve(1)
  await sleep(PAUSE_MS)
  const coldCpuMs = readCpuMs(pid)
  const peakRssMib = readPeakRssMib(pid)
  await sleep(SETTLE_MS)
  const settledCpuMs = readCpuMs(pid)
  await emulator.serve(stage.warmUp)
  await sleep(PAUSE_MS)
  const warmFromMs = readCpuMs(pid)
  const warm = await emulator.serve(stage.events)
  await sleep(PAUSE_MS)
  const initWallMs = firstNextAt - startedAt
  return {
    coldCpuMs,
    coldWallMs: initWallMs + (cold.nextUs[0] ?? Number.NaN) / 1000,
    coldResponseMs: initWallMs + (cold.responseUs[0] ?? Number.NaN) / 1000,
    initCpuMs,
    initWallMs,
    settledCpuMs,
    peakRssMib,
    warmResponseUs: median(warm.responseUs),
    warmNextUs: median(warm.nextUs),
    warmCpuUs: ((readCpuMs(pid) - warmFromMs) * 1000) / stage.events,
    exportRequests: stage.collector.requests,
    exportBytes: stage.collector.bytes,
  }
}

function start(contender: Contender, root: string, scratch: string, stage: Stage): ChildProcess {
  const [command, args] = stage.limit?.wrap(contender.command, contender.args) ?? [
    contender.command,
    contender.args,
  ]
  const child = spawn(command, args, {
    cwd: root,
    env: { ...environment(root, scratch, stage), ...contender.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT)
  })
  child.on('error', error => stage.emulator.fail(error))
  child.on('close', (code, signal) => {
    stage.emulator.fail(new Error(`ended with ${code ?? signal}; its stderr:\n${stderr}`))
  })
  return child
}

/** Nothing is inherited: NODE_OPTIONS or NODE_EXTRA_CA_CERTS of this machine would be measured too. */
function environment(root: string, scratch: string, stage: Stage): Record<string, string> {
  return {
    _HANDLER: 'index.handler',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_LAMBDA_RUNTIME_API: stage.emulator.hostPort,
    AWS_REGION: 'eu-central-1',
    // A journal that another run left would be shipped by this one.
    BATON_JOURNAL: join(scratch, 'journal'),
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    BENCH_TARGET: `http://127.0.0.1:${stage.targetPort}/`,
    HOME: scratch,
    LAMBDA_TASK_ROOT: root,
    LANG: 'en_US.UTF-8',
    PATH: `${join(stage.node, '..')}:/usr/local/bin:/usr/bin:/bin`,
    TMPDIR: scratch,
    TZ: ':UTC',
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) resolve()
    else {
      child.once('close', () => resolve())
      child.kill('SIGKILL')
    }
  })
}
