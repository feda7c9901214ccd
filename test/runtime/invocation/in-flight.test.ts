import { EventEmitter, once } from 'node:events'
import t from 'tap'
import type { Invocation, InvocationOutcome } from '../../../runtime/contract.ts'
import { InFlight, RunningInvocation } from '../../../runtime/invocation/in-flight.ts'

function start(requestId = 'req-0'): RunningInvocation {
  const invocation: Invocation = {
    requestId,
    deadlineMs: 0,
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

const ONE: InvocationOutcome = { status: 'ok', result: 1 }
const FAILED: InvocationOutcome = { status: 'error', errorType: 'Error', error: new Error('late') }

t.test('the first to settle counts, the later ones are told that it was too late', async t => {
  const running = start()
  t.equal(running.state, 'running')
  t.equal(running.settle(ONE), true)
  t.equal(running.state, 'answering')
  t.equal(running.settle(FAILED), false)
  t.equal(await running.outcome, ONE)
  running.markAnswered()
  t.equal(running.state, 'answered')
  t.equal(running.settle(FAILED), false)
  t.equal(running.state, 'answered', 'there is no way back')
})

t.test('answered resolves when it was answered, not when it was settled', async t => {
  const running = start()
  let isAnswered = false
  const seen = running.answered.then(() => {
    isAnswered = true
  })
  running.settle(ONE)
  await running.outcome
  t.equal(isAnswered, false)
  running.markAnswered()
  await seen
  t.equal(isAnswered, true)
})

t.test('nothing in flight: nothing is current', async t => {
  const inFlight = new InFlight()
  t.equal(inFlight.current(), undefined)
  t.strictSame(inFlight.all(), [])
})

t.test('code without a context belongs to the only invocation there is', async t => {
  const inFlight = new InFlight()
  const [first, second] = [start('first'), start('second')]
  inFlight.add(first)
  t.equal(inFlight.current(), first)
  inFlight.add(second)
  t.equal(inFlight.current(), undefined, 'of two, none can be told')
  t.strictSame(inFlight.all(), [first, second])
  inFlight.remove(first)
  t.equal(inFlight.current(), second)
  inFlight.remove(second)
  t.equal(inFlight.current(), undefined)
})

t.test(
  'C138 the invocation follows its code through awaits, timers, events and streams',
  async t => {
    const inFlight = new InFlight()
    const [mine, other] = [start('mine'), start('other')]
    inFlight.add(mine)
    inFlight.add(other)
    const seen: unknown[] = []
    const note = () => void seen.push(inFlight.current()?.invocation.requestId)
    await inFlight.run(mine, async () => {
      note()
      await null
      note()
      await new Promise(resolve => setTimeout(resolve, 1))
      note()
      await new Promise(resolve => setImmediate(resolve))
      note()
      await new Promise<void>(resolve => process.nextTick(resolve))
      note()
      const emitter = new EventEmitter()
      queueMicrotask(() => emitter.emit('done'))
      await once(emitter, 'done')
      note()
    })
    t.strictSame(seen, Array(6).fill('mine'))
    t.equal(inFlight.current(), undefined, 'and does not leak out')
  },
)

t.test('two invocations at once do not see each other', async t => {
  const inFlight = new InFlight()
  const work = async () => {
    const ids = new Set<unknown>()
    for (let step = 0; step < 20; step++) {
      await new Promise(resolve => setImmediate(resolve))
      ids.add(inFlight.current()?.invocation.requestId)
    }
    return [...ids]
  }
  const all = Array.from({ length: 5 }, (_, index) => start(`req-${index}`))
  for (const running of all) inFlight.add(running)
  t.strictSame(
    await Promise.all(all.map(running => inFlight.run(running, work))),
    all.map(({ invocation }) => [invocation.requestId]),
  )
})

t.test('C74 what outlives its invocation still belongs to it, beside the next one', async t => {
  const inFlight = new InFlight()
  const [past, next] = [start('past'), start('next')]
  inFlight.add(past)
  const late = inFlight.run(past, async () => {
    await new Promise(resolve => setImmediate(resolve))
    return inFlight.current()
  })
  inFlight.remove(past)
  inFlight.add(next)
  t.equal(await late, past)
  t.equal(inFlight.current(), next)
})
