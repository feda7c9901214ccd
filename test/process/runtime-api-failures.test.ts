// C44-C47 and C140-C150: a Runtime API that fails. No event is ever run twice, and the process ends where it cannot go on.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import type { RecordedPost, ScriptedEvent } from '../helpers/runtime-api.ts'

const HANDLER =
  'exports.handler = async (e, c) => { console.log("ran " + c.awsRequestId); if (e.fail) throw new Error("f"); return 1 }'
const runs = (stdout: string): number => stdout.split('\tINFO\tran ').length - 1

interface Ends {
  readonly name: string
  readonly events: readonly (ScriptedEvent | object)[]
  readonly faultOn?: (post: RecordedPost) => { status: number } | { reset: true } | undefined
  readonly runs: number
  /** Operations posted, in order. */
  readonly posts: readonly string[]
}

const ENDS: readonly Ends[] = [
  {
    name: 'C44 the first next answers 500',
    events: [{ body: '', fault: { status: 500 } }],
    runs: 0,
    posts: [],
  },
  {
    name: 'C45 the second next answers 403',
    events: [{}, { body: '', fault: { status: 403 } }],
    runs: 1,
    posts: ['response'],
  },
  {
    name: 'C46 the second next is reset, and again',
    events: [{}, { body: '', fault: { reset: true } }, { body: '', fault: { reset: true } }],
    runs: 1,
    posts: ['response'],
  },
  {
    name: 'C47 next without a request id',
    events: [{ body: '{}', headers: { 'Lambda-Runtime-Aws-Request-Id': null } }],
    runs: 0,
    posts: [],
  },
  {
    name: 'C140 500 for the answer and for the error in its place',
    events: [{}, {}],
    faultOn: () => ({ status: 500 }),
    runs: 1,
    posts: ['response', 'error'],
  },
  {
    name: 'C141 400 for an error',
    events: [{ fail: true }, {}],
    faultOn: () => ({ status: 400 }),
    runs: 1,
    posts: ['error', 'error'],
  },
  {
    name: 'C142 the answer is reset',
    events: [{}, {}],
    faultOn: () => ({ reset: true }),
    runs: 1,
    posts: ['response', 'error'],
  },
  {
    name: 'C143 403 for the answer',
    events: [{}, {}],
    faultOn: () => ({ status: 403 }),
    runs: 1,
    posts: ['response', 'error'],
  },
  {
    name: 'C150 the same request id again',
    events: [{}, { body: '{}', headers: { 'Lambda-Runtime-Aws-Request-Id': 'req-0' } }],
    runs: 1,
    posts: ['response'],
  },
]

for (const ends of ENDS) {
  t.test(`${ends.name}: exit 1`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': HANDLER },
      events: ends.events,
      ...(ends.faultOn && { faultOn: ends.faultOn }),
    })
    t.equal((await fn.exit).code, 1)
    t.equal(runs(fn.stdout()), ends.runs)
    t.strictSame(
      fn.api.posts.map(post => post.operation),
      ends.posts,
    )
    t.match(fn.stdout(), /\t(FATAL|ERROR)\t/, 'and a line that says why')
    t.equal(fn.stderr(), '')
  })
}

t.test(
  'C140 an answer that is refused, whose error is taken: the next event is served',
  async t => {
    await using fn = await startFunction({
      files: { 'index.js': HANDLER },
      events: [{}, {}],
      faultOn: post =>
        post.operation === 'response' && post.requestId === 'req-0' ? { status: 500 } : undefined,
    })
    await fn.answered(3, 3)
    t.match(fn.api.posts, [
      { operation: 'response', requestId: 'req-0' },
      { operation: 'error', requestId: 'req-0', body: /"errorType":"Runtime.ResponsePostFailed"/ },
      { operation: 'response', requestId: 'req-1' },
    ])
    t.notOk('lambda-runtime-function-xray-error-cause' in (fn.api.posts[1]?.headers ?? {}))
    t.equal(runs(fn.stdout()), 2)
  },
)

t.test('C46 one next that is reset on a kept connection is asked again', async t => {
  await using fn = await startFunction({
    files: { 'index.js': HANDLER },
    events: [{}, { body: '', fault: { reset: true } }, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ requestId: 'req-0' }, { operation: 'response' }])
})

t.test('C139 no event is asked for while one is unanswered', async t => {
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async () => { await new Promise(r => setTimeout(r, 50)); return 1 }',
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  const [first, second] = fn.api.posts
  t.equal(fn.api.nexts.length, 3)
  t.ok((fn.api.nexts[1]?.atMs ?? 0) > (first?.atMs ?? 0))
  t.ok((fn.api.nexts[2]?.atMs ?? 0) > (second?.atMs ?? 0))
})
