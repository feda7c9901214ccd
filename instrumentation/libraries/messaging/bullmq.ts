// BullMQ: jobs as they are added, and as a worker of this process works on them. A job carries the context where the library itself
// would put it, so that its own telemetry reads it at the far end.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../aws-sdk/fields.ts'
import type { LibraryTools } from '../contract.ts'
import { runCall, type TracedCall } from '../traced-call.ts'
import { contextFor, openMessageCall, openProcess, textCarrier } from './message-call.ts'

const SYSTEM = 'bullmq'

export function wrapBullmqQueue(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Queue') as { readonly prototype?: unknown }
  wrapMethod(prototype, 'add', add =>
    createAdd(tools, add, 'add', (args, call) => {
      args[2] = withContext(tools, call, fieldsOf(args[2]))
    }),
  )
  wrapMethod(prototype, 'addBulk', add =>
    createAdd(tools, add, 'addBulk', (args, call) => {
      if (!Array.isArray(args[0])) return
      args[0] = args[0].map(job => ({ ...job, opts: withContext(tools, call, fieldsOf(job.opts)) }))
    }),
  )
}

export function wrapBullmqFlow(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'FlowProducer') as { prototype?: unknown }
  wrapMethod(prototype, 'add', add =>
    createAdd(tools, add, 'addFlow', (args, call) => {
      args[0] = addToFlow(tools, call, args[0])
    }),
  )
}

export function wrapBullmqWorker(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Worker') as { readonly prototype?: unknown }
  wrapMethod(
    prototype,
    'callProcessJob',
    process =>
      function tracedProcess(this: unknown, ...args: unknown[]): unknown {
        const work = (): unknown => Reflect.apply(process, this, args)
        const outer = tools.tracer.active()
        if (outer === undefined || hasTelemetry(this)) return work()
        const call = tools.guard.run('a job', () => {
          const job = fieldsOf(args[0])
          const attributes = { [ATTR_MESSAGING_MESSAGE_ID]: job.id as string | undefined }
          const destination = textOf(fieldsOf(this), 'name')
          const start = { system: SYSTEM, operation: 'process', type: 'process' } as const
          return openProcess(tools, outer, { ...start, destination, attributes }, carrierOf(job))
        })
        return call === undefined ? work() : runCall(tools, call, work)
      },
  )
}

/** The function has set up the library's own. */
const hasTelemetry = (queue: unknown): boolean =>
  Boolean(fieldsOf(queue).telemetry ?? childOf(fieldsOf(queue), 'opts').telemetry)

function createAdd(
  tools: LibraryTools,
  add: AnyFunction,
  operation: string,
  inject: (args: unknown[], call: TracedCall) => void,
): AnyFunction {
  return function tracedAdd(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(add, this, args)
    if (hasTelemetry(this)) return work()
    const [jobs] = args
    const call = tools.guard.run('adding a job', () =>
      openMessageCall(tools, {
        system: SYSTEM,
        operation,
        type: 'send',
        destination: textOf(fieldsOf(this), 'name') ?? textOf(fieldsOf(jobs), 'queueName'),
        batchSize: Array.isArray(jobs) ? jobs.length : undefined,
      }),
    )
    if (call === undefined) return work()
    tools.guard.run('adding a job', () => inject(args, call))
    return runCall(tools, call, work, job => {
      call.span.setAttribute(ATTR_MESSAGING_MESSAGE_ID, fieldsOf(job).id as string | undefined)
    })
  }
}

function withContext(tools: LibraryTools, call: TracedCall, options: Fields): Fields {
  // What is repeated would name this call for ever.
  if (options.repeat !== undefined) return options
  const telemetry = childOf(options, 'telemetry')
  if (telemetry.metadata !== undefined || telemetry.omitContext === true) return options
  const added = contextFor(tools, call, () => false)
  if (added === undefined) return options
  return { ...options, telemetry: { ...telemetry, metadata: JSON.stringify(added) } }
}

function addToFlow(tools: LibraryTools, call: TracedCall, flow: unknown): unknown {
  const { opts, children } = fieldsOf(flow)
  return {
    ...fieldsOf(flow),
    opts: withContext(tools, call, fieldsOf(opts)),
    ...(Array.isArray(children) && {
      children: children.map(each => addToFlow(tools, call, each)),
    }),
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
