// C164: streams side by side on Managed Instances, each on a connection of its own.
import t from 'tap'
import { errorOf, startStreamingFunction, untilLogged } from '../helpers/streaming.ts'

const env = { AWS_LAMBDA_MAX_CONCURRENCY: '8' }

t.test('C164 a stream that is open holds up no other', async t => {
  await using fn = await startStreamingFunction(
    `if (e.first) {
      s.write('a')
      await new Promise(resolve => { globalThis.release = resolve })
      s.end('A')
    } else {
      s.end('B')
      release()
    }`,
    { env, events: [{ first: true }] },
  )
  await fn.api.until(({ arrivals }) => arrivals[0]?.body() === 'a')
  fn.api.push({})
  await fn.api.until(({ posts }) => posts.length === 2)
  const posts = fn.api.posts.map(({ requestId, body }) => [requestId, body])
  t.strictSame(posts.sort(), [
    ['req-0', 'aA'],
    ['req-1', 'B'],
  ])
})

/** 40 pieces of 64 KB; notes whether the store still names its own invocation after each wait; every third one fails. */
const EIGHT = `
  const own = () => awslambda.InvokeStore.getRequestId() === c.awsRequestId
  const seen = new Set()
  s.on('drain', () => seen.add(own()))
  for (let index = 0; index < 40; index++) {
    if (!s.write(Buffer.alloc(65536, String(e.n)))) {
      await new Promise(resolve => s.once('drain', resolve))
      seen.add(own())
    }
    if (e.n % 3 === 0 && index === 20) throw new RangeError('n' + e.n)
  }
  console.log([...seen])
  s.end()`

t.test('C164 eight at once: nothing of one is seen in another, failures stay alone', async t => {
  const events = Array.from({ length: 8 }, (_, n) => ({ n }))
  await using fn = await startStreamingFunction(EIGHT, { env, events })
  await fn.api.until(({ posts }) => posts.length === 8)
  await untilLogged(fn, /(.*\n){8}/)
  for (const post of fn.api.posts) {
    const n = Number(post.requestId?.slice('req-'.length))
    const isFailed = n % 3 === 0
    t.ok(post.body === String(n).repeat((isFailed ? 21 : 40) * 65536), `body of ${n}`)
    t.equal(errorOf(post).type, isFailed ? 'RangeError' : undefined)
  }
  const lines = fn.stdout().trimEnd().split('\n')
  const told = lines.map(line => JSON.parse(line))
  t.strictSame(
    told.map(({ requestId, message }) => [requestId, message.errorMessage ?? message]).sort(),
    events.map(({ n }) => [`req-${n}`, n % 3 === 0 ? `n${n}` : [true]]),
  )
})

t.test('C170 a stream that comes too late is logged, and the process goes on', async t => {
  await using fn = await startStreamingFunction('s.write("a"); s.end()', {
    env,
    faultOn: ({ requestId }) => (requestId === 'req-0' ? { status: 410 } : undefined),
  })
  await fn.api.until(({ posts }) => posts.length === 1)
  fn.api.push({})
  await fn.api.until(({ posts }) => posts.length === 2)
  t.match(fn.api.posts.at(-1), { requestId: 'req-1', body: 'a' })
  await untilLogged(fn, /"level":"ERROR","requestId":"req-0","message":".*410/)
})

/** Says who it is, before and after a wait that all of them share; every fifth one fails. */
const SIXTY_FOUR = `
  const who = () => [c.awsRequestId, c.tenantId, awslambda.InvokeStore.getRequestId(), awslambda.InvokeStore.getTenantId()]
  globalThis.started = (globalThis.started ?? 0) + 1
  s.write(JSON.stringify(who()))
  await new Promise(resolve => setTimeout(resolve, 50))
  s.write(JSON.stringify([...who(), globalThis.started]))
  if (e.n % 5 === 0) throw new RangeError(e.tenant + e.n)
  s.end()`

t.test(
  'C160 C164 64 at once of two tenants, some failing: each its own, and none waits',
  async t => {
    const tenantOf = (n: number): string => (n % 2 === 0 ? 'blue' : 'red')
    const events = Array.from({ length: 64 }, (_, n) => ({
      body: JSON.stringify({ n, tenant: tenantOf(n) }),
      headers: { 'Lambda-Runtime-Aws-Tenant-Id': tenantOf(n) },
    }))
    await using fn = await startStreamingFunction(SIXTY_FOUR, {
      env: { AWS_LAMBDA_MAX_CONCURRENCY: '64' },
      events,
    })
    await fn.api.until(({ posts }) => posts.length === 64)
    for (const post of fn.api.posts) {
      const n = Number(post.requestId?.slice('req-'.length))
      const who = [`req-${n}`, tenantOf(n), `req-${n}`, tenantOf(n)]
      const after = [...who, 64]
      t.equal(
        post.body,
        JSON.stringify(who) + JSON.stringify(after),
        'all had begun when one went on',
      )
      t.equal(errorOf(post).type, n % 5 === 0 ? 'RangeError' : undefined)
    }
  },
)
