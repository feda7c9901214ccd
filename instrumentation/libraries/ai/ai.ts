// Libraries for AI as one chunk: they share most of their code.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { AI_CHANNEL, listenToAiSdk } from './ai-sdk.ts'
import { createClientWraps } from './api-client.ts'
import { wrapGoogleGenAi } from './google-genai.ts'
import { createLangChain } from './langchain.ts'
import { wrapMcp } from './mcp.ts'
import { anthropic, openai } from './services.ts'

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const openAiWraps = createClientWraps(tools, openai)
  const anthropicWraps = createClientWraps(tools, anthropic)
  const langChain = createLangChain(tools)
  return {
    wrapOpenAi: openAiWraps.wrapClient,
    wrapOpenAiParse: openAiWraps.wrapParse,
    wrapAnthropic: anthropicWraps.wrapClient,
    wrapAnthropicParse: anthropicWraps.wrapParse,
    wrapGoogleGenAi: loaded => wrapGoogleGenAi(tools, loaded),
    wrapLangChainManager: langChain.wrapManager,
    wrapLangChainStorage: langChain.wrapStorage,
    wrapLangChainBase: langChain.wrapBase,
    wrapLangChainCaller: langChain.wrapCaller,
    wrapMcp: loaded => wrapMcp(tools, loaded),
  }
}

/** What the table of channels names. */
export const createListeners = (
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> => ({
  [AI_CHANNEL]: () => listenToAiSdk(tools),
})
