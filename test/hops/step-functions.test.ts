// A -> Step Functions -> B, once for each state: one trace of all states, and the same pointer on the call that started them.
import { createHash } from 'node:crypto'
import t from 'tap'
import { startStateMachine, taskEvent } from '../helpers/hops/event-bus.ts'
import { expectPath, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'

const A = `
  const { SFNClient, StartExecutionCommand } = require('@aws-sdk/client-sfn')
  const client = new SFNClient({ endpoint: process.env.MACHINE_URL })
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:checkout'
  exports.handler = async () => {
    await client.send(new StartExecutionCommand({ stateMachineArn, input: '{"order":1}' }))
  }
`

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

t.test('the states of an execution and a retry are one trace, made of its name', async t => {
  await using machine = await startStateMachine()
  await using relay = await startRelay({ a: A, env: { MACHINE_URL: machine.url } })
  await relay.invoke('a', ORDER_EVENT)
  const [execution] = machine.executions
  if (execution === undefined) throw new Error('expected an execution')
  t.strictSame(execution.Input, { order: 1 })
  const tasks = [
    taskEvent(execution, 'Validate'),
    taskEvent(execution, 'Charge'),
    taskEvent(execution, 'Charge', 1),
  ]
  for (const task of tasks) await relay.invoke('b', task)
  const spans = await relay.spans(1, 3)
  const states = spans.invocations('b')
  t.strictSame(
    states.map(({ traceId, parentSpanId, attributes }) => [
      traceId,
      parentSpanId,
      attributes['baton.step_functions.state'],
    ]),
    [
      ['Validate', ''],
      ['Charge', ''],
      ['Charge', '#1#0'],
    ].map(([state = '', retry]) => [
      sha256(execution.Id).slice(0, 32),
      sha256(
        `${execution.Id}#${state}#${execution.StartTime.slice(0, -1)}${state.length}Z${retry}`,
      ).slice(0, 16),
      state,
    ]),
  )
  const pointer = spans.one('SFN.StartExecution').attributes['baton.pointer']
  t.equal(pointer, sha256(JSON.stringify(['execution', execution.Id])).slice(0, 32))
  for (const { attributes } of states) t.strictSame(attributes['baton.pointer'], [pointer])
})

t.test('BATON_INJECT=payloads: all states are below the call that started them', async t => {
  await using machine = await startStateMachine()
  await using relay = await startRelay({
    a: A,
    env: { MACHINE_URL: machine.url, BATON_INJECT: 'payloads' },
  })
  await relay.invoke('a', ORDER_EVENT)
  const [execution] = machine.executions
  if (execution === undefined) throw new Error('expected an execution')
  for (const state of ['Validate', 'Charge']) await relay.invoke('b', taskEvent(execution, state))
  const spans = await relay.spans(1, 2)
  for (const at of [0, 1])
    expectPath(t, spans, ['a POST /orders', 'a SFN.StartExecution', 'b b'], at)
})
