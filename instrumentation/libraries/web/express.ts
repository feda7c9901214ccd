// Express 4 and 5, whose routers take a request through layers: middleware, mounted routers, and the handlers of a route.
// Express's router tells of each layer on a channel since 2.3; layers of older ones are hooked. Either way a layer's span
// ends when the next layer begins, when an error leaves it, or with the response: that `next` was called no channel says.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, replaceExport, wrapMethod } from '../../hooks/wrap.ts'
import type { Span } from '../../trace/span.ts'
import type { ActiveContext } from '../../trace/tracer.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { closeCall, type TracedCall } from '../traced-call.ts'
import { follow } from './follow.ts'
import { joinRoute, openStep } from './steps.ts'

interface Layer {
  readonly handle: AnyFunction & { readonly stack?: unknown }
  readonly name: string
  readonly route?: unknown
}

interface Request {
  /** The router's own function to go on: another one in each router that the request is in. */
  readonly next?: AnyFunction
  readonly route?: { readonly path: unknown; readonly stack: readonly Layer[] }
}

interface Response {
  once?(event: string, listener: () => void): unknown
}

/** What the channel tells of a layer that begins. */
interface LayerMessage {
  readonly req: Request
  readonly res: Response
  readonly layer: Layer
  /** The pattern that matched. */
  readonly route?: unknown
  readonly error?: unknown
}

/** A request on its way. */
interface Passage {
  /** The layer under way. */
  step: TracedCall | undefined
  /** Where routers are mounted that the request is in. */
  readonly mounts: WeakMap<AnyFunction, string>
  /** Where the layer is mounted that was entered last. */
  entered: string | undefined
}

/** What Express 4 puts in front of every application's own: minifying leaves it no name to be known by. */
const builtIn = new WeakSet<AnyFunction>()

export interface ExpressLayers {
  /** The context that the layer runs in. */
  begin(message: LayerMessage): ActiveContext | undefined
  /** An error left the layer. */
  fail(message: LayerMessage, error: unknown): void
}

export function createExpressLayers(tools: LibraryTools): ExpressLayers {
  const { tracer } = tools
  const passages = new WeakMap<Request, Passage>()
  const steps = new WeakMap<object, TracedCall>()
  /** What the steps' own contexts stand in. */
  const outer = new WeakMap<Span, ActiveContext>()

  const close = (passage: Passage, error?: unknown): void => {
    if (passage.step !== undefined) closeCall(tools, passage.step, error)
    passage.step = undefined
  }

  function passageOf({ req, res }: LayerMessage): Passage {
    const known = passages.get(req)
    if (known !== undefined) return known
    const passage: Passage = { step: undefined, mounts: new WeakMap(), entered: undefined }
    passages.set(req, passage)
    const end = (): void => close(passage)
    res.once?.('finish', end)
    res.once?.('close', end)
    return passage
  }

  /** The template under which the router is mounted that the layer belongs to. */
  function mountOf(passage: Passage, { next }: Request): string {
    if (next === undefined) return ''
    const prefix = passage.mounts.get(next) ?? passage.entered ?? ''
    passage.mounts.set(next, prefix)
    passage.entered = undefined
    return prefix
  }

  return {
    begin(message) {
      const context = outside(tracer.active(), outer)
      if (context === undefined) return undefined
      const { layer, req } = message
      const passage = passageOf(message)
      close(passage)
      const prefix = mountOf(passage, req)
      const pattern = toText(message.route)
      // Whatever is mounted may be a router, or lead to one.
      passage.entered = joinRoute(prefix, pattern)
      if (isRouter(layer)) return context
      const isHandler = req.route?.stack.includes(layer) === true
      if (builtIn.has(layer.handle)) return context
      const step = tracer.run(context, () =>
        openStep(tools, {
          kind: isHandler ? 'handler' : 'middleware',
          functionName: layer.name === '<anonymous>' ? '' : layer.name,
          route: isHandler ? joinRoute(prefix, pattern) : undefined,
        }),
      )
      if (step === undefined) return context
      passage.step = step
      steps.set(message, step)
      outer.set(step.span, context)
      return step.inner
    },
    fail(message, error) {
      const step = steps.get(message)
      if (step !== undefined) closeCall(tools, step, error)
    },
  }
}

/** A layer goes on to the next one in its own context, which that one is no part of. */
function outside(
  active: ActiveContext | undefined,
  outer: WeakMap<Span, ActiveContext>,
): ActiveContext | undefined {
  let context = active
  while (context?.span !== undefined) {
    const next = outer.get(context.span)
    if (next === undefined) break
    context = next
  }
  return context
}

/** A router, or an application mounted in another. */
const isRouter = ({ handle, name }: Layer): boolean =>
  Array.isArray(handle.stack) || name === 'mounted_app'

/** As the user wrote it: text, an expression, or a list of both. */
const toText = (pattern: unknown): string =>
  Array.isArray(pattern) ? pattern.map(String).join('|') : String(pattern ?? '/')

/** Tells of layers by the channel of `router` 2.3 and newer. */
export function listenToExpress(tools: LibraryTools): ChannelListener {
  const layers = createExpressLayers(tools)
  tools.subscribe('tracing:express.router.request:error', message => {
    layers.fail(message as LayerMessage, (message as LayerMessage).error)
  })
  return message => layers.begin(message as LayerMessage)
}

/** Hooks what makes the two, `query` and `init`. */
export function wrapExpressBuiltIn(_: LibraryTools, loaded: LoadedModule): void {
  const mark = (make: unknown): unknown =>
    follow(make, run => {
      const made = run()
      if (typeof made === 'function') builtIn.add(made)
      return made
    })
  if (!replaceExport(loaded, 'init', mark)) loaded.exports = mark(loaded.exports)
}

/** Hooks `Layer` of Express 4 and of `router` before 2.3. */
export function wrapExpressLayer(tools: LibraryTools, loaded: LoadedModule): void {
  const Layer = loaded.exports
  if (typeof Layer !== 'function') return
  const layers = createExpressLayers(tools)
  const patterns = new WeakMap<object, unknown>()
  const remember = (layer: object, path: unknown): object => {
    patterns.set(layer, path)
    return layer
  }
  loaded.exports = new Proxy(Layer, {
    apply: (target, self, args) => remember(Reflect.apply(target, self, args), args[0]),
    construct: (target, args, made) => remember(Reflect.construct(target, args, made), args[0]),
  })
  const describe = (layer: Layer, [req, res]: readonly unknown[]): LayerMessage => {
    const { route } = req as Request
    const pattern = route?.stack.includes(layer) ? route.path : patterns.get(layer)
    return { req: req as Request, res: res as Response, layer, route: pattern }
  }
  const wrap = (isError: boolean) => (original: AnyFunction) =>
    function (this: Layer, ...args: unknown[]): unknown {
      const run = (): unknown => Reflect.apply(original, this, args)
      // Layers of routes only lead to those in them; those for errors are passed by where there is none.
      if (this.route !== undefined || this.handle.length > 3 !== isError) return run()
      const message = describe(this, isError ? args.slice(1) : args)
      const context = tools.guard.run('a layer of Express', () => layers.begin(message))
      if (context === undefined) return run()
      args.push(failing(layers, message, args.pop() as AnyFunction))
      return tools.tracer.run(context, run)
    }
  for (const name of ['handle_request', 'handleRequest'])
    wrapMethod(Layer.prototype, name, wrap(false))
  for (const name of ['handle_error', 'handleError']) wrapMethod(Layer.prototype, name, wrap(true))
}

/** `next`, by which errors leave a layer. */
const failing =
  (layers: ExpressLayers, message: LayerMessage, next: AnyFunction): AnyFunction =>
  (...given: unknown[]) => {
    const [error] = given
    if (error && error !== 'route' && error !== 'router') layers.fail(message, error)
    return next(...given)
  }
