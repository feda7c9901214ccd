// The spans of LangChain's runs, by the runs' ids.
import { ATTR_GEN_AI_TOOL_NAME } from '../../semconv.ts'
import type { ActiveContext } from '../../trace/tracer.ts'
import type { LibraryTools } from '../contract.ts'
import { closeModelCall, describeAnswer, type ModelAnswer, type ModelCall } from './model-call.ts'

interface Run {
  readonly context: ActiveContext
  /** Absent for a run that has no span of its own: what is below it is below its parent's. */
  readonly call?: ModelCall | undefined
}

/** Runs under way: those whose end is never told must not stay, and the oldest make room. */
const MAX_RUNS = 1000

export class Runs {
  readonly #tools: LibraryTools
  readonly #runs = new Map<string, Run>()

  constructor(tools: LibraryTools) {
    this.#tools = tools
  }

  contextOf(id: unknown): ActiveContext | undefined {
    return this.#runs.get(id as string)?.context
  }

  /** `start` is called where the run's parent is the active span. */
  open(id: string, parentId: string | undefined, start?: () => ModelCall | undefined): void {
    const { tracer, guard } = this.#tools
    guard.run('a run of LangChain', () => {
      const outer = this.contextOf(parentId) ?? tracer.active()
      if (outer === undefined) return
      const call = start && tracer.run(outer, start)
      this.#makeRoom()
      this.#runs.set(id, { context: call?.inner ?? outer, call })
    })
  }

  /** Invocations that are over have ended their spans. */
  #makeRoom(): void {
    for (const [id, { call }] of this.#runs) {
      if (call?.span.isEnded !== true && this.#runs.size < MAX_RUNS) return
      this.#runs.delete(id)
    }
  }

  /** Its start is told by the name of its class. */
  nameTool(id: string, name: unknown): void {
    const span = this.#runs.get(id)?.call?.span
    if (typeof name !== 'string') return
    span?.rename(`execute_tool ${name}`)
    span?.setAttribute(ATTR_GEN_AI_TOOL_NAME, name)
  }

  close(id: string, error?: unknown, answer?: () => ModelAnswer): void {
    this.#tools.guard.run('a run of LangChain', () => {
      const call = this.#runs.get(id)?.call
      this.#runs.delete(id)
      if (call === undefined) return
      if (answer !== undefined) describeAnswer(this.#tools, call, answer())
      closeModelCall(this.#tools, call, error)
    })
  }

  get tools(): LibraryTools {
    return this.#tools
  }
}
