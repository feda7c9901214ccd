// better-sqlite3: it answers at once. Its statements are objects of native code, whose methods are on a prototype that is met
// with the first of them.

import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { runQuery } from './run-query.ts'
import { closeQuery, openQuery, type SqlTarget } from './sql-call.ts'

export function createBetterSqlite3Wraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapBetterSqlite3: ({ exports }: LoadedModule) => {
      wrapMethod(
        exports,
        'prepare',
        prepare =>
          function (this: unknown, ...args: unknown[]) {
            const statement: unknown = Reflect.apply(prepare, this, args)
            tools.guard.run('a statement of better-sqlite3', () => wrapStatement(tools, statement))
            return statement
          },
      )
      wrapMethod(exports, 'exec', exec =>
        createRun(tools, exec, (database, [text]) => [database, text]),
      )
    },
  }
}

type Read = (self: unknown, args: readonly unknown[]) => readonly [database: unknown, text: unknown]

const readStatement: Read = self => [fieldsOf(self).database, fieldsOf(self).source]

function wrapStatement(tools: LibraryTools, statement: unknown): void {
  const prototype: unknown = Object.getPrototypeOf(statement)
  for (const name of ['run', 'get', 'all'])
    wrapMethod(prototype, name, run => createRun(tools, run, readStatement))
  wrapMethod(prototype, 'iterate', iterate => createIterate(tools, iterate))
}

function open(tools: LibraryTools, read: Read, self: unknown, args: readonly unknown[]) {
  return tools.guard.run('a query by better-sqlite3', () => {
    if (tools.tracer.active() === undefined) return undefined
    const [database, text] = read(self, args)
    return openQuery(tools, targetOf(database), typeof text === 'string' ? text : undefined)
  })
}

function targetOf(database: unknown): SqlTarget {
  const { name } = fieldsOf(database)
  return { system: 'sqlite', namespace: typeof name === 'string' ? name : undefined }
}

function createRun(tools: LibraryTools, run: AnyFunction, read: Read): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const call = open(tools, read, this, args)
    if (call === undefined) return Reflect.apply(run, this, args)
    try {
      const result: unknown = tools.tracer.run(call.inner, () => Reflect.apply(run, this, args))
      closeQuery(tools, call)
      return result
    } catch (error) {
      closeQuery(tools, call, error)
      throw error
    }
  }
}

function createIterate(tools: LibraryTools, iterate: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const call = open(tools, readStatement, this, args)
    if (call === undefined) return Reflect.apply(iterate, this, args)
    const rows = runQuery(tools, call, iterate, this, args, 'none')
    tools.guard.run('rows of better-sqlite3', () => followRows(tools, call, rows))
    return rows
  }
}

/** A query whose rows are taken one by one ends with the last, or when no more are wanted. */
function followRows(tools: LibraryTools, call: TracedCall, rows: unknown): void {
  for (const name of ['next', 'return']) {
    wrapMethod(
      rows,
      name,
      next =>
        function (this: unknown, ...args: unknown[]) {
          try {
            const step: unknown = Reflect.apply(next, this, args)
            if (fieldsOf(step).done === true) closeQuery(tools, call)
            return step
          } catch (error) {
            closeQuery(tools, call, error)
            throw error
          }
        },
    )
  }
}
