// The driver: each operation goes through one function, from which it waits for a server and a connection, is tried again and
// answers. Pings, authentication and the watching of servers do not.
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, replaceExport, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_DB_OPERATION_NAME, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf, textOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { filterText, MONGODB, readMongoFailure } from './mongo-call.ts'
import {
  closeByCallback,
  enclosingStart,
  nameOfCall,
  openStoreCall,
  runStoreCall,
} from './store-call.ts'

type Callback = (...results: readonly unknown[]) => unknown

/** The part of an operation that is used. */
interface Operation {
  /** Since 6. */
  readonly commandName?: unknown
  readonly ns?: unknown
  /** Where `ns` names none: the collection's name, or the collection. */
  readonly target?: unknown
  readonly collectionName?: unknown
  readonly collection?: unknown
  /** What the function wrote itself. */
  readonly command?: unknown
  readonly filter?: unknown
  readonly query?: unknown
  readonly pipeline?: unknown
  readonly statements?: unknown
  readonly documents?: unknown
}

export function createMongodbWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapMongoOperations(loaded) {
      replaceExport(loaded, 'executeOperation', execute =>
        createExecute(tools, execute as AnyFunction),
      )
    },
    wrapMongoServer({ exports }) {
      const Server = fieldsOf(exports).Server as { prototype?: unknown } | undefined
      wrapMethod(Server?.prototype, 'command', command => createCommand(tools, command))
    },
  }
}

function createExecute(tools: LibraryTools, execute: AnyFunction): AnyFunction {
  return function tracedExecute(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('an operation of mongodb', () =>
      openOperation(tools, args[1] as Operation),
    )
    const work = (): unknown => Reflect.apply(execute, this, args)
    if (call === undefined) return work()
    const callback = args[2]
    // Cursors before 6 take a callback.
    if (typeof callback !== 'function') return runStoreCall(tools, call, work, readMongoFailure)
    args[2] = closeByCallback(tools, call, callback as Callback, readMongoFailure)
    return tools.tracer.run(call.inner, work)
  }
}

/** What operations that consist of others hold those in. */
const BULK = ['operations', 'docs', 'bulkOperation']

function openOperation(tools: LibraryTools, operation: Operation): TracedCall | undefined {
  // Of a bulk write each operation is one by itself.
  const isBulk = BULK.some(name => name in operation)
  if (tools.tracer.active() === undefined || isBulk) return undefined
  const { db } = fieldsOf(operation.ns)
  const target = collectionOf(operation)
  const within = enclosingStart(tools)
  // What mongoose asks of the driver is mongoose's.
  if (within?.system === MONGODB && within.collection === target) return undefined
  return openStoreCall(tools, {
    system: MONGODB,
    operation: nameOf(operation),
    isGuess: operation.commandName === undefined,
    collection: target,
    namespace: typeof db === 'string' ? db : undefined,
    text: textOfOperation(tools, operation),
    batchSize: batchSizeOf(operation),
  })
}

function collectionOf({ ns, target, collectionName, collection }: Operation): string | undefined {
  const named = fieldsOf(ns).collection
  const { collectionName: own } = fieldsOf(collection)
  const names = [named === '$cmd' ? undefined : named, target, collectionName, own]
  return names.find((name): name is string => typeof name === 'string')
}

/** The command; before 6 it is known when it is sent, and until then by the name of a class, if that has been kept. */
function nameOf({ commandName, command, constructor: { name } }: Operation): string {
  const [first] = commandName === 'runCommand' ? Object.keys(fieldsOf(command)) : []
  if (typeof commandName === 'string') return first ?? commandName
  const [, word = 'command'] = /^(\w+?)(?:One|Many)?Operation$/.exec(name) ?? []
  return word.charAt(0).toLowerCase() + word.slice(1)
}

function textOfOperation(tools: LibraryTools, operation: Operation): string | undefined {
  const { filter, query, pipeline, statements } = operation
  const [statement] = Array.isArray(statements) ? statements : []
  return filterText(tools, filter ?? query ?? pipeline ?? fieldsOf(statement).q)
}

function batchSizeOf({ documents, statements }: Operation): number | undefined {
  const list = documents ?? statements
  return Array.isArray(list) ? list.length : undefined
}

/** Which server it is sent to is known here, and before 6 what it is. */
function createCommand(tools: LibraryTools, command: AnyFunction): AnyFunction {
  return function tracedCommand(this: unknown, ...args: unknown[]): unknown {
    tools.guard.run('a command of mongodb', () => {
      const span = tools.tracer.active()?.call?.span
      const start = enclosingStart(tools)
      if (span === undefined || start?.system !== MONGODB) return
      if (start.isGuess) {
        start.isGuess = false
        const [name = start.operation] = Object.keys(fieldsOf(args[1]))
        span.rename(nameOfCall(name, start.collection))
        span.setAttribute(ATTR_DB_OPERATION_NAME, name)
      }
      const address = textOf(fieldsOf((this as { description?: unknown }).description), 'address')
      const at = address?.lastIndexOf(':') ?? -1
      if (address === undefined || at === -1) return
      span.fillAttributes({
        [ATTR_SERVER_ADDRESS]: address.slice(0, at),
        [ATTR_SERVER_PORT]: Number(address.slice(at + 1)),
      })
    })
    return Reflect.apply(command, this, args)
  }
}
