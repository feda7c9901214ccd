// The text of a GraphQL document without what is private in it.

/** One word of a document, in the list that the parser keeps. */
interface Token {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly next: Token | null
}

export interface Document {
  readonly definitions?: readonly unknown[]
  /** Absent where the parser was asked to leave it out. */
  readonly loc?:
    | { readonly startToken: Token; readonly source: { readonly body: string } }
    | undefined
}

const LITERALS: readonly string[] = ['Int', 'Float', 'String', 'BlockString']

/** Each literal becomes a `?`, and comments are left out. */
export function sanitizeDocument({ loc }: Document): string | undefined {
  if (loc === undefined) return undefined
  const { body } = loc.source
  let text = ''
  let at = 0
  for (let token: Token | null = loc.startToken; token !== null; token = token.next) {
    const isLiteral = LITERALS.includes(token.kind)
    if (!isLiteral && token.kind !== 'Comment') continue
    text += body.slice(at, token.start) + (isLiteral ? '?' : '')
    at = token.end
  }
  return (text + body.slice(at)).trim()
}
