// AWS SDK v3: all clients inherit one method, `send`. Its promise and its callback form are kept as they are; what goes into a
// message is added by a middleware of the client, on a copy of the input, so that the user's command stays the user's.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Span } from '../../trace/span.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../fields.ts'
import { type AwsTools, closeCall, type OpenCall, openCall, readMetadata } from './call.ts'
import { injectHeaders, injectInput, mayInject } from './injection.ts'

type Callback = (error: unknown, output?: unknown) => unknown
type Next = (args: Readonly<Record<string, unknown>>) => unknown

interface Calls {
  readonly open: WeakMap<Span, OpenCall>
  /** Stacks of middleware that have ours: clients made from one another share theirs. */
  readonly prepared: WeakSet<object>
}

interface MiddlewareStack {
  add(
    middleware: (next: Next) => Next,
    options: { readonly step: string; readonly priority: string; readonly name: string },
  ): void
}

/** Hooks `Client` of a module of smithy's, wherever it stands. */
export function wrapClient(tools: AwsTools, loaded: LoadedModule): void {
  const { Client } = fieldsOf(loaded.exports)
  if (typeof Client !== 'function') return
  wrapMethod(Client.prototype, 'send', send => createSend(tools, send))
}

function createSend(tools: AwsTools, send: AnyFunction): AnyFunction {
  const { tracer, guard } = tools
  const calls: Calls = { open: new WeakMap(), prepared: new WeakSet() }
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const open = guard.run('an AWS call', () => {
      const opened = openSend(tools, this, args[0])
      if (opened !== undefined) {
        calls.open.set(opened.span, opened)
        prepareClient(tools, opened, this, calls)
      }
      return opened
    })
    if (open === undefined) return Reflect.apply(send, this, args)
    const close = (error: unknown, output: unknown): void => {
      guard.run('an AWS call', () => {
        const region = knownRegion(fieldsOf(this).config)
        closeCall(tools, open, { ...readMetadata(error ?? output), error, output, region })
      })
    }
    const at = typeof args[1] === 'function' ? 1 : 2
    const callback = args[at]
    if (typeof callback === 'function')
      args[at] = closingCallback(tools, open, callback as Callback, close)
    try {
      const result: unknown = tracer.run(open.inner, () => Reflect.apply(send, this, args))
      return result instanceof Promise ? closeWith(result, close) : result
    } catch (error) {
      close(error, undefined)
      throw error
    }
  }
}

type Close = (error: unknown, output: unknown) => void

function closeWith(promise: Promise<unknown>, close: Close): Promise<unknown> {
  return promise.then(
    output => {
      close(undefined, output)
      return output
    },
    error => {
      close(error ?? new Error('rejected with nothing'), undefined)
      throw error
    },
  )
}

/** The user's callback goes on where the user called: what it starts is no part of this call. */
function closingCallback(
  { tracer }: AwsTools,
  open: OpenCall,
  callback: Callback,
  close: Close,
): Callback {
  return (...results) => {
    close(results[0] ?? undefined, results[1])
    return tracer.run(open.outer, () => callback(...results))
  }
}

function openSend(tools: AwsTools, client: unknown, command: unknown): OpenCall | undefined {
  const { config } = fieldsOf(client)
  const serviceId = textOf(fieldsOf(config), 'serviceId')
  if (serviceId === undefined) return undefined
  return openCall(tools, serviceId, {
    operation: operationOf(command),
    region: regionOf(config),
    input: fieldsOf(fieldsOf(command).input),
  })
}

/** The document client's commands hold the one that is sent. A user's own subclass is still named by what it extends. */
function operationOf(command: unknown): string | undefined {
  const { schema, clientCommand } = fieldsOf(command)
  // [9, namespace, operation, traits, input, output]
  if (Array.isArray(schema) && typeof schema[2] === 'string') return schema[2]
  if (typeof clientCommand === 'object' && clientCommand !== null) return operationOf(clientCommand)
  let found: string | undefined
  let prototype: unknown = Object.getPrototypeOf(command)
  for (
    ;
    prototype !== null && prototype !== undefined;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const { name } = (prototype as { constructor: { name: unknown } }).constructor
    if (typeof name === 'string' && name.endsWith('Command') && name !== 'Command') found = name
  }
  return found?.slice(0, -'Command'.length)
}

const regions = new WeakMap<object, string>()

/** Most often a function that finds it out: the SDK asks it during the call, so that it is known when the call ends. */
function regionOf(config: unknown): string | undefined {
  const known = knownRegion(config)
  const { region } = fieldsOf(config)
  if (known !== undefined || typeof region !== 'function') return known
  const answer: unknown = region()
  if (answer instanceof Promise) {
    answer.then(
      value => {
        if (typeof value === 'string') regions.set(config as object, value)
      },
      () => {},
    )
  }
  return typeof answer === 'string' ? answer : undefined
}

function knownRegion(config: unknown): string | undefined {
  return textOf(fieldsOf(config), 'region') ?? regions.get(fieldsOf(config))
}

/**
 * Adds our middleware to a client that sends messages, once. It goes by the call under way and holds none itself, since the SDK
 * may keep what it made of a client's middleware.
 */
function prepareClient(tools: AwsTools, open: OpenCall, client: unknown, calls: Calls): void {
  const { middlewareStack: stack } = client as { readonly middlewareStack?: MiddlewareStack }
  if (!mayInject(tools, open) || stack === undefined || calls.prepared.has(stack)) return
  calls.prepared.add(stack)
  const current = (): OpenCall | undefined => {
    const call = tools.tracer.active()?.call
    return call && calls.open.get(call.span)
  }
  const intoMessage = (args: Fields): Fields => {
    const found = current()
    const input = found && injectInput(tools, found, fieldsOf(args.input))
    return input === undefined ? args : { ...args, input }
  }
  const intoHeaders = (args: Fields): Fields => {
    const found = current()
    if (found !== undefined)
      injectHeaders(tools, found, childOf(childOf(args, 'request'), 'headers'))
    return args
  }
  const change =
    (apply: (args: Fields) => Fields) =>
    (next: Next): Next =>
    args =>
      next(tools.guard.run('putting context into an AWS call', () => apply(args)) ?? args)
  stack.add(change(intoMessage), { step: 'initialize', priority: 'low', name: 'batonMessage' })
  stack.add(change(intoHeaders), { step: 'build', priority: 'low', name: 'batonHeaders' })
}
