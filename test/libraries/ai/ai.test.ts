// Vercel's AI SDK: 7 by its channel, and 6 by OpenTelemetry's API, which is ours.
import t, { type Test } from 'tap'
import type { LibraryCall } from '../../helpers/library-run.ts'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore } from '../../helpers/store-table.ts'

const POST: SpanTree = ['POST']
const CHAT: SpanTree = ['chat gpt-5', POST]
const AGENT: SpanTree = ['invoke_agent', CHAT]
const FAMILY = {
  family: 'ai',
  source: 'ai.mjs',
  module: 'ai',
  start: startModels,
  env: { AI_SDK_LOG_WARNINGS: 'false', BATON_BUNDLE_CHECK: 'false' },
} as const

const USED = { 'gen_ai.usage.input_tokens': 11, 'gen_ai.usage.output_tokens': 7 }

/** What stands on the model's span and not only on the agent's. */
function check(t: Test, calls: readonly LibraryCall[]): void {
  const spanOf = (call: string, name: string) =>
    calls.find(each => each.call === call)?.spans.find(span => span.name === name)
  t.match(spanOf('stream', 'chat gpt-5')?.attributes, {
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': Number,
    'gen_ai.response.id': 'chat-1',
    'gen_ai.response.finish_reasons': ['stop'],
  })
  for (const call of ['generate', 'stream', 'own'])
    t.match(spanOf(call, 'chat gpt-5')?.attributes, USED, call)
  t.match(spanOf('tool', 'execute_tool weather')?.attributes, {
    'gen_ai.tool.name': 'weather',
    'gen_ai.tool.call.id': 'call-1',
  })
  t.match(spanOf('own', 'chat gpt-5')?.attributes, { 'server.address': '127.0.0.1' })
}

testStore(t, {
  ...FAMILY,
  versions: [{ packages: 'newest', version: '7.', inBundles: 'channels' }],
  rows: [
    {
      call: 'generate',
      spans: [AGENT],
      attributes: {
        ...USED,
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
      },
    },
    { call: 'stream', spans: [AGENT] },
    { call: 'cut', spans: [['invoke_agent?', ['chat cut!', ['POST!']]]] },
    { call: 'leave', spans: [['invoke_agent?', ['chat endless?', ['POST?']]]] },
    { call: 'abort', spans: [['invoke_agent!', ['chat slow!', ['POST!']]]] },
    // In a bundle the client is not seen, and what it knows is not told.
    { call: 'own', spans: [AGENT] },
    { call: 'tool', spans: [['invoke_agent', CHAT, ['execute_tool weather'], CHAT]] },
    {
      call: 'embed',
      spans: [['embeddings embed-3', POST]],
      attributes: { 'gen_ai.usage.input_tokens': 11 },
    },
    { call: 'many', spans: [['embeddings embed-3', POST]] },
    {
      call: 'broken',
      spans: [['invoke_agent!', ['chat broken!', ['POST!']]]],
      attributes: { 'error.type': '400' },
    },
    { call: 'concurrent', spans: [AGENT, AGENT] },
  ],
  check: (t, calls, { form }) => {
    if (form !== 'minified bundle') check(t, calls)
  },
})

const BY_API: SpanTree = ['ai.generateText', ['ai.generateText.doGenerate', POST]]

testStore(t, {
  ...FAMILY,
  versions: [{ packages: 'older', version: '6.', inBundles: 'channels' }],
  rows: [
    { call: 'generate', spans: [BY_API] },
    { call: 'stream', spans: [['ai.streamText', ['ai.streamText.doStream', POST]]] },
    {
      call: 'tool',
      spans: [
        [
          'ai.generateText',
          ['ai.generateText.doGenerate', POST],
          ['ai.toolCall'],
          ['ai.generateText.doGenerate', POST],
        ],
      ],
    },
    { call: 'embed', spans: [['ai.embed', ['ai.embed.doEmbed', POST]]] },
    // Its own spans tell what an error says.
    {
      call: 'refused',
      spans: [['ai.generateText!', ['ai.generateText.doGenerate!', ['POST!']]]],
    },
    { call: 'concurrent', spans: [BY_API, BY_API] },
  ],
})
