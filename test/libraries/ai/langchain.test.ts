// LangChain's core, with its own model for tests.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startElastic } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

const TOOL: SpanTree = ['execute_tool weather', ['GET']]
const CHAIN: readonly SpanTree[] = [['invoke_workflow RunnableSequence', ['chat']]]

testStore(t, {
  family: 'ai',
  source: 'langchain.mjs',
  module: '@langchain/core',
  start: startElastic,
  env: { BATON_BUNDLE_CHECK: 'false' },
  versions: [
    { packages: 'newest', version: '1.', inBundles: 'as without a hook' },
    { packages: 'older', version: '0.3.', inBundles: 'as without a hook' },
  ],
  rows: [
    { call: 'model', spans: [['chat']], attributes: { 'gen_ai.operation.name': 'chat' } },
    { call: 'chain', spans: CHAIN },
    { call: 'stream', spans: CHAIN },
    {
      call: 'tool',
      spans: [TOOL],
      inBundle: [['GET']],
      attributes: { 'gen_ai.tool.name': 'weather' },
    },
    {
      call: 'failing',
      spans: [['execute_tool failing!']],
      attributes: { 'error.type': 'TypeError' },
    },
    { call: 'retriever', spans: [['retrieval Shelf']] },
    { call: 'lambda', spans: [['invoke_workflow RunnableLambda', TOOL]], inBundle: [['GET']] },
    {
      call: 'made',
      spans: [['execute_tool made', ['GET']]],
      inBundle: [['GET']],
      attributes: { 'gen_ai.tool.name': 'made' },
    },
    { call: 'library', spans: [['retrieval Library', ['GET']]], inBundle: [['GET']] },
    { call: 'hidden', spans: [TOOL], inBundle: [['GET']] },
    // The chain is told no more than that nobody asks for the next part.
    { call: 'leave', spans: [['invoke_workflow RunnableSequence?', ['chat']]] },
    { call: 'completion', spans: [['text_completion']] },
    { call: 'ownHandler', spans: CHAIN },
    { call: 'concurrent', spans: [TOOL, TOOL], inBundle: [['GET'], ['GET']] },
  ],
})
