// LangChain's core, with its own model for tests.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startElastic } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

const TOOL: SpanTree = ['execute_tool weather', ['GET']]
const CHAIN: readonly SpanTree[] = [
  [
    'invoke_workflow RunnableSequence',
    ['invoke_workflow ChatPromptTemplate'],
    ['chat'],
    ['invoke_workflow StrOutputParser'],
  ],
]

testStore(t, {
  family: 'ai',
  source: 'langchain.mjs',
  module: '@langchain/core',
  start: startElastic,
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
    { call: 'ownHandler', spans: CHAIN },
    { call: 'concurrent', spans: [TOOL, TOOL], inBundle: [['GET'], ['GET']] },
  ],
})
