// memcached: every command is compiled, with the callback that it ends by, when it is sent.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import type { TracedCall } from '../traced-call.ts'
import { closeByCallback, openStoreCall } from './store-call.ts'

type Callback = (...results: readonly unknown[]) => unknown

interface Query {
  readonly type?: unknown
  readonly key?: unknown
  callback?: unknown
}

export function wrapMemcached(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = exports as { readonly prototype?: unknown }
  wrapMethod(prototype, 'command', command => createCommand(tools, command))
}

function createCommand(tools: LibraryTools, command: AnyFunction): AnyFunction {
  return function tracedCommand(this: unknown, ...args: unknown[]): unknown {
    const [compile, server] = args
    if (tools.tracer.active() === undefined || typeof compile !== 'function')
      return Reflect.apply(command, this, args)
    let isOpened = false
    // Compiled once more for each copy, whose answers nobody waits for.
    args[0] = function compileTraced(this: unknown, ...given: unknown[]): unknown {
      const query: unknown = Reflect.apply(compile, this, given)
      if (!isOpened) tools.guard.run('a command of memcached', () => open(query as Query))
      isOpened = true
      return query
    }
    const open = (query: Query): void => {
      const { servers } = this as { readonly servers?: readonly unknown[] }
      const only = servers?.length === 1 ? servers[0] : undefined
      const call = openQuery(tools, query, server ?? only)
      const { callback } = query
      if (call === undefined || typeof callback !== 'function') return
      query.callback = closeByCallback(tools, call, callback as Callback)
    }
    return Reflect.apply(command, this, args)
  }
}

function openQuery(tools: LibraryTools, query: Query, server: unknown): TracedCall | undefined {
  // Without a callback nobody is told when it ends.
  if (typeof query.callback !== 'function') return undefined
  const operation = String(query.type)
  const [, address, port] =
    /^(.*?)(?::(\d+))?$/.exec(typeof server === 'string' ? server : '') ?? []
  return openStoreCall(tools, {
    system: 'memcached',
    operation,
    address: address || undefined,
    port: port === undefined ? undefined : Number(port),
    text: textOf(tools, operation, query.key),
  })
}

function textOf({ settings }: LibraryTools, operation: string, key: unknown): string | undefined {
  const mode = settings.dbQueryText
  if (mode === 'off') return undefined
  return key === undefined ? operation : `${operation} ${mode === 'raw' ? String(key) : '?'}`
}
