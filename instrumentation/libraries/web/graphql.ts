// GraphQL.js: a span each for parsing, validation and execution. Since 17 it publishes them; 15 and 16 are hooked. Resolvers
// have none: there may be thousands in one answer.
// https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { replaceExport } from '../../hooks/wrap.ts'
import {
  ATTR_GRAPHQL_DOCUMENT,
  ATTR_GRAPHQL_OPERATION_NAME,
  ATTR_GRAPHQL_OPERATION_TYPE,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import {
  type ChannelOutcome,
  failSpan,
  listenToCalls,
  openCall,
  runCall,
  type TracedCall,
} from '../traced-call.ts'
import { follow } from './follow.ts'
import { type Document, sanitizeDocument } from './graphql-document.ts'
import { hasRoom } from './steps.ts'

type Phase = 'parse' | 'validate' | 'execute'

interface Operation {
  readonly kind: 'OperationDefinition'
  readonly operation: string
  readonly name?: { readonly value: string } | undefined
}

interface Request {
  readonly document?: Document | undefined
  /** Which of the document's operations is asked for. */
  readonly operationName?: unknown
}

function open(tools: LibraryTools, phase: Phase, request: Request): TracedCall | undefined {
  if (!hasRoom(tools)) return undefined
  const attributes = describe(tools, request)
  const type = attributes[ATTR_GRAPHQL_OPERATION_TYPE]
  const name = attributes[ATTR_GRAPHQL_OPERATION_NAME]
  return openCall(tools, {
    name:
      phase === 'execute' && type !== undefined
        ? `${type}${name === undefined ? '' : ` ${name}`}`
        : `graphql.${phase}`,
    kind: SPAN_KIND_INTERNAL,
    attributes,
  })
}

function describe({ settings }: LibraryTools, { document, operationName }: Request): Attributes {
  const operation = operationOf(document, operationName)
  return {
    [ATTR_GRAPHQL_OPERATION_TYPE]: operation?.operation,
    [ATTR_GRAPHQL_OPERATION_NAME]: operation?.name?.value,
    [ATTR_GRAPHQL_DOCUMENT]:
      settings.graphqlDocument && document ? sanitizeDocument(document) : undefined,
  }
}

/** The one that is named, or the only one. */
function operationOf(document: Document | undefined, name: unknown): Operation | undefined {
  const definitions = (document?.definitions ?? []) as readonly Operation[]
  const operations = definitions.filter(({ kind }) => kind === 'OperationDefinition')
  if (typeof name === 'string' && name !== '')
    return operations.find(operation => operation.name?.value === name)
  return operations.length === 1 ? operations[0] : undefined
}

/** What was parsed says what it is; errors stand in what the others answer. */
function read(tools: LibraryTools, phase: Phase, call: TracedCall, result: unknown): void {
  if (phase === 'parse')
    call.span.setAttributes(describe(tools, { document: result as Document | undefined }))
  const errors = phase === 'validate' ? result : (result as { errors?: unknown } | null)?.errors
  if (!Array.isArray(errors) || errors.length === 0) return
  const [error] = errors as readonly { readonly originalError?: unknown }[]
  failSpan(call.span, error?.originalError ?? error)
}

/** `parse(source)`, `validate(schema, document)`, `execute({ document, operationName })`, or `execute(schema, document, …)` of 15. */
function requestOf(phase: Phase, args: readonly unknown[]): Request {
  if (phase === 'parse') return {}
  if (phase === 'validate') return { document: args[1] as Document }
  const [first, document, , , , operationName] = args
  if (args.length === 1) return first as Request
  return { document: document as Document, operationName }
}

const wrapPhase =
  (tools: LibraryTools, phase: Phase): Wrap =>
  (loaded: LoadedModule) => {
    replaceExport(loaded, phase, original =>
      follow(original, (run, _, args) => {
        const call = tools.guard.run(phase, () => open(tools, phase, requestOf(phase, args)))
        if (call === undefined) return run()
        return runCall(tools, call, run, result => read(tools, phase, call, result))
      }),
    )
  }

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapParse: wrapPhase(tools, 'parse'),
    wrapValidate: wrapPhase(tools, 'validate'),
    wrapExecute: wrapPhase(tools, 'execute'),
  }
}

const listenTo = (tools: LibraryTools, phase: Phase): ChannelListener =>
  listenToCalls<Request & ChannelOutcome>(tools, {
    channel: `graphql:${phase}`,
    open: message => open(tools, phase, message),
    close: (call, { result }) => read(tools, phase, call, result),
  })

/** What the table of channels names. */
export function createListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  return {
    'graphql:parse': () => listenTo(tools, 'parse'),
    'graphql:validate': () => listenTo(tools, 'validate'),
    'graphql:execute': () => listenTo(tools, 'execute'),
  }
}
