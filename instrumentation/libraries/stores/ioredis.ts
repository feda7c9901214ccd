// ioredis: its commands settle by functions of their own, which are wrapped, so that the promise that the function gets is the
// library's and a rejection that nobody handles stays one. Hooked, it need not publish, unless for someone else: it tells of a
// command when that is written, in whatever context the connection became ready, and handles its rejection.
import { channel } from 'node:diagnostics_channel'
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { type Fields, fieldsOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import {
  closeRedisCall,
  findFailure,
  HANDSHAKE,
  listenToRedis,
  openRedisCall,
  readBatch,
  readConnect,
} from './redis-call.ts'

/** Half as dear as a WeakMap, for objects that last as long as a request. */
const CALL = Symbol('baton:call')

/** The part of a command, and of a pipeline, that is used. */
interface Settling {
  resolve: (value: unknown) => unknown
  reject: (error: unknown) => unknown
}

interface Command extends Settling {
  readonly name: string
  readonly args: readonly unknown[]
  readonly pipelineIndex?: unknown
  /** False until it was published, in versions that publish. */
  isTraced?: boolean
  /** A command is sent again when its connection becomes ready, is lost, or redirects it. `null` where it has no span. */
  [CALL]?: TracedCall | null
}

interface Pipeline extends Settling {
  readonly redis: unknown
  readonly _transactions: number
  readonly _queue: readonly Command[]
}

export function createIoredisWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const wrapSend: Wrap = loaded => {
    wrapMethod(prototypeOf(loaded), 'sendCommand', send => createSend(tools, send))
  }
  return {
    wrapIoredis(loaded) {
      tools.stopListening('ioredis:batch')
      wrapSend(loaded)
    },
    wrapIoredisCluster: wrapSend,
    wrapIoredisPipeline(loaded) {
      wrapMethod(prototypeOf(loaded), 'exec', exec => createExec(tools, exec))
    },
  }
}

const prototypeOf = ({ exports }: LoadedModule): unknown =>
  (fieldsOf(exports).default as { prototype?: unknown } | undefined)?.prototype

function createSend(tools: LibraryTools, send: AnyFunction): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a command of ioredis', () => {
      const command = args[0] as Command
      const known = command[CALL]
      if (known) setServer(known, fieldsOf(this))
      if (known !== undefined) return known ?? undefined
      if (command.isTraced === false && !OTHERS.some(other => other.hasSubscribers))
        command.isTraced = true
      const opened = openCommand(tools, fieldsOf(this), command)
      command[CALL] = opened ?? null
      return opened
    })
    if (call === undefined) return Reflect.apply(send, this, args)
    return tools.tracer.run(call.inner, () => Reflect.apply(send, this, args))
  }
}

/** Baton subscribes to neither: whoever follows commands does. */
const OTHERS = ['error', 'asyncStart'].map(event => channel(`tracing:ioredis:command:${event}`))

function openCommand(tools: LibraryTools, redis: Fields, command: Command): TracedCall | undefined {
  // A pipeline is one call, and a handshake none of the function's.
  if (typeof command.pipelineIndex === 'number') return undefined
  if (redis.status === 'connect' && HANDSHAKE.has(command.name)) return undefined
  const { name, args } = command
  const call = openRedisCall(tools, { name, args, ...serverOf(redis) })
  if (call !== undefined) closeWhenSettled(tools, call, command)
  return call
}

interface Server {
  readonly address: unknown
  readonly port: unknown
  readonly database: unknown
}

function serverOf({ options, condition, isCluster }: Fields): Server {
  const { path, host, port, db } = fieldsOf(options)
  const isPath = typeof path === 'string'
  const { select = db } = fieldsOf(condition)
  // Which node of a cluster it will be is known when it is sent there.
  if (isCluster === true) return { address: undefined, port: undefined, database: undefined }
  return { address: isPath ? path : host, port: isPath ? undefined : port, database: select }
}

function setServer({ span }: TracedCall, redis: Fields): void {
  const { address, port } = serverOf(redis)
  if (typeof address !== 'string') return
  span.fillAttributes({
    [ATTR_SERVER_ADDRESS]: address,
    [ATTR_SERVER_PORT]: typeof port === 'number' ? port : undefined,
  })
}

function closeWhenSettled(
  tools: LibraryTools,
  call: TracedCall,
  settling: Settling,
  findError?: (value: unknown) => unknown,
): void {
  const { resolve, reject } = settling
  settling.resolve = value => {
    tools.guard.run('an answer of ioredis', () => closeRedisCall(tools, call, findError?.(value)))
    return Reflect.apply(resolve, settling, [value])
  }
  settling.reject = error => {
    const reason = error ?? new Error('rejected with nothing')
    tools.guard.run('an answer of ioredis', () => closeRedisCall(tools, call, reason))
    return Reflect.apply(reject, settling, [error])
  }
}

function createExec(tools: LibraryTools, exec: AnyFunction): AnyFunction {
  const seen = new WeakSet<object>()
  return function tracedExec(this: Pipeline, ...args: unknown[]): unknown {
    const call = tools.guard.run('a pipeline of ioredis', () => {
      // A transaction's first call adds its EXEC; a cluster's pipeline is sent again where nodes have changed.
      if (this._transactions > 0 || seen.has(this) || this._queue.length === 0) return undefined
      seen.add(this)
      return openPipeline(tools, this)
    })
    if (call === undefined) return Reflect.apply(exec, this, args)
    const [callback] = args
    if (typeof callback === 'function') {
      args[0] = function back(this: unknown, ...results: unknown[]): unknown {
        return tools.tracer.run(call.outer, () => Reflect.apply(callback, this, results))
      }
    }
    return tools.tracer.run(call.inner, () => Reflect.apply(exec, this, args))
  }
}

function openPipeline(tools: LibraryTools, pipeline: Pipeline): TracedCall | undefined {
  const { redis, _queue: queue } = pipeline
  const isMulti = queue[0]?.name === 'multi' && queue.at(-1)?.name === 'exec'
  const call = openRedisCall(tools, {
    name: isMulti ? 'MULTI' : 'PIPELINE',
    batchSize: isMulti ? queue.length - 2 : queue.length,
    ...serverOf(fieldsOf(redis)),
  })
  if (call !== undefined) closeWhenSettled(tools, call, pipeline, findFailure)
  return call
}

export function createIoredisListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  return {
    'ioredis:command': () =>
      listenToRedis(tools, 'ioredis:command', ({ command, args }) => ({
        name: String(command),
        args: args ?? [],
      })),
    'ioredis:batch': () => listenToRedis(tools, 'ioredis:batch', readBatch),
    'ioredis:connect': () => listenToRedis(tools, 'ioredis:connect', readConnect),
  }
}
