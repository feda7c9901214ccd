// What models are told, and answer, where the function asks for it.
import { inspect } from 'node:util'
import t from 'tap'
import { runLibrary } from '../../helpers/library-run.ts'
import { startModels } from '../../helpers/servers/models.ts'

const texts = (value: unknown): unknown => {
  const messages = JSON.parse(String(value)) as { role: string; parts: { content?: string }[] }[]
  return messages.map(({ role, parts }) => [role, ...parts.map(({ content }) => content)])
}

t.test('prompts and completions stand on spans when they are asked for', async t => {
  await using server = await startModels()
  const env = {
    SERVER_PORT: String(server.port),
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
  }
  const ai = { family: 'ai', form: 'CommonJS', env } as const
  const calls = [
    ...(await runLibrary({
      ...ai,
      packages: 'newest',
      source: 'openai.mjs',
      calls: ['chat', 'stream', 'responses', 'responseStream'],
    })),
    ...(await runLibrary({
      ...ai,
      packages: 'older',
      source: 'anthropic.mjs',
      calls: ['message', 'stream'],
    })),
    ...(await runLibrary({
      ...ai,
      packages: 'newest',
      source: 'google-genai.mjs',
      calls: ['generate'],
    })),
  ]
  t.equal(calls.length, 7)
  for (const { call, spans } of calls) {
    const attributes: Readonly<Record<string, unknown>> = spans[0]?.attributes ?? {}
    const asked = call === 'responseStream' ? 'secret' : 'secret question'
    t.strictSame(texts(attributes['gen_ai.input.messages']), [['user', asked]], call)
    t.strictSame(
      texts(attributes['gen_ai.output.messages']),
      [['assistant', 'secret answer']],
      call,
    )
  }
})

t.test('what is long is cut, and stays JSON', async t => {
  await using server = await startModels()
  const [call] = await runLibrary({
    family: 'ai',
    form: 'CommonJS',
    packages: 'newest',
    source: 'openai.mjs',
    calls: ['long'],
    env: {
      SERVER_PORT: String(server.port),
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    },
  })
  const said = texts(call?.spans[0]?.attributes['gen_ai.input.messages']) as string[][]
  t.equal(said.length, 3, 'of twenty, what there is room for')
  t.equal(said[2]?.[1]?.length, 2048)
})

const SAID: Readonly<Record<string, readonly string[]>> = {
  'openai.mjs': ['chat', 'stream', 'responses', 'tool', 'broken', 'failing', 'embeddings'],
  'google-genai.mjs': ['generate', 'stream', 'tool', 'broken', 'embed'],
  'langchain-openai.mjs': ['model', 'tool', 'stream', 'chain', 'broken'],
  'mcp.mjs': ['connect', 'tool', 'failing', 'throwing', 'asking'],
  'ai.mjs': ['generate', 'stream', 'tool', 'broken', 'embed'],
}

t.test(
  'by default nothing that is said, and no argument of a tool, is anywhere in what is exported',
  async t => {
    await using server = await startModels()
    const env = { SERVER_PORT: String(server.port), AI_SDK_LOG_WARNINGS: 'false' }
    for (const [source, calls] of Object.entries(SAID)) {
      const run = {
        family: 'ai',
        form: 'CommonJS',
        packages: 'newest',
        source,
        calls,
        env,
      } as const
      for (const { call, spans } of await runLibrary(run)) {
        t.ok(spans.length > 0, `${source}, ${call}`)
        t.notMatch(inspect(spans, { depth: 9 }), 'secret', `${source}, ${call}`)
      }
    }
  },
)
