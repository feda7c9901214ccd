// What the observer is told of a SIGTERM: Lambda does not say why it comes, the deadlines do.
import t from 'tap'
import type { Invocation, InvocationObserver, ShutdownReason } from '../../../runtime/contract.ts'
import { InFlight, RunningInvocation } from '../../../runtime/invocation/in-flight.ts'
import { shutDownObserver } from '../../../runtime/lifecycle/sigterm.ts'

const NOW_MS = 1_700_000_000_000

function running(deadlineMs: number): RunningInvocation {
  const invocation: Invocation = {
    requestId: 'r',
    deadlineMs,
    functionArn: '',
    traceHeader: undefined,
    clientContext: undefined,
    identity: undefined,
    tenantId: undefined,
    event: {},
    isColdStart: false,
  }
  return new RunningInvocation(invocation)
}

async function reasonFor(deadlines: readonly number[]): Promise<ShutdownReason | undefined> {
  const inFlight = new InFlight()
  for (const deadlineMs of deadlines) inFlight.add(running(deadlineMs))
  const told: [ShutdownReason, number][] = []
  const observer: InvocationObserver = {
    open: () => ({ run: handler => handler(), end: () => {} }),
    beforeNext: () => undefined,
    exited() {},
    shutdown: async (reason, budgetMs) => void told.push([reason, budgetMs]),
  }
  await shutDownObserver(observer, inFlight, () => NOW_MS)(400)
  return told.length === 1 && told[0]?.[1] === 400 ? told[0][0] : undefined
}

for (const [name, deadlines, isPastDeadline] of [
  ['nothing under way', [], false],
  ['time left', [NOW_MS + 1000], false],
  ['the last moment that counts as over', [NOW_MS + 50], true],
  ['the first one that does not', [NOW_MS + 51], false],
  ['the deadline has passed', [NOW_MS - 1], true],
  ['no deadline is known', [0], false],
  ['all of several have passed', [NOW_MS - 1, NOW_MS], true],
  ['one of several has time left', [NOW_MS - 1, NOW_MS + 1000], false],
  ['of one of several no deadline is known', [NOW_MS - 1, 0], false],
] as const) {
  t.test(`${name}: ${isPastDeadline ? 'a timeout' : 'no timeout'}`, async t => {
    t.strictSame(await reasonFor(deadlines), { kind: 'sigterm', isPastDeadline })
  })
}

t.test('without an observer there is nothing to do', async t => {
  await t.resolves(shutDownObserver(undefined, new InFlight(), () => NOW_MS)(400))
})
