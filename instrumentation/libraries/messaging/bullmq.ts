// BullMQ: jobs as they are added, and as a worker of this process works on them. A job carries the context where the library itself
// would put it, so that its own telemetry reads it at the far end.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { type Around, aroundMethod, runWithin } from './around.ts'
import {
  beginConsumer,
  type Entries,
  entriesFor,
  entriesInto,
  openMessageCall,
  openProcess,
  textCarrier,
} from './message-call.ts'

const SYSTEM = 'bullmq'

export function wrapBullmqQueue(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Queue')
  aroundMethod(
    prototype,
    'add',
    createAdd(tools, 'add', (args, inject) => {
      args[2] = inject(args[2])
    }),
  )
  aroundMethod(
    prototype,
    'addBulk',
    createAdd(tools, 'addBulk', (args, inject) => {
      if (Array.isArray(args[0])) args[0] = args[0].map(job => ({ ...job, opts: inject(job.opts) }))
    }),
  )
}

export function wrapBullmqFlow(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'FlowProducer')
  for (const [name, operation] of [
    ['add', 'addFlow'],
    ['addBulk', 'addBulk'],
  ] as const)
    aroundMethod(
      prototype,
      name,
      createAdd(tools, operation, (args, inject) => {
        args[0] = addToFlow(args[0], inject)
      }),
    )
}

export function wrapBullmqWorker(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Worker')
  aroundMethod(prototype, 'callProcessJob', (worker, args, work) => {
    const consumer = hasTelemetry(worker) ? undefined : beginConsumer(tools)
    if (consumer === undefined) return work()
    const open = (): TracedCall => {
      const job = fieldsOf(args[0])
      return openProcess(
        tools,
        consumer,
        {
          system: SYSTEM,
          operation: 'process',
          type: 'process',
          destination: textOf(fieldsOf(worker), 'name'),
          attributes: { [ATTR_MESSAGING_MESSAGE_ID]: textOf(job, 'id') },
        },
        [carrierOf(job)],
      )
    }
    return runWithin(tools, open, work)
  })
}

/** The function has set up the library's own. */
const hasTelemetry = (queue: unknown): boolean =>
  Boolean(fieldsOf(queue).telemetry ?? childOf(fieldsOf(queue), 'opts').telemetry)

/** Options of a job with the context. */
type Inject = (options: unknown) => unknown

const createAdd =
  (
    tools: LibraryTools,
    operation: string,
    addContext: (args: unknown[], inject: Inject) => void,
  ): Around =>
  (queue, args, work) => {
    const [jobs] = args
    const open = (): TracedCall | undefined => {
      const first = Array.isArray(jobs) ? jobs[0] : jobs
      const call = openMessageCall(tools, {
        system: SYSTEM,
        operation,
        type: 'send',
        destination: textOf(fieldsOf(queue), 'name') ?? textOf(fieldsOf(first), 'queueName'),
        batchSize: Array.isArray(jobs) ? jobs.length : undefined,
      })
      if (call === undefined) return undefined
      const entries = entriesInto(entriesFor(tools, call), () => false)
      if (entries.length > 0)
        tools.guard.run('a job', () => addContext(args, options => withContext(options, entries)))
      return call
    }
    if (hasTelemetry(queue)) return work()
    return runWithin(tools, open, work, (job, { span }) =>
      span.setAttribute(ATTR_MESSAGING_MESSAGE_ID, textOf(fieldsOf(job), 'id')),
    )
  }

function withContext(given: unknown, entries: Entries): unknown {
  const options = fieldsOf(given)
  const telemetry = childOf(options, 'telemetry')
  const isOwn = telemetry.metadata !== undefined || telemetry.omitContext === true
  // What is repeated would name this call for ever.
  if (isOwn || options.repeat !== undefined) return given
  const metadata = JSON.stringify(Object.fromEntries(entries))
  return { ...options, telemetry: { ...telemetry, metadata } }
}

/** A flow, or several, and what is below them. */
function addToFlow(flow: unknown, inject: Inject): unknown {
  if (Array.isArray(flow)) return flow.map(each => addToFlow(each, inject))
  if (typeof flow !== 'object' || flow === null) return flow
  const { opts, children } = fieldsOf(flow)
  return {
    ...flow,
    opts: inject(opts),
    ...(children !== undefined && { children: addToFlow(children, inject) }),
  }
}

function carrierOf(job: Fields): Carrier {
  const metadata = textOf(childOf(childOf(job, 'opts'), 'telemetry'), 'metadata')
  if (metadata === undefined) return () => undefined
  try {
    return textCarrier(JSON.parse(metadata))
  } catch {
    return () => undefined
  }
}
