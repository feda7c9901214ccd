// Which files of libraries for AI are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

interface Source {
  readonly library: string
  readonly package: string
  readonly versions: string
  readonly mark: string
  readonly seenBy?: string
}

const OPENAI: Source = {
  library: 'openai',
  package: 'openai',
  versions: '>=5.0.0 <8',
  mark: 'OPENAI_ORG_ID',
}
/** Newer ones have spans of their own. */
const ANTHROPIC: Source = {
  library: 'anthropic',
  package: '@anthropic-ai/sdk',
  versions: '>=0.50.0 <0.134.0',
  mark: 'ANTHROPIC_AUTH_TOKEN',
  seenBy: 'com.anthropic.sdk.typescript',
}
const GOOGLE: Source = {
  library: 'google-genai',
  package: '@google/genai',
  versions: '>=1.0.0 <4',
  mark: 'GOOGLE_GENAI_USE_VERTEXAI',
}
const LANGCHAIN: Source = {
  library: 'langchain',
  package: '@langchain/core',
  versions: '>=0.3.0 <2',
  mark: 'handleRetrieverStart',
}
const MCP: Source = {
  library: 'mcp',
  package: '@modelcontextprotocol/sdk',
  versions: '>=1.0.0 <2',
  mark: 'Maximum total timeout exceeded',
}

type Row = readonly [
  source: Source,
  file: string,
  wrap: string,
  names: readonly string[],
  rebind?: readonly string[],
]

const PARSE = ['defaultParseResponse'] as const

const ROWS: readonly Row[] = [
  ...['js', 'mjs'].flatMap((extension): Row[] => [
    [OPENAI, `client.${extension}`, 'wrapOpenAi', ['OpenAI']],
    [OPENAI, `internal/parse.${extension}`, 'wrapOpenAiParse', PARSE, PARSE],
    [ANTHROPIC, `client.${extension}`, 'wrapAnthropic', ['BaseAnthropic']],
    [ANTHROPIC, `internal/parse.${extension}`, 'wrapAnthropicParse', PARSE, PARSE],
  ]),
  ...['cjs', 'mjs'].map(
    (extension): Row => [GOOGLE, `dist/node/index.${extension}`, 'wrapGoogleGenAi', ['Models']],
  ),
  ...(
    [
      ['callbacks/manager', 'wrapLangChainManager', 'CallbackManager'],
      [
        'singletons/async_local_storage/index',
        'wrapLangChainStorage',
        'AsyncLocalStorageProviderSingleton',
      ],
      ['language_models/chat_models', 'wrapLangChainBase', 'BaseChatModel'],
      ['language_models/llms', 'wrapLangChainBase', 'BaseLLM'],
      ['retrievers/index', 'wrapLangChainBase', 'BaseRetriever'],
      ['tools/index', 'wrapLangChainBase', 'StructuredTool'],
      ['utils/async_caller', 'wrapLangChainCaller', 'AsyncCaller'],
    ] as const
  ).flatMap(([file, wrap, name]) =>
    ['cjs', 'js'].map((extension): Row => [LANGCHAIN, `dist/${file}.${extension}`, wrap, [name]]),
  ),
  ...['cjs', 'esm'].map(
    (folder): Row => [MCP, `dist/${folder}/shared/protocol.js`, 'wrapMcp', ['Protocol']],
  ),
]

export const AI_FILES: readonly HookedFile[] = ROWS.map(
  ([{ package: name, ...source }, file, wrap, names, rebind]) => ({
    ...source,
    chunk: 'ai',
    package: name,
    file,
    wrap,
    names,
    ...(rebind !== undefined && { rebind }),
  }),
)
