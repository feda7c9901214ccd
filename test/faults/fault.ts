// What a fault of the suite is: something that goes wrong for real, and what must be true of the spans afterwards.
import type { CollectedSpan } from '../helpers/otlp.ts'
import { openSandbox, type Sandbox, type SandboxOptions, type Tally } from './sandbox.ts'

export interface FaultResult {
  readonly tally: Tally
  /** What else was looked at and was not so. */
  readonly flaws: readonly string[]
  /** A remark for the table. */
  readonly note?: string
}

export interface Fault {
  readonly name: string
  /** Why spans may be lost here; absent where none may. */
  readonly mayLose?: string
  run(): Promise<FaultResult>
}

/** A fault in a sandbox of its own: `act` makes it happen and returns what it found wrong. */
export function fault(
  name: string,
  act: (sandbox: Sandbox) => Promise<readonly string[]>,
  options: SandboxOptions & { readonly mayLose?: string } = {},
): Fault {
  const { mayLose, ...sandboxOptions } = options
  return {
    name,
    ...(mayLose !== undefined && { mayLose }),
    async run() {
      await using sandbox = await openSandbox(sandboxOptions)
      const flaws = await act(sandbox)
      return { tally: await sandbox.finish(), flaws }
    },
  }
}

/** A flaw where `actual` is not `expected`, else nothing. */
export function differs(what: string, actual: unknown, expected: unknown): readonly string[] {
  if (expected instanceof RegExp ? expected.test(String(actual)) : actual === expected) return []
  return [`${what}: expected ${expected}, got ${actual}`]
}

/** The failed spans of invocations, and for each the calls in it that failed too. */
export function failures(
  sandbox: Sandbox,
): readonly { readonly errorType: unknown; readonly hung: readonly CollectedSpan[] }[] {
  return sandbox
    .invocationSpans()
    .filter(span => span.status.code === 'ERROR')
    .map(span => ({
      errorType: span.attributes['error.type'],
      hung: sandbox.collector.spans.filter(
        child => child.parentSpanId === span.spanId && child.status.code === 'ERROR',
      ),
    }))
}
