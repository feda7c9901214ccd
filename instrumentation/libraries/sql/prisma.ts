// @prisma/client: it asks a global for what it calls a tracing helper, in bundles too, and tells it of each of its steps. Of
// them an operation, a transaction and a query are spans; what a driver beneath knows of the query stands on the same span.
// https://github.com/prisma/prisma (packages/instrumentation-contract)

import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { openOperation } from './mappers.ts'
import { runQuery } from './run-query.ts'
import { openCovering } from './sql-call.ts'

export function createPrismaGlobal(tools: LibraryTools): object {
  return {
    helper: {
      isEnabled: () => true,
      /** For engines that trace by themselves: of what they have to tell nobody asks. */
      getTraceParent(): string {
        const { traceId, spanId } = tools.tracer.active()?.spanContext ?? {}
        return traceId === undefined ? '00-10-10-00' : `00-${traceId}-${spanId}-00`
      },
      getActiveContext: () => undefined,
      createEngineSpan: () => {},
      dispatchEngineSpans: () => {},
      runInChildSpan(step: unknown, work: () => unknown): unknown {
        const call = tools.guard.run('a step of Prisma', () => openStep(tools, step))
        return call === undefined ? work() : runQuery(tools, call, work, undefined, [], 'promise')
      },
    },
  }
}

function openStep(tools: LibraryTools, step: unknown): TracedCall | undefined {
  const { name, attributes } = fieldsOf(step)
  const told = fieldsOf(attributes)
  const text = (key: string): string | undefined => {
    const value = told[key]
    return typeof value === 'string' ? value : undefined
  }
  if (name === 'operation') return openOperation(tools, text('model'), text('method') ?? name)
  if (name === 'transaction')
    return openCall(tools, { name: '$transaction', kind: SPAN_KIND_INTERNAL })
  if (name !== 'db_query') return undefined
  const system = text('db.system.name') ?? text('db.system') ?? 'other_sql'
  return openCovering(tools, { system }, text('db.query.text'))
}
