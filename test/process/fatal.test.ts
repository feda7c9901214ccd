// C100-C108: what ends the process from within. The caller is told first; the exit code is that of AWS's runtimes.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'

const SLEEP = 'await new Promise(r => setTimeout(r, 60000))'

t.test('C100 an unhandled rejection: told, logged with its reason, exit 128', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async () => { Promise.reject(new Error("ur")); ${SLEEP} }`,
    },
    events: [{}, {}],
  })
  t.equal((await fn.exit).code, 128)
  t.equal(fn.api.posts.length, 1)
  t.match(fn.api.posts, [{ operation: 'error', requestId: 'req-0' }])
  t.match(JSON.parse(fn.api.posts[0]?.body ?? ''), {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: ur',
  })
  t.equal(
    fn.api.posts[0]?.headers['lambda-runtime-function-error-type'],
    'Runtime.UnhandledPromiseRejection',
  )
  t.match(
    fn.stdout(),
    /\treq-0\tERROR\tUnhandled Promise Rejection \t\{.*"reason":\{"errorType":"Error","errorMessage":"ur"/,
  )
  t.equal(fn.api.nexts.length, 1, 'no further event was asked for')
})

t.test('C101 a rejection just before the return: the answer goes out, exit 128', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = async () => { Promise.reject(new Error("ur")); return 1 }',
    },
    events: [{}, {}],
  })
  t.equal((await fn.exit).code, 128)
  t.match(fn.api.posts, [{ operation: 'response', body: '1' }])
  t.equal(fn.api.posts.length, 1)
  t.match(fn.stdout(), /ERROR\tUnhandled Promise Rejection \t/)
  t.equal(fn.api.nexts.length, 1)
})

t.test('C102 an exception in a timer: told under its own name, exit 129', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async () => { setTimeout(() => { throw new RangeError("uc") }, 5); ${SLEEP} }`,
    },
    events: [{}, {}],
  })
  t.equal((await fn.exit).code, 129)
  t.match(fn.api.posts, [
    { operation: 'error', body: /^\{"errorType":"RangeError","errorMessage":"uc"/ },
  ])
  t.match(fn.stdout(), /\treq-0\tERROR\tUncaught Exception \t\{"errorType":"RangeError"/)
  t.equal(fn.stdout().trimEnd().split('\n').length, 1, 'one log line')
})

for (const code of [7, 0]) {
  t.test(`C103 process.exit(${code}) is the user's own end: no post`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': `exports.handler = async () => process.exit(${code})` },
      events: [{}],
    })
    t.equal((await fn.exit).code, code)
    t.equal(fn.api.posts.length, 0)
  })
}

t.test("C105 a listener of the user's own keeps the process serving", async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `
        process.on('uncaughtException', error => console.log('mine', error.message))
        exports.handler = async () => {
          setTimeout(() => { throw new Error("uc") }, 1)
          await new Promise(r => setTimeout(r, 20))
          return 1
        }`,
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
  t.match(fn.stdout(), /\tINFO\tmine uc/)
})

for (const [how, code] of [
  ['added', "process.on('unhandledRejection', () => console.log('mine'))"],
  [
    'in place of ours',
    "process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => console.log('mine'))",
  ],
] as const) {
  t.test(`C106 a rejection listener of the user's own, ${how}`, async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `${code}
          exports.handler = async () => { Promise.reject(1); await new Promise(r => setTimeout(r, 20)); return 1 }`,
      },
      events: [{}, {}],
    })
    await fn.answered(2)
    t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
    t.match(fn.stdout(), /\tINFO\tmine/)
  })
}

t.test('C108 a rejection after init, before any event: init error, exit 128', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `setTimeout(() => Promise.reject(new Error("late")), 20); exports.handler = async () => 1`,
    },
  })
  t.equal((await fn.exit).code, 128)
  t.match(fn.api.posts, [
    { operation: 'init/error', body: /"errorType":"Runtime.UnhandledPromiseRejection"/ },
  ])
})

for (const [name, handler] of [
  ['C69 an async handler', 'async () => { await new Promise(() => {}) }'],
  ['C70 a plain handler with a promise', '() => new Promise(() => {})'],
] as const) {
  t.test(`${name} that never settles: Runtime.NodeJsExit each time, same process`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': `exports.handler = ${handler}` },
      events: [{}, {}],
    })
    await fn.answered(2)
    t.match(fn.api.posts, [
      { operation: 'error', requestId: 'req-0', body: /"errorType":"Runtime.NodeJsExit"/ },
      { operation: 'error', requestId: 'req-1', body: /"errorType":"Runtime.NodeJsExit"/ },
    ])
    t.equal(fn.process.exitCode, null, 'still running')
  })
}

t.test(
  'a rejection between two invocations ends the process without touching the answered one',
  async t => {
    await using fn = await startFunction({
      files: {
        'index.js':
          'exports.handler = async () => { setTimeout(() => Promise.reject(new Error("late")), 30); return 1 }',
      },
      events: [{}],
    })
    t.equal((await fn.exit).code, 128)
    t.match(fn.api.posts, [{ operation: 'response', body: '1' }])
    t.equal(fn.api.posts.length, 1)
  },
)
