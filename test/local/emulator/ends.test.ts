// How an invocation ends when its process does not answer: deadlines, exits, failed inits; and what comes after.
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { LogLine } from '../../../local/emulator/log-line.ts'
import { startScripted } from './start-scripted.ts'

/** True while a process with this id runs; one that is dead and that nobody has waited for does not. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

t.test('at the deadline the process is killed, and the next event gets a new one', async t => {
  const lines: LogLine[] = []
  await using fn = await startScripted(
    t,
    `process.on('SIGTERM', () => console.log('SIGTERM came'))
    console.log('pid ' + process.pid)
    await serve(event => event.hang ? new Promise(() => setInterval(() => {}, 1000)) : process.pid)`,
    { timeoutMs: 500, onLog: line => lines.push(line) },
  )
  const first = await fn.invoke({})
  const hung = await fn.invoke({ hang: true })
  const after = await fn.invoke({})
  t.match(hung, { kind: 'error', errorType: 'Sandbox.Timedout', origin: 'platform' })
  t.strictSame(JSON.parse(hung.body), {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${hung.requestId} Error: Task timed out after 0.50 seconds`,
  })
  t.not(first.body, after.body, 'a new process')
  t.notOk(isRunning(Number(first.body)))
  const texts = lines.map(line => line.text)
  t.notOk(texts.includes('SIGTERM came'), 'without an extension there is no warning')
  t.ok(texts.some(text => text.endsWith(`${hung.requestId} Task timed out after 0.50 seconds`)))
})

t.test('work after the answer does not keep the caller, but falls under the deadline', async t => {
  await using fn = await startScripted(
    t,
    `for (;;) {
      await respond(idOf(await next()), String(process.pid))
      await new Promise(() => setInterval(() => {}, 1000))
    }`,
    { timeoutMs: 300 },
  )
  const first = await fn.invoke({})
  t.equal(first.kind, 'response')
  t.ok(isRunning(Number(first.body)), 'answered while the process still works')
  await fn.settled()
  t.notOk(isRunning(Number(first.body)))
  t.equal((await fn.invoke({})).kind, 'response')
})

for (const [how, code, errorMessage] of [
  ['exit status 7', 'process.exit(7)', 'Runtime exited with error: exit status 7'],
  ['exit status 0', 'process.exit(0)', 'Runtime exited without providing a reason'],
  ['a kill', `process.kill(process.pid, 'SIGKILL')`, 'Runtime exited with error: signal: killed'],
  [
    'a crash',
    `process.kill(process.pid, 'SIGSEGV')`,
    'Runtime exited with error: signal: segmentation fault',
  ],
] as const) {
  t.test(`a process that ends in an invocation by ${how}`, async t => {
    await using fn = await startScripted(
      t,
      `await serve(event => { if (event.end) ${code}; return 1 })`,
    )
    const ended = await fn.invoke({ end: true })
    t.match(ended, { kind: 'error', errorType: 'Runtime.ExitError', origin: 'platform' })
    t.equal(
      JSON.parse(ended.body).errorMessage,
      `RequestId: ${ended.requestId} Error: ${errorMessage}`,
    )
    t.match(await fn.invoke({}), { kind: 'response', body: '1' })
  })
}

t.test('a process that ends after its answer is replaced for the next event', async t => {
  await using fn = await startScripted(
    t,
    `await respond(idOf(await next()), String(process.pid)); process.exit(1)`,
  )
  const first = await fn.invoke({})
  await fn.settled()
  const second = await fn.invoke({})
  t.strictSame([first.kind, second.kind], ['response', 'response'])
  t.not(first.body, second.body)
})

t.test('an init that fails answers the invocation, and is tried again for the next', async t => {
  await using fn = await startScripted(
    t,
    `await failInit('{"errorType":"Runtime.ImportModuleError","errorMessage":"' + process.pid + '"}')
    process.exit(1)`,
  )
  const first = await fn.invoke({})
  const second = await fn.invoke({})
  t.match(first, { kind: 'error', errorType: 'Runtime.ImportModuleError', origin: 'init' })
  t.match(second, { kind: 'error', errorType: 'Runtime.ImportModuleError', origin: 'init' })
  t.not(first.body, second.body)
})

t.test('a process that ends in its init without a word is an exit error', async t => {
  await using fn = await startScripted(t, 'process.exit(3)')
  t.match(await fn.invoke({}), { errorType: 'Runtime.ExitError', body: /exit status 3/ })
  t.match(await fn.ready(), { errorType: 'Runtime.ExitError', body: /exit status 3/ })
})

t.test('an init without end is cut off at its own limit', async t => {
  await using fn = await startScripted(t, 'setInterval(() => {}, 1000)', { initTimeoutMs: 300 })
  t.match(await fn.invoke({}), { errorType: 'Sandbox.Timedout', body: /0\.30 seconds \(init\)/ })
})

t.test('ready() starts the process before there is an event', async t => {
  const lines: string[] = []
  await using fn = await startScripted(
    t,
    `console.log('up'); await serve(() => process.uptime())`,
    {
      onLog: line => lines.push(line.text),
    },
  )
  t.equal(await fn.ready(), undefined)
  t.strictSame(lines, ['up'])
})

t.test('a bootstrap that cannot be started is named', async t => {
  await using fn = await startScripted(t, '', { bootstrap: '/nowhere/bootstrap' })
  t.match(await fn.invoke({}), {
    errorType: 'Runtime.InvalidEntrypoint',
    body: /\[\/nowhere\/bootstrap\]/,
  })
})

t.test(
  'stop() ends the process with all that it started, and refuses what comes later',
  async t => {
    const fn = await startScripted(
      t,
      `import { spawn } from 'node:child_process'
    const child = spawn('sleep', ['600'])
    await serve(() => [process.pid, child.pid])`,
    )
    const pids: number[] = JSON.parse((await fn.invoke({})).body)
    t.strictSame(pids.map(isRunning), [true, true])
    await fn.stop()
    // The group is killed at once; the kernel takes its time with each of its members.
    while (pids.some(isRunning)) await setImmediate()
    await t.rejects(fn.invoke({}), { code: 'FUNCTION_STOPPED' })
  },
)

t.test('stop() in the middle of an invocation gives its caller an answer', async t => {
  const fn = await startScripted(
    t,
    `console.log('in'); setInterval(() => {}, 1000); await serve(() => new Promise(() => {}))`,
    {
      onLog: line => {
        if (line.text.startsWith('START')) void fn.stop()
      },
    },
  )
  t.match(await fn.invoke({}), { errorType: 'Runtime.ExitError', body: /signal: killed/ })
})

t.test(
  'the log has what the process printed, whole lines, and what Lambda writes around it',
  async t => {
    const lines: LogLine[] = []
    await using fn = await startScripted(
      t,
      `await serve(() => {
      process.stdout.write('one\\rtwo\\nthr')
      process.stdout.write('ee ' + '✓')
      process.stderr.write('oops\\n')
    })`,
      { memoryMb: 256, onLog: line => lines.push(line) },
    )
    const { requestId } = await fn.invoke({})
    await fn.settled()
    await fn.stop()
    const of = (source: string) => lines.filter(line => line.source === source).map(l => l.text)
    t.strictSame(of('stdout'), ['one\rtwo', 'three ✓'])
    t.strictSame(of('stderr'), ['oops'])
    t.match(of('platform'), [
      `START RequestId: ${requestId} Version: $LATEST`,
      `END RequestId: ${requestId}`,
      new RegExp(
        `^REPORT RequestId: ${requestId}\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 256 MB\tInit Duration: [\\d.]+ ms$`,
      ),
    ])
  },
)
