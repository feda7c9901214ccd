// Vercel's AI SDK: 7 by its channel, and 6 by OpenTelemetry's API, which is ours.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startModels } from '../../helpers/servers/models.ts'
import { testStore, type Where } from '../../helpers/store-table.ts'

const GENERATE: readonly SpanTree[] = [['invoke_agent', ['chat gpt-5', ['POST']]]]
const BY_API: readonly SpanTree[] = [['ai.generateText', ['ai.generateText.doGenerate', ['POST']]]]

/** By the channel, or by OpenTelemetry's API. */
const told =
  (trees: readonly SpanTree[], byApi: readonly SpanTree[]) =>
  ({ packages }: Where): readonly SpanTree[] =>
    packages === 'newest' ? trees : byApi

testStore(t, {
  family: 'ai',
  source: 'ai.mjs',
  module: 'ai',
  start: startModels,
  env: { AI_SDK_LOG_WARNINGS: 'false' },
  versions: [
    { packages: 'newest', version: '7.', inBundles: 'channels' },
    { packages: 'older', version: '6.', inBundles: 'channels' },
  ],
  rows: [
    { call: 'generate', spans: told(GENERATE, BY_API) },
    {
      call: 'stream',
      spans: told(GENERATE, [['ai.streamText', ['ai.streamText.doStream', ['POST']]]]),
    },
    {
      call: 'tool',
      spans: told(
        [
          [
            'invoke_agent',
            ['chat gpt-5', ['POST']],
            ['execute_tool weather'],
            ['chat gpt-5', ['POST']],
          ],
        ],
        [
          [
            'ai.generateText',
            ['ai.generateText.doGenerate', ['POST']],
            ['ai.toolCall'],
            ['ai.generateText.doGenerate', ['POST']],
          ],
        ],
      ),
    },
    {
      call: 'embed',
      spans: told(
        [['embeddings embed-3', ['POST']]],
        [['ai.embed', ['ai.embed.doEmbed', ['POST']]]],
      ),
    },
    {
      call: 'broken',
      spans: told(
        [['invoke_agent!', ['chat broken!', ['POST!']]]],
        [['ai.generateText!', ['ai.generateText.doGenerate!', ['POST!']]]],
      ),
    },
    { call: 'concurrent', spans: told([...GENERATE, ...GENERATE], [...BY_API, ...BY_API]) },
  ],
})
