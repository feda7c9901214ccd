// Worker threads for Managed Instances: each loads the function for itself and runs a share of the loops. A thread that
// ends is replaced; one that ends before it could serve ends the process, after one init error for all of them.
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import type { ErrorReport } from '../failure/error-report.ts'
import type { ShutDown } from '../lifecycle/sigterm.ts'

/** What a worker tells the main thread: it asks for events now, its function could not be loaded, it may be ended. */
type WorkerMessage =
  | { readonly type: 'serving' | 'shut-down' }
  | { readonly type: 'init-error'; readonly report: ErrorReport }

/** Flags of the process that a thread does not take. */
const PROCESS_ONLY_FLAGS = /^--(expose-gc|(min|max)-semi-space-size|max-old-space-size)/

export interface WorkersOptions {
  /** The file that started this process. */
  readonly entry: string
  readonly count: number
  /** Called once, when a worker ended without having served; `report` says why where it could. */
  readonly onInitError: (report: ErrorReport | undefined, exitCode: number) => void
}

/** What the main thread tells its workers: the process ends, and this is the time that is left. */
interface ShutdownMessage {
  readonly budgetMs: number
}

/** Keeps `count` workers running; what comes back asks all of them to shut down. */
export function startWorkers(options: WorkersOptions): ShutDown {
  const workers = new Set<Worker>()
  let hasFailed = false
  const fail: WorkersOptions['onInitError'] = (report, exitCode) => {
    if (hasFailed) return
    hasFailed = true
    options.onInitError(report, exitCode)
  }
  for (let index = 0; index < options.count; index++) startWorker(workers, options.entry, fail)
  return async budgetMs => {
    await Promise.all([...workers].map(worker => shutDownWorker(worker, budgetMs)))
  }
}

function shutDownWorker(worker: Worker, budgetMs: number): Promise<void> {
  return new Promise(resolve => {
    worker.on('message', ({ type }: WorkerMessage) => {
      if (type === 'shut-down') resolve()
    })
    worker.on('exit', () => resolve())
    worker.postMessage({ budgetMs } satisfies ShutdownMessage)
  })
}

function startWorker(
  workers: Set<Worker>,
  entry: string,
  onInitError: WorkersOptions['onInitError'],
): void {
  let isServing = false
  let report: ErrorReport | undefined
  const worker = new Worker(entry, {
    execArgv: process.execArgv.filter(flag => !PROCESS_ONLY_FLAGS.test(flag)),
  })
  workers.add(worker)
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'serving') isServing = true
    else if (message.type === 'init-error') report = message.report
  })
  worker.on('exit', code => {
    workers.delete(worker)
    if (isServing) startWorker(workers, entry, onInitError)
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

/** From inside a worker: what to do when the process ends. */
export function onShutdown(shutDown: ShutDown): void {
  parentPort?.on('message', ({ budgetMs }: ShutdownMessage) => {
    void shutDown(budgetMs).then(() => tell({ type: 'shut-down' }))
  })
  // Waiting for it is no work: a thread with nothing else to do must be seen as such.
  parentPort?.unref()
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

/** Whether this thread is one that `startWorkers` started. */
export const isWorker: boolean = !isMainThread
