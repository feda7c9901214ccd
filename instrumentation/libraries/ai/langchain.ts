// LangChain: runs of chains, models, tools and retrievers, by a handler of its own that every manager of callbacks gets. What the
// library runs for a run (a model's own client, a tool's code, functions of a chain) has the run's span as the active one.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, fieldsOf } from '../fields.ts'
import { createHandler, NAME } from './langchain-handler.ts'
import { Runs } from './langchain-runs.ts'
import { followIterator } from './model-stream.ts'

interface Manager {
  readonly handlers?: readonly unknown[]
  addHandler(handler: object, inherit: boolean): void
}

const isOurs = (handler: unknown): boolean => fieldsOf(handler).name === NAME

export interface LangChain {
  wrapManager(loaded: LoadedModule): void
  wrapStorage(loaded: LoadedModule): void
  wrapBase(loaded: LoadedModule): void
  wrapCaller(loaded: LoadedModule): void
}

/** By the method that is the library's own and is called first: those of its subclasses, which do the work. */
const METHODS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  BaseChatModel: {
    _separateRunnableConfigFromCallOptionsCompat: ['_generate', '_streamResponseChunks'],
  },
  BaseLLM: { _separateRunnableConfigFromCallOptionsCompat: ['_generate', '_streamResponseChunks'] },
  BaseRetriever: { invoke: ['_getRelevantDocuments'] },
  StructuredTool: { call: ['_call'] },
}

export function createLangChain(tools: LibraryTools): LangChain {
  const runs = new Runs(tools)
  const handler = createHandler(runs)
  return {
    wrapManager({ exports }) {
      const { CallbackManager } = fieldsOf(exports)
      wrapMethod(
        CallbackManager,
        '_configureSync',
        configure =>
          function tracedConfigure(this: unknown, ...args: unknown[]): unknown {
            if (tools.tracer.active() === undefined) return Reflect.apply(configure, this, args)
            const [handlers = []] = args
            // Where nobody listens the library has no manager, and forgets tags and metadata.
            if (Array.isArray(handlers) && !handlers.some(isOurs)) args[0] = [...handlers, handler]
            const manager = Reflect.apply(configure, this, args) as Manager | undefined
            tools.guard.run('a run of LangChain', () => {
              if (manager?.handlers?.some(isOurs) === false) manager.addHandler(handler, true)
            })
            return manager
          },
      )
    },
    wrapStorage({ exports }) {
      const { AsyncLocalStorageProviderSingleton: storage } = fieldsOf(exports)
      wrapMethod(
        storage,
        'runWithConfig',
        run =>
          function tracedRun(this: unknown, ...args: unknown[]): unknown {
            const [config, work] = args
            const context = runs.contextOf(childOf(fieldsOf(config), 'callbacks')._parentRunId)
            if (context !== undefined && typeof work === 'function') {
              args[1] = (...given: unknown[]) =>
                tools.tracer.run(context, () => Reflect.apply(work, undefined, given))
            }
            return Reflect.apply(run, this, args)
          },
      )
    },
    wrapBase: loaded => wrapBase(tools, runs, loaded),
    wrapCaller({ exports }) {
      const { prototype } = Reflect.get(Object(exports), 'AsyncCaller') as { prototype?: unknown }
      wrapMethod(prototype, 'call', call => createCall(tools, call, 0))
      wrapMethod(prototype, 'callWithRetries', call => createCall(tools, call, 1))
    },
  }
}

/** What waits in the library's queue runs where it was put there. */
function createCall({ tracer }: LibraryTools, call: AnyFunction, index: 0 | 1): AnyFunction {
  return function tracedCall(this: unknown, ...args: unknown[]): unknown {
    const work = args[index]
    const active = tracer.active()
    if (active !== undefined && typeof work === 'function')
      args[index] = (...given: unknown[]) =>
        tracer.run(active, () => Reflect.apply(work, undefined, given))
    return Reflect.apply(call, this, args)
  }
}

function wrapBase(tools: LibraryTools, runs: Runs, { exports }: LoadedModule): void {
  for (const [name, entries] of Object.entries(METHODS)) {
    const { prototype } = Object(Reflect.get(Object(exports), name))
    for (const [entry, methods] of Object.entries(entries))
      wrapMethod(
        prototype,
        entry,
        enter =>
          function tracedEntry(this: unknown, ...args: unknown[]): unknown {
            tools.guard.run('a class of LangChain', () => {
              for (const method of methods)
                wrapMethod(ownerOf(this, method), method, own =>
                  createOwn(tools, runs, method, own),
                )
            })
            return Reflect.apply(enter, this, args)
          },
      )
  }
}

/** The class that it has the method from. An object's own stays as it is. */
function ownerOf(object: unknown, name: string): unknown {
  let owner: unknown = Object.getPrototypeOf(object)
  while (owner !== null && !Object.hasOwn(owner as object, name))
    owner = Object.getPrototypeOf(owner)
  return owner
}

function createOwn(tools: LibraryTools, runs: Runs, method: string, own: AnyFunction): AnyFunction {
  return function tracedOwn(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(own, this, args)
    const id = args.map(arg => fieldsOf(arg).runId).find(each => typeof each === 'string')
    const context = runs.contextOf(id)
    if (context === undefined) return work()
    if (method === '_call') runs.nameTool(String(id), fieldsOf(this).name)
    const result = tools.tracer.run(context, work)
    // Whoever leaves the loop over a stream does so without a word to its handlers.
    tools.guard.run('a stream of LangChain', () =>
      followIterator(tools, { inner: context }, result, {
        end(_error, isLeft) {
          if (isLeft) runs.close(String(id))
        },
      }),
    )
    return result
  }
}
