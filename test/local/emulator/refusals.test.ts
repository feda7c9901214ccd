// What the Runtime API refuses, status and body, call by call: the table of spec/runtime.md section 15.
import t, { type Test } from 'tap'
import { startScripted } from './start-scripted.ts'

interface Step {
  readonly status: number
  readonly text: string
  readonly id?: string
}

/** Runs `code`, which makes calls and collects them in `steps`; they come back as the answer to a second event. */
async function runSteps(t: Test, code: string): Promise<Step[]> {
  await using fn = await startScripted(
    t,
    `const steps = []
    const note = reply => steps.push({ status: reply.status, text: reply.text, id: idOf(reply) })
    const event = await next()
    const id = idOf(event)
    ${code}
    await respond(idOf(await next()), JSON.stringify(steps))`,
  )
  const [, last] = await Promise.all([fn.invoke('first'), fn.invoke('second')])
  return JSON.parse(last.body)
}

const stateError = (from: string, to: string): string =>
  `${JSON.stringify({
    errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
    errorType: 'InvalidStateTransition',
  })}\n`

t.test('a response is accepted, and empty ones are too', async t => {
  const [empty] = await runSteps(t, `note(await respond(id, ''))`)
  t.match(empty, { status: 202, text: '{"status":"OK"}\n' })
})

t.test('an unknown request id is refused and the right one still accepted', async t => {
  const [unknown, unknownError, right] = await runSteps(
    t,
    `note(await respond('no-such-id', '1'))
    note(await fail('no-such-id', '{}'))
    note(await respond(id, '1'))`,
  )
  const text = '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n'
  t.match(unknown, { status: 400, text })
  t.match(unknownError, { status: 400, text })
  t.equal(right?.status, 202)
})

t.test('a second answer to the same event is refused by state', async t => {
  const steps = await runSteps(
    t,
    `note(await respond(id, '1'))
    note(await respond(id, '2'))
    note(await fail(id, '{}'))`,
  )
  t.match(steps[1], {
    status: 403,
    text: stateError('RuntimeResponseSentState', 'InvocationResponse'),
  })
  t.match(steps[2], {
    status: 403,
    text: stateError('RuntimeResponseSentState', 'InvocationErrorResponse'),
  })
})

t.test('the last size that is taken, and the first that is not', async t => {
  const [taken] = await runSteps(t, `note(await respond(id, 'x'.repeat(6_291_556)))`)
  t.equal(taken?.status, 202)
  const [refused, error] = await runSteps(
    t,
    `note(await respond(id, 'x'.repeat(6_291_557)))
    note(await fail(id, '{}'))`,
  )
  t.match(refused, {
    status: 413,
    text: '{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}\n',
  })
  t.equal(error?.status, 403)
})

t.test('the caller of a response that is too large is told its size', async t => {
  const code = `await respond(idOf(await next()), 'x'.repeat(6_291_557))`
  await using fn = await startScripted(t, code)
  t.match(await fn.invoke({}), {
    kind: 'error',
    errorType: 'Function.ResponseSizeTooLarge',
    body: /Response payload size \(6291557 bytes\) exceeded maximum allowed payload size \(6291556 bytes\)/,
  })
})

t.test('next while the event is unanswered gives the same event again', async t => {
  const [again] = await runSteps(t, `note(await next()); await respond(id, JSON.stringify(id))`)
  t.match(again, { status: 200, text: '"first"', id: /^[0-9a-f-]{36}$/ })
})

t.test('a response mode other than streaming ends all talk', async t => {
  await using fn = await startScripted(
    t,
    `const id = idOf(await next())
    const steps = [await respond(id, '1', { 'Lambda-Runtime-Function-Response-Mode': 'buffered' }),
      await fail(id, '{}'), await next()]
    console.log(JSON.stringify(steps.map(step => [step.status, step.text])))`,
    { onLog: line => lines.push(line.text) },
  )
  const lines: string[] = []
  t.match(await fn.invoke({}), { kind: 'error', errorType: 'Runtime.InvalidResponseModeHeader' })
  await fn.settled()
  const steps = JSON.parse(lines.find(line => line.startsWith('[[')) ?? '[]')
  t.strictSame(steps, [
    [
      400,
      '{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}\n',
    ],
    [403, stateError('InvocationResponse', 'InvocationErrorResponse')],
    [403, stateError('InvocationResponse', 'Ready')],
  ])
})

t.test('after a body that was cut off, next is refused and only exit helps', async t => {
  const lines: string[] = []
  await using fn = await startScripted(
    t,
    `const id = idOf(await next())
    await call('POST', \`/runtime/invocation/\${id}/response\`, {
      headers: { 'Content-Length': 100 },
      write: request => { request.write('{"half":'); setImmediate(() => request.destroy()) },
    }).catch(() => {})
    // The two connections race: only what the first one did to the state is of interest.
    let reply
    do reply = await next(); while (reply.status === 200)
    console.log(reply.text)
    process.exit(4)`,
    { onLog: line => lines.push(`${line.text}\n`) },
  )
  t.match(await fn.invoke({}), { kind: 'error', errorType: 'Runtime.ExitError', body: /status 4/ })
  t.ok(lines.includes(stateError('InvocationResponse', 'Ready')))
})

t.test('headers above 1 MiB are refused with 431 and the state stays', async t => {
  const [refused, taken] = await runSteps(
    t,
    `note(await fail(id, '{}', { 'X-Cause': 'x'.repeat(1_100_000) }))
    note(await fail(id, '{}', { 'X-Cause': 'x'.repeat(900_000) }))`,
  )
  t.equal(refused?.status, 431)
  t.equal(taken?.status, 202)
})

t.test('init/error is refused once next was called, and next once init/error was', async t => {
  const [late] = await runSteps(t, `note(await failInit('{}')); await respond(id, '1')`)
  t.match(late, { status: 403, text: stateError('Running', 'InitError') })
  const { promise: refused, resolve } = Promise.withResolvers<string>()
  await using fn = await startScripted(
    t,
    `await failInit('{"errorType":"Boom"}')
    console.log('next: ' + JSON.stringify((await next()).text))`,
    { onLog: line => line.text.startsWith('next: ') && resolve(line.text.slice(6)) },
  )
  t.match(await fn.ready(), { errorType: 'Boom', origin: 'init' })
  t.equal(JSON.parse(await refused), stateError('InitError', 'Ready'))
})

t.test('ping answers, and what is no call of the Runtime API is not found', async t => {
  const [pong, unknown, method] = await runSteps(
    t,
    `note(await call('GET', '/ping'))
    note(await call('GET', '/runtime/invocation/last'))
    note(await call('PUT', '/runtime/invocation/next', { body: 'x'.repeat(100_000) }))
    await respond(id, '1')`,
  )
  t.match(pong, { status: 200, text: 'pong' })
  t.equal(unknown?.status, 404)
  t.equal(method?.status, 404)
})
