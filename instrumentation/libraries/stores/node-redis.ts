// node-redis (`redis`, `@redis/client`): versions before 5.12 are hooked at the queue that all commands go through; newer ones
// publish.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, replaceExport, wrapMethod } from '../../hooks/wrap.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import {
  findFailure,
  listenToRedis,
  openRedisCall,
  type RedisServer,
  readBatch,
  readConnect,
  readRedisFailure,
} from './redis-call.ts'
import { runStoreCall } from './store-call.ts'

/** Methods of a client that put a command into the queue before they wait for anything. */
const SENDERS = ['sendCommand', 'commandsExecutor', 'executeScript', 'executeFunction', 'SELECT']
/** Methods of a client that send several commands as one. */
const BATCHES = ['multiExecutor', '_executeMulti', '_executePipeline']

const DEFAULT_PORT = 6379

export function createNodeRedisWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  // The queue does not know its client, which is found where the client calls it: for as long as that call takes.
  let client: unknown
  const asClient = (send: AnyFunction): AnyFunction =>
    function knownClient(this: unknown, ...args: unknown[]): unknown {
      const before = client
      client = this
      try {
        return Reflect.apply(send, this, args)
      } finally {
        client = before
      }
    }
  return {
    wrapNodeRedisCommander(loaded) {
      replaceExport(loaded, 'attachCommands', attach => (config: { executor: AnyFunction }) => {
        const executor = asClient(config.executor)
        return Reflect.apply(attach as AnyFunction, undefined, [{ ...config, executor }])
      })
    },
    wrapNodeRedisQueue(loaded) {
      wrapMethod(prototypeOf(loaded), 'addCommand', add => createAdd(tools, () => client, add))
    },
    wrapNodeRedisClient(loaded) {
      const prototype = prototypeOf(loaded)
      for (const name of SENDERS) wrapMethod(prototype, name, asClient)
      for (const name of BATCHES)
        wrapMethod(prototype, name, execute => createBatch(tools, name, execute))
    },
  }
}

const prototypeOf = ({ exports }: LoadedModule): unknown =>
  (fieldsOf(exports).default as { prototype?: unknown } | undefined)?.prototype

function createAdd(tools: LibraryTools, client: () => unknown, add: AnyFunction): AnyFunction {
  return function tracedAdd(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a command of redis', () => {
      const [words, options] = args
      // What the handshake sends goes first; what is chained is part of a batch.
      const { asap, chainId } = fieldsOf(options)
      if (asap || chainId !== undefined || !Array.isArray(words)) return undefined
      const [name, ...rest] = words
      return openRedisCall(tools, { name: String(name), args: rest, ...serverOf(client()) })
    })
    const work = (): unknown => Reflect.apply(add, this, args)
    return call === undefined ? work() : runStoreCall(tools, call, work, readRedisFailure)
  }
}

function createBatch(tools: LibraryTools, method: string, execute: AnyFunction): AnyFunction {
  return function tracedBatch(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a batch of redis', () => {
      const [commands, , chainId] = args
      const isMulti = method === '_executeMulti' || chainId !== undefined
      return openRedisCall(tools, {
        name: isMulti ? 'MULTI' : 'PIPELINE',
        batchSize: Array.isArray(commands) ? commands.length : 0,
        ...serverOf(this),
      })
    })
    const work = (): unknown => Reflect.apply(execute, this, args)
    if (call === undefined) return work()
    return runStoreCall(tools, call, work, readRedisFailure, findFailure)
  }
}

/** By the options, which a URL has been read into. */
function serverOf(client: unknown): RedisServer {
  if (client === undefined) return {}
  const { socket, database = 0 } = fieldsOf((client as { readonly options?: unknown }).options)
  const { path, host = 'localhost', port = DEFAULT_PORT } = fieldsOf(socket)
  return path === undefined ? { address: host, port, database } : { address: path, database }
}

export function createNodeRedisListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  return {
    'node-redis:command': () =>
      listenToRedis(tools, 'node-redis:command', ({ command, args = [], batchMode }) =>
        batchMode === undefined ? { name: String(command), args: args.slice(1) } : undefined,
      ),
    'node-redis:batch': () => listenToRedis(tools, 'node-redis:batch', readBatch),
    'node-redis:connect': () => listenToRedis(tools, 'node-redis:connect', readConnect),
  }
}
