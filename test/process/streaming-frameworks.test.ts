// Frameworks that stream on Lambda, as they are published: Hono's adapter, srvx's (under h3 and Nitro) and middy's.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type StartedFunction, startFunction } from '../helpers/function.ts'
import { errorOf, untilLogged } from '../helpers/streaming.ts'

const EVENT = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'events', 'function-url.json'), 'utf8'),
)
const LARGE_BYTES = 5 * 1024 * 1024

/** What each framework is asked for, as a web response by path. */
const RESPOND = `
  const bytes = text => new TextEncoder().encode(text)
  async function* pieces() {
    yield bytes('one ')
    await new Promise(resolve => setTimeout(resolve, 30))
    yield bytes('two')
  }
  async function* large() {
    for (let left = ${LARGE_BYTES}; left > 0; left -= 65536) yield new Uint8Array(65536).fill(120)
  }
  async function* broken() {
    yield bytes('one ')
    await new Promise(resolve => setTimeout(resolve, 30))
    throw new RangeError('source')
  }
  const headers = { 'content-type': 'text/plain', 'x-app': 'yes', 'set-cookie': 'a=b' }
  function respond(path) {
    if (path === '/nothing') return new Response(null, { status: 204, headers })
    const source = { '/pieces': pieces, '/large': large, '/broken': broken }[path]
    return new Response(ReadableStream.from(source()), { status: 201, headers })
  }`

interface Framework {
  readonly name: string
  readonly code: string
  /** What the caller is told of a source that fails after its first piece. */
  readonly broken: { readonly body: string; readonly trailer: string | undefined }
}

const from = (specifier: string): string => JSON.stringify(import.meta.resolve(specifier))

const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'Hono',
    code: `
      import { Hono } from ${from('hono')}
      import { streamHandle } from ${from('hono/aws-lambda')}
      const app = new Hono()
      app.all('*', c => respond(c.req.path))
      export const handler = streamHandle(app)`,
    // It destroys the stream, writes `Internal Server Error` to that, and takes it for a success.
    broken: { body: 'one ', trailer: 'RangeError' },
  },
  {
    name: 'srvx',
    code: `
      import { handleLambdaEventWithStream } from ${from('srvx/aws-lambda')}
      const fetch = request => respond(new URL(request.url).pathname)
      export const handler = awslambda.streamifyResponse((event, stream, context) =>
        handleLambdaEventWithStream(fetch, event, stream, context))`,
    // It ends the body before it throws.
    broken: { body: 'one ', trailer: undefined },
  },
  {
    name: 'middy',
    code: `
      import { middy } from ${from('@middy/core')}
      import { executionModeStreamifyResponse } from ${from('@middy/core/StreamifyResponse')}
      const executionMode = executionModeStreamifyResponse
      export const handler = middy({ executionMode }).handler(async event => {
        const { status: statusCode, headers, body } = respond(event.rawPath)
        const { 'set-cookie': cookie, ...rest } = Object.fromEntries(headers)
        return { statusCode, headers: rest, cookies: [cookie], body }
      })`,
    broken: { body: 'one ', trailer: 'RangeError' },
  },
]

function start(framework: Framework, rawPath: string): Promise<StartedFunction> {
  return startFunction({
    files: { 'index.mjs': RESPOND + framework.code },
    events: [{ ...EVENT, rawPath, body: undefined, httpMethod: 'GET' }],
  })
}

function split(body: string): { prelude: unknown; rest: string } {
  const end = body.indexOf('\0'.repeat(8))
  return { prelude: JSON.parse(body.slice(0, end)), rest: body.slice(end + 8) }
}

for (const framework of FRAMEWORKS) {
  t.test(`${framework.name}: the first piece is there before the second`, async t => {
    await using fn = await start(framework, '/pieces')
    await fn.api.until(({ arrivals }) => arrivals[0]?.body().endsWith('one ') === true)
    t.equal(fn.api.arrivals[0]?.state, 'open')
    await fn.answered(1)
    const { prelude, rest } = split(fn.api.posts[0]?.body ?? '')
    t.match(prelude, {
      statusCode: 201,
      headers: { 'content-type': 'text/plain', 'x-app': 'yes' },
      cookies: ['a=b'],
    })
    t.equal(rest, 'one two')
    t.equal(fn.stdout(), '')
  })

  t.test(`${framework.name}: an answer without a body keeps its status`, async t => {
    await using fn = await start(framework, '/nothing')
    await fn.answered(1)
    const { prelude, rest } = split(fn.api.posts[0]?.body ?? '')
    t.match(prelude, { statusCode: 204, headers: { 'x-app': 'yes' } })
    t.equal(rest, '')
  })

  t.test(`${framework.name}: 5 MB come whole`, async t => {
    await using fn = await start(framework, '/large')
    await fn.answered(1)
    t.ok(split(fn.api.posts[0]?.body ?? '').rest === 'x'.repeat(LARGE_BYTES))
    t.equal(fn.stdout(), '')
  })

  t.test(`${framework.name}: a source that fails in the middle`, async t => {
    await using fn = await start(framework, '/broken')
    await fn.answered(1)
    const [post] = fn.api.posts
    t.equal(split(post?.body ?? '').rest, framework.broken.body)
    t.equal(errorOf(post).type, framework.broken.trailer)
    await untilLogged(fn, /\tERROR\t.*source/)
  })
}
