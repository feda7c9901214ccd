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

/**
 * In MySQL double quotes may hold text, and a backslash takes the next character's meaning; elsewhere neither. Transact-SQL
 * has names in brackets, and amounts of money.
 */
export type Dialect = 'standard' | 'mysql' | 'tsql'

/** Further on is not looked at: what inserts many rows says the same again. */
const MAX_LENGTH = 8192
/** Statements of a function are few, once their values are out of them. */
const CACHE_SIZE = 256
const MAX_CACHED_LENGTH = 2048

const COMMENT = String.raw`--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$)`
const ESCAPED_STRING = String.raw`'(?:[^'\\]|''|\\[^])*(?:'|\\?$)`
const BACKTICKED = String.raw`\u0060(?:[^\u0060]|\u0060\u0060)*(?:\u0060|$)`
/** Not a part of a name, nor a parameter's. */
const NUMBER = String.raw`(?<![\w$\u0080-\uffff])(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)`
const BRACKETED = String.raw`\[(?:[^\]]|\]\])*(?:\]|$)`
const MONEY = String.raw`(?<![\w$\u0080-\uffff])\$\s*[+-]?\d[\d,]*\.?\d*`

/** What is replaced, and names in quotes, which are not. An open end is where the text was cut. */
const REPLACED: Readonly<Record<Dialect, RegExp>> = {
  // The text between two `$tag$` may hold anything.
  standard: new RegExp(
    String.raw`${COMMENT}|(?<!\w)e${ESCAPED_STRING}|(?:(?<!\w)(?:[bnx]|u&))?'(?:[^']|'')*(?:'|$)|\$(?<tag>[a-z_]\w*)?\$[^]*?(?:\$\k<tag>\$|$)|"(?:[^"]|"")*(?:"|$)|${BACKTICKED}|${NUMBER}`,
    'gi',
  ),
  mysql: new RegExp(
    String.raw`${COMMENT}|#[^\n]*|(?:(?<!\w)(?:[bnx]|_\w+\s*))?${ESCAPED_STRING}|"(?:[^"\\]|""|\\[^])*(?:"|\\?$)|${BACKTICKED}|${NUMBER}`,
    'gi',
  ),
  tsql: new RegExp(
    String.raw`${COMMENT}|(?:(?<!\w)n)?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|${BRACKETED}|${MONEY}|${NUMBER}`,
    'gi',
  ),
}

const SHOWN: Readonly<Record<Dialect, (token: string) => string>> = {
  standard: token => {
    if (token.startsWith('"') || token.startsWith('`')) return token
    return token.startsWith('-') || token.startsWith('/') ? ' ' : '?'
  },
  mysql: token => {
    if (token.startsWith('`')) return token
    return /^[-/#]/.test(token) ? ' ' : '?'
  },
  tsql: token => {
    if (token.startsWith('"') || token.startsWith('[')) return token
    return token.startsWith('-') || token.startsWith('/') ? ' ' : '?'
  },
}

/** Words, names in quotes, parameters, and single signs; blanks are passed over. */
const TOKEN =
  /\s*(?:([a-z_\u0080-\uffff][\w$\u0080-\uffff]*)|("(?:[^"]|"")*"|`(?:[^`]|``)*`)|(\$\d+|::|[:@]+\w+|.))/giy
const TSQL_TOKEN =
  /\s*(?:([a-z_#\u0080-\uffff][\w$#@\u0080-\uffff]*)|("(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])|([:@]+\w+|.))/giy

/** Stands where a table does: `DELETE TOP (5) FROM orders`. */
const TOP = /\btop\s*(?:\([^)]*\)|\?|@\w+)(?:\s+percent\b)?/gi

/** By text without literals: what is one is the dialect's. */
const caches: Readonly<Record<Dialect, Map<string, SqlStatement>>> = {
  standard: new Map(),
  mysql: new Map(),
  tsql: new Map(),
}

export function readSql(text: string, dialect: Dialect): SqlStatement {
  const cache = caches[dialect]
  const known = cache.get(text)
  if (known !== undefined) return known
  const clean = text.slice(0, MAX_LENGTH).replace(REPLACED[dialect], SHOWN[dialect]).trim()
  const statement = cache.get(clean) ?? { text: clean, ...summarize(clean, dialect) }
  if (clean.length <= MAX_CACHED_LENGTH) {
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(clean, statement)
  }
  return statement
}

function summarize(clean: string, dialect: Dialect): ReturnType<Summary['end']> {
  const summary = new Summary()
  const tokens =
    dialect === 'tsql' ? clean.replace(TOP, '').matchAll(TSQL_TOKEN) : clean.matchAll(TOKEN)
  for (const [, word, name, sign = ''] of tokens) {
    if (word !== undefined) summary.addWord(word)
    else if (name !== undefined) summary.addName(name)
    else summary.addSign(sign)
  }
  return summary.end()
}
