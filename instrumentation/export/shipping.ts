// Puts together what ships spans: one exporter for each collector, the journal, and the shipper before them.
import type { Log } from '../../runtime/contract.ts'
import type { LoadChunk } from '../chunks.ts'
import { Arrivals } from './arrivals.ts'
import { Backlog } from './backlog.ts'
import { Circuit } from './circuit.ts'
import { Exporter } from './exporter.ts'
import { hasLeftovers } from './journal/folder.ts'
import { createJournal, type JournalOptions } from './journal/journal.ts'
import { Journaling } from './journaling.ts'
import type { RequestHead } from './otlp-encoder.ts'
import type { ShipOptions } from './policy.ts'
import { Shipper } from './shipper.ts'
import { SpanBuffer } from './span-buffer.ts'
import type { Transport } from './transport.ts'

/** A way to one collector. */
export interface Route {
  readonly transport: Transport
  /** Of one request. */
  readonly timeoutMs: number
}

export interface ShippingOptions {
  readonly routes: readonly Route[]
  /** The resource and scope of this process's spans. */
  readonly head: RequestHead
  /** Finished spans held in memory at most, for each collector. */
  readonly maxQueueSize: number
  readonly policy: ShipOptions
  /** The process may stop as soon as the next event is asked for. */
  readonly mayFreeze: boolean
  /** Absent where nothing is to be written to disk. */
  readonly journal: JournalOptions | undefined
  readonly loadChunk: LoadChunk
  readonly log: Log
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

export interface Shipping {
  readonly shipper: Shipper
  readonly journaling: Journaling
}

/** What an earlier process left is on its way when this returns. */
export function createShipping(options: ShippingOptions): Shipping {
  const { journal: journalOptions, policy, mayFreeze, log, nowMs } = options
  // Asked before this process has a journal of its own.
  const isLeft = journalOptions !== undefined && hasLeftovers(journalOptions.folder)
  const journal = journalOptions && createJournal(journalOptions)
  const exporters = options.routes.map(route =>
    createExporter(route, options, journal !== undefined, () => parts),
  )
  const journaling = new Journaling(journal, exporters)
  const shipper = new Shipper({ exporters, journaling, policy, mayFreeze, log, nowMs })
  const parts: Shipping = { shipper, journaling }
  if (isLeft) void recoverLeftovers(journalOptions, parts, exporters, options.loadChunk)
  return parts
}

function createExporter(
  { transport, timeoutMs }: Route,
  { head, maxQueueSize, policy, log, nowMs }: ShippingOptions,
  hasJournal: boolean,
  parts: () => Shipping,
): Exporter {
  const onDrop = (count: number): void => parts().shipper.countDrops(count)
  return new Exporter({
    transport,
    timeoutMs,
    backlog: new Backlog({
      buffer: new SpanBuffer(maxQueueSize),
      head,
      hasJournal,
      readJournal: from => parts().journaling.read(from),
      onDrop,
      nowMs,
    }),
    circuit: new Circuit(Math.random),
    arrivals: new Arrivals(policy.maxDelayMs),
    maxBatchSpans: policy.maxBatchSpans,
    onProgress: () => parts().journaling.progress(),
    onDrop,
    log,
    nowMs,
  })
}

/** Loaded after a crash only. The function's own init goes on beside it. */
async function recoverLeftovers(
  options: JournalOptions,
  { shipper, journaling }: Shipping,
  exporters: readonly Exporter[],
  loadChunk: LoadChunk,
): Promise<void> {
  try {
    // What sends is put together meanwhile.
    await Promise.resolve()
    const { recover } = loadChunk('recover')
    const { folder, maxBytes, nowMs } = options
    const startedMs = nowMs() - process.uptime() * 1000
    const found = recover(folder, { maxBytes, startedMs, nowMs })
    shipper.countDrops(found.dropped)
    if (found.setAside > 0) {
      options.log.warn(
        `baton: ${found.setAside} files in ${folder} were no journals, or damaged, and are gone`,
      )
    }
    journaling.takeOver(found)
    for (const exporter of exporters) void exporter.start()
  } catch (error) {
    options.log.warn(`baton: what an earlier process left could not be read: ${error}`)
  }
}
