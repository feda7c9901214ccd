// The time before the first event: when its phases began, and its span, which is made once the first invocation has its
// answer. The tree of modules is made by a chunk of its own, where there is anything to tell.
import type { Chunks, LoadChunk } from '../chunks.ts'
import type { Guard } from '../guard.ts'
import type { Subscribe } from '../hooks/channels.ts'
import type { Aside } from '../trace/keep.ts'
import type { Span } from '../trace/span.ts'
import { SPAN_KIND_INTERNAL } from '../trace/span-kind.ts'
import { type ActiveContext, recordsUnder, type Tracer } from '../trace/tracer.ts'
import { type ModuleLoads, recordModuleLoads } from './module-loads.ts'

export interface InitOptions {
  /** What took less is left out, milliseconds. */
  readonly minMs: number
  /** Spans at most, the init span among them. */
  readonly maxSpans: number
}

export interface InitPhaseOptions extends InitOptions {
  readonly tracer: Tracer
  readonly subscribe: Subscribe
  readonly guard: Guard
  /** Milliseconds since the process began, now and when Node was ready. */
  readonly uptimeMs: () => number
  readonly readyUptimeMs: number
  /** Folder of the function's code. */
  readonly taskRoot: string
  readonly loadChunk: LoadChunk
}

/** The init phase as the runtime and the observer of invocations see it. */
export interface InitPhase {
  /** The function's code is about to be loaded. */
  loading(): void
  /** An ES module is about to be read. */
  read(url: string): void
  /** It is loaded, or could not be. */
  loaded(): void
  /** The first event is about to be asked for. */
  ended(): void
  /** Makes the spans, once; the invocation is the first one, and its span still open. */
  tell(invocation: Pick<ActiveContext, 'spanContext' | 'aside'>, span: Span): void
}

/** A phase, or a module, as a span. */
export interface InitPart {
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes?: Readonly<Record<string, string | number>>
  readonly children?: readonly InitPart[]
  readonly isFailed?: boolean | undefined
}

/** An environment that waited longer for its first event was not started for it. */
const MAX_GAP_MS = 10_000

/** Ours: no convention has a name for these. */
const ATTR_INIT_NODE_MS = 'baton.init.node_ms'
const ATTR_INIT_TRACING_MS = 'baton.init.tracing_ms'
const ATTR_INIT_HANDLER_MS = 'baton.init.handler_ms'
const ATTR_INIT_PACKAGES = 'baton.init.packages'
const ATTR_INIT_OMITTED = 'baton.init.omitted'

export function createInitPhase(options: InitPhaseOptions): InitPhase {
  const { tracer, subscribe, guard, minMs, maxSpans } = options
  const now = (): number => tracer.clock.now()
  const tracingMs = now()
  const startMs = tracingMs - options.uptimeMs()
  let loadingMs = tracingMs
  let loadedMs = tracingMs
  let endMs: number | undefined
  let loads: ModuleLoads | undefined
  let isTold = false

  function tell(invocation: Pick<ActiveContext, 'spanContext' | 'aside'>, span: Span): void {
    if (endMs === undefined || !recordsUnder(invocation)) return
    const isApart = span.startMs - endMs >= MAX_GAP_MS
    const { aside } = invocation
    const init = tracer.startSpan({
      name: 'init',
      kind: SPAN_KIND_INTERNAL,
      parent: isApart ? undefined : invocation.spanContext,
      aside,
      startMs,
      isAnnouncedLater: true,
    })
    if (isApart) {
      init.addLink(span.context)
      span.addLink(init.context)
    }
    init.setAttribute(ATTR_INIT_NODE_MS, options.readyUptimeMs)
    init.setAttribute(ATTR_INIT_TRACING_MS, tracingMs - startMs - options.readyUptimeMs)
    init.setAttribute(ATTR_INIT_HANDLER_MS, loadedMs - loadingMs)
    if (loadedMs - loadingMs >= minMs) tellHandler(init, aside)
    init.end(endMs)
  }

  /** The function's code, and the tree of what it loaded. */
  function tellHandler(init: Span, aside: Aside | undefined): void {
    const { parts, packages, omitted } = readTree()
    init.setAttribute(ATTR_INIT_PACKAGES, packages)
    let left = maxSpans - 1
    let cut = omitted
    const add = (part: InitPart, parent: Span): void => {
      if (part.endMs - part.startMs < minMs) return
      if (left === 0) {
        cut++
        return
      }
      left--
      const child = tracer.startSpan({
        name: part.name,
        kind: SPAN_KIND_INTERNAL,
        parent: parent.context,
        aside,
        startMs: part.startMs,
        isAnnouncedLater: true,
        ...(part.attributes && { attributes: part.attributes }),
      })
      for (const each of part.children ?? []) add(each, child)
      if (part.isFailed) child.setError('')
      child.end(part.endMs)
    }
    add({ name: 'handler', startMs: loadingMs, endMs: loadedMs, children: parts }, init)
    if (cut > 0) init.setAttribute(ATTR_INIT_OMITTED, cut)
  }

  function readTree(): ReturnType<Chunks['load-tree']['treeOf']> {
    const roots = loads?.roots ?? []
    // The handler's own file and nothing beneath it is what the phase says already.
    if (!roots.some(root => root.children.length > 0) && roots.length < 2)
      return { parts: [], packages: undefined, omitted: 0 }
    const { treeOf } = options.loadChunk('load-tree')
    // Two are what the modules hang below.
    return treeOf(roots, { minMs, maxParts: maxSpans - 2, taskRoot: options.taskRoot })
  }

  return {
    loading() {
      loadingMs = now()
      loads = recordModuleLoads(subscribe, now, minMs)
    },
    read(url) {
      // The hook that asks stands between the function and its modules.
      guard.run('recording what is loaded', () => loads?.read(url))
    },
    loaded() {
      loads?.stop()
      loadedMs = now()
    },
    ended() {
      endMs = now()
    },
    tell(invocation, span) {
      if (isTold) return
      isTold = true
      guard.run('telling of the init phase', () => tell(invocation, span))
      loads = undefined
    },
  }
}
