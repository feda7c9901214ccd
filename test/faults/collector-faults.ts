// What a collector can do wrong, for a while and then no more: afterwards every span is there.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault as CollectorFault } from '../helpers/otlp.ts'
import { differs, type Fault, fault } from './fault.ts'
import type { GateState } from './gate.ts'
import type { Sandbox } from './sandbox.ts'

const INVOCATIONS = 5
/** The longest that the circuit breaker waits after two failures, with its jitter, and some room. */
const HEAL_MS = 2600

interface Break {
  readonly gate?: GateState
  readonly collector?: CollectorFault
}

/** A healthy invocation, five under the fault, and when it is over one more. */
function broken(how: Break) {
  return async (sandbox: Sandbox): Promise<readonly string[]> => {
    const { gate, collector } = sandbox
    await sandbox.invoke({ calls: 1 })
    await sandbox.settled()
    await gate.set(how.gate ?? 'open')
    collector.setFault(how.collector)
    const answers: string[] = []
    for (let index = 0; index < INVOCATIONS; index++)
      answers.push(await sandbox.invoke({ calls: 2 }))
    await sandbox.settled()
    collector.setFault(undefined)
    await gate.set('open')
    await sleep(HEAL_MS)
    answers.push(await sandbox.invoke({ calls: 1 }))
    await sandbox.settled()
    const pids = new Set(answers)
    return differs('processes that answered', pids.size, 1)
  }
}

export const COLLECTOR_FAULTS: readonly Fault[] = [
  fault('collector down', broken({ gate: 'closed' })),
  fault('collector slow (3 s)', broken({ collector: { delayMs: 3000 } })),
  fault('collector hangs', broken({ collector: { hang: true } })),
  fault('collector resets connections', broken({ collector: { reset: true } })),
  fault('collector cuts requests in the middle', broken({ gate: 'cut' })),
  fault('collector answers garbage', broken({ gate: 'garbage' })),
  fault('collector answers 429', broken({ collector: { status: 429 } })),
  fault(
    'collector answers 503 with Retry-After: 1',
    broken({ collector: { status: 503, responseHeaders: { 'Retry-After': '1' } } }),
  ),
  fault('collector answers 500', broken({ collector: { status: 500 } })),
  fault('collector answers 413', broken({ collector: { status: 413 } }), {
    mayLose:
      'a single span too large for the collector can never arrive: refused, counted, reported',
  }),
  fault('collector answers 400', broken({ collector: { status: 400 } }), {
    mayLose: 'OTLP: refused for good; counted and reported',
  }),
]
