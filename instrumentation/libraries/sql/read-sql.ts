// What a statement says of itself without its values: its text with a `?` for each literal, and a summary of few words
// that names the span. https://opentelemetry.io/docs/specs/semconv/db/database-spans/#generating-a-summary-of-the-query
import { Summary } from './summary.ts'

export interface SqlStatement {
  /** Without literals and comments. */
  readonly text: string
  /** `SELECT orders customers`; empty where there is no statement. */
  readonly summary: string
  /** Where it does one thing. */
  readonly operation: string | undefined
  /** Where it is about one table. */
  readonly collection: string | undefined
}

/** In MySQL double quotes may hold text, and a backslash takes the next character's meaning; elsewhere neither. */
export type Dialect = 'standard' | 'mysql'

/** Further on is not looked at: what inserts many rows says the same again. */
const MAX_LENGTH = 8192
/** Texts of a function are few; those with values in them are many, and not worth keeping. */
const CACHE_SIZE = 256
const MAX_CACHED_LENGTH = 2048

const COMMENT = String.raw`--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$)`
const ESCAPED_STRING = String.raw`'(?:[^'\\]|''|\\[^])*(?:'|\\?$)`
const NUMBER = String.raw`(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)`
const WORD = String.raw`[a-z_\u0080-\uffff][\w$\u0080-\uffff]*`
const PARAMETER = String.raw`\$\d+|::|[:@]+[a-z_]\w*`
const REST = String.raw`\s+|[^]`

/** What is none of the four is kept as it stands. An open end is where the text was cut. */
const tokens = (comment: string, literal: string, name: string): RegExp =>
  new RegExp(
    `(?<comment>${comment})|(?<literal>${literal}|${NUMBER})|(?<name>${name})|${PARAMETER}|(?<word>${WORD})|${REST}`,
    'giy',
  )

const BACKTICKED = String.raw`\u0060(?:[^\u0060]|\u0060\u0060)*(?:\u0060|$)`

const TOKENS: Readonly<Record<Dialect, RegExp>> = {
  // The text between two `$tag$` may hold anything.
  standard: tokens(
    COMMENT,
    String.raw`e${ESCAPED_STRING}|(?:[bnx]|u&)?'(?:[^']|'')*(?:'|$)|\$(?<tag>[a-z_]\w*)?\$[^]*?(?:\$\k<tag>\$|$)`,
    `"(?:[^"]|"")*(?:"|$)|${BACKTICKED}`,
  ),
  mysql: tokens(
    String.raw`${COMMENT}|#[^\n]*`,
    String.raw`(?:[bnx]|_\w+\s*)?${ESCAPED_STRING}|"(?:[^"\\]|""|\\[^])*(?:"|\\?$)`,
    BACKTICKED,
  ),
}

const caches: Readonly<Record<Dialect, Map<string, SqlStatement>>> = {
  standard: new Map(),
  mysql: new Map(),
}

export function readSql(text: string, dialect: Dialect): SqlStatement {
  const cache = caches[dialect]
  const known = cache.get(text)
  if (known !== undefined) return known
  const statement = read(text.slice(0, MAX_LENGTH), TOKENS[dialect])
  if (text.length <= MAX_CACHED_LENGTH) {
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(text, statement)
  }
  return statement
}

function showOf(token: string, groups: Record<string, string> | undefined): string {
  if (groups?.literal !== undefined) return '?'
  return groups?.comment === undefined ? token : ' '
}

function read(text: string, pattern: RegExp): SqlStatement {
  const summary = new Summary()
  let clean = ''
  for (const { 0: token, groups } of text.matchAll(pattern)) {
    const shown = showOf(token, groups)
    clean += shown
    if (groups?.word !== undefined) summary.addWord(shown)
    else if (groups?.name !== undefined) summary.addName(shown)
    else if (shown.trim() !== '') summary.addSign(shown)
  }
  return { text: clean.trim(), ...summary.end() }
}
