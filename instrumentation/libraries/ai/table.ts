// Libraries for AI, as the documents list them.
import type { Library } from '../table.ts'

const REQUESTS = 'requests of `fetch`'

export const AI_LIBRARIES: readonly Library[] = [
  {
    name: 'openai',
    modules: '`openai`',
    versions: '5 to 7',
    how: ['hook'],
    inBundles: REQUESTS,
    spans: '`chat gpt-5`, `embeddings text-embedding-3-small`',
  },
  {
    name: 'anthropic',
    modules: '`@anthropic-ai/sdk`',
    versions: '0.50 to 0.133',
    how: ['hook'],
    inBundles: REQUESTS,
    spans: '`chat claude-sonnet-4-5`',
  },
  {
    name: 'google-genai',
    modules: '`@google/genai`',
    versions: '1 to 3',
    how: ['hook'],
    inBundles: REQUESTS,
    spans: '`generate_content gemini-2.5-flash`',
  },
  {
    name: 'langchain',
    modules: '`@langchain/core`',
    versions: '0.3 to 1',
    how: ['hook'],
    inBundles: 'nothing',
    spans:
      '`invoke_workflow RunnableSequence`, `chat gpt-5`, `execute_tool search`, `retrieval VectorStoreRetriever`',
  },
  {
    name: 'mcp',
    modules: '`@modelcontextprotocol/sdk`',
    versions: '1',
    how: ['hook'],
    inBundles: 'nothing',
    spans: '`tools/call search`, `prompts/get greeting`, `resources/read`',
  },
  {
    name: 'ai',
    modules: '`ai`',
    versions: '7 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans:
      '`invoke_agent`, `chat gpt-5`, `execute_tool search`, `embeddings text-embedding-3-small`',
  },
]
