// TypeORM and Sequelize: an operation on a model is the parent of the queries that it takes, which are the driver's. One that
// is made of others, as `findOne` of `findAll`, is told of once.

import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_DB_COLLECTION_NAME, ATTR_DB_OPERATION_NAME } from '../../semconv.ts'
import type { Span } from '../../trace/span.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { runQuery } from './run-query.ts'

const words = (text: string): readonly string[] => text.split(' ')

const TYPEORM = words(
  'save remove softRemove recover insert upsert update delete softDelete restore exists existsBy count countBy sum average minimum maximum find findBy findAndCount findAndCountBy findOne findOneBy findOneOrFail findOneByOrFail clear increment decrement',
)
const SEQUELIZE_MODEL = words(
  'findAll findByPk findOne aggregate count findAndCountAll max min sum create findOrCreate findCreateFind upsert bulkCreate truncate destroy restore update increment decrement',
)
const SEQUELIZE_INSTANCE = words('save reload update destroy restore increment decrement')

/** Spans of operations: below one there is none of another. */
const operations = new WeakSet<Span>()

export function openOperation(
  tools: LibraryTools,
  model: string | undefined,
  operation: string,
): TracedCall | undefined {
  const active = tools.tracer.active()
  if (active?.span !== undefined && operations.has(active.span)) return undefined
  const call = openCall(tools, {
    name: model === undefined ? operation : `${model}.${operation}`,
    kind: SPAN_KIND_INTERNAL,
    attributes: { [ATTR_DB_COLLECTION_NAME]: model, [ATTR_DB_OPERATION_NAME]: operation },
  })
  if (call !== undefined) operations.add(call.span)
  return call
}

export function createMapperWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const wrapAll = (target: unknown, names: readonly string[], modelOf: ModelOf): void => {
    for (const name of names)
      wrapMethod(target, name, operate => createOperation(tools, operate, name, modelOf))
  }
  return {
    wrapTypeorm: ({ exports }: LoadedModule) => {
      const { prototype } = fieldsOf(exports).EntityManager as { prototype?: unknown }
      wrapAll(prototype, TYPEORM, (_, [target]) => modelOf(target))
    },
    wrapSequelize: ({ exports }: LoadedModule) => {
      wrapAll(exports, SEQUELIZE_MODEL, modelOf)
      wrapAll((exports as { prototype?: unknown }).prototype, SEQUELIZE_INSTANCE, modelOf)
    },
  }
}

type ModelOf = (self: unknown, args: readonly unknown[]) => string | undefined

/** A class, its name, a schema, an object of a class, or several of those. */
function modelOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target === 'function') return target.name
  if (Array.isArray(target)) return modelOf(target[0])
  const { options, constructor: kind } = fieldsOf(target)
  const { name } = fieldsOf(options)
  if (typeof name === 'string') return name
  return typeof kind === 'function' && kind !== Object ? kind.name : undefined
}

function createOperation(
  tools: LibraryTools,
  operate: AnyFunction,
  name: string,
  readModel: ModelOf,
): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('an operation on a model', () =>
      openOperation(tools, readModel(this, args), name),
    )
    if (call === undefined) return Reflect.apply(operate, this, args)
    return runQuery(tools, call, operate, this, args, 'promise')
  }
}
