// Worker threads for Managed Instances: each loads the function for itself and runs a share of the loops. A thread that
// ends is replaced; one that ends before it could serve ends the process, after one init error for all of them.
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import type { ErrorReport } from '../failure/error-report.ts'

/** What a worker tells the main thread: it asks for events now, or its function could not be loaded. */
type WorkerMessage =
  | { readonly type: 'serving' }
  | { readonly type: 'init-error'; readonly report: ErrorReport }

/** Flags of the process that a thread does not take. */
const PROCESS_ONLY_FLAGS = /^--(expose-gc|max-semi-space-size|max-old-space-size)/

export interface WorkersOptions {
  /** The file that started this process. */
  readonly entry: string
  readonly count: number
  /** Called once, when a worker ended without having served; `report` says why where it could. */
  readonly onInitError: (report: ErrorReport | undefined, exitCode: number) => void
}

/** Keeps `count` workers running. */
export function startWorkers(options: WorkersOptions): void {
  let hasFailed = false
  const fail: WorkersOptions['onInitError'] = (report, exitCode) => {
    if (hasFailed) return
    hasFailed = true
    options.onInitError(report, exitCode)
  }
  for (let index = 0; index < options.count; index++) startWorker(options.entry, fail)
}

function startWorker(entry: string, onInitError: WorkersOptions['onInitError']): void {
  let isServing = false
  let report: ErrorReport | undefined
  const worker = new Worker(entry, {
    execArgv: process.execArgv.filter(flag => !PROCESS_ONLY_FLAGS.test(flag)),
  })
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'serving') isServing = true
    else report = message.report
  })
  worker.on('exit', code => {
    if (isServing) startWorker(entry, onInitError)
    else onInitError(report, code)
  })
}

/** From inside a worker: it asks for events now. */
export function tellServing(): void {
  tell({ type: 'serving' })
}

/** From inside a worker: the function could not be loaded; the main thread posts it. */
export function tellInitError(report: ErrorReport): void {
  tell({ type: 'init-error', report })
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

/** Whether this thread is one that `startWorkers` started. */
export const isWorker: boolean = !isMainThread
