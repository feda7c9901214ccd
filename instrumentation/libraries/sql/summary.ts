// Reads operations and the tables they are about out of a statement's words, in their order. It knows where a table may
// stand and nothing else of the language: what it does not know it leaves out.

/** As the conventions have it. */
const MAX_LENGTH = 255

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '))

/** Statements that change tables; they stand below others too. */
const CHANGES = set('INSERT UPDATE DELETE MERGE REPLACE')
/** `FOR UPDATE`, `ON CONFLICT DO UPDATE`, `ON DUPLICATE KEY UPDATE`, `ON DELETE CASCADE`, `THEN INSERT`, `OR REPLACE`. */
const NO_CHANGE_AFTER = set('FOR DO KEY ON OF THEN OR AFTER BEFORE NO')
/** These name what they are about. */
const WITH_TARGET = set('TRUNCATE CALL EXEC EXECUTE COPY LOCK USE')
const DEFINITIONS = set('CREATE ALTER DROP')
const DEFINED = set(
  'TABLE INDEX VIEW DATABASE SCHEMA FUNCTION PROCEDURE TRIGGER SEQUENCE TYPE EXTENSION USER ROLE',
)
/** May stand before a table's name. */
const BEFORE_TARGET = set(
  'INTO FROM TABLE IF NOT EXISTS ONLY LATERAL IGNORE LOW_PRIORITY HIGH_PRIORITY DELAYED QUICK CONCURRENTLY',
)
/** End a list of tables. */
const AFTER_TARGETS = set(
  'WHERE SET ON USING GROUP ORDER HAVING LIMIT OFFSET FETCH FOR UNION EXCEPT INTERSECT VALUES SELECT RETURNING WINDOW DEFAULT',
)

export class Summary {
  readonly #parts: string[] = []
  #operations = 0
  readonly #targets: string[] = []
  /** Names that a `WITH` gives to queries: no tables. */
  readonly #queries = new Set<string>()
  /** Of each bracket that is open, whether a query whose tables follow `FROM` has begun in it. */
  readonly #hasQuery: boolean[] = [false]
  /** Where tables are listed: how many brackets were open there. */
  #listDepth = -1
  #isStart = true
  #isDefinition = false
  /** The next name is a table's. */
  #wantsTarget = false
  /** The last name may go on after a dot. */
  #target: string | undefined
  #isDotted = false
  /** Words before, upper case, the last one first. */
  #before = ''
  #beforeThat = ''

  addWord(word: string): void {
    const upper = word.toUpperCase()
    if (this.#isDotted) this.#addTarget(word)
    else if (this.#isDefinition) this.#define(upper)
    else if (this.#wantsTarget && BEFORE_TARGET.has(upper)) return
    else if (this.#wantsTarget && upper !== 'SELECT') this.#addTarget(word)
    else this.#addKeyword(upper)
    this.#beforeThat = this.#before
    this.#before = upper
    this.#isStart = false
  }

  /** A name in quotes, which those of a plain word do not need: libraries write them around every name. */
  addName(quoted: string): void {
    const name = quoted.replace(/^(["`])(\w+)\1$/, '$2').replace(/^\[(\w+)\]$/, '$1')
    if (this.#wantsTarget || this.#isDotted) this.#addTarget(name)
    this.#beforeThat = this.#before
    this.#before = name.toUpperCase()
  }

  /** What is neither a word nor a name. */
  addSign(sign: string): void {
    if (sign === '.' && this.#target !== undefined) {
      this.#isDotted = true
      return
    }
    this.#closeTarget()
    if (sign === '(') this.#open()
    else if (sign === ')') this.#close()
    else if (sign === ',') this.#wantsTarget = this.#listDepth === this.#hasQuery.length
    else if (sign === ';') this.#startStatement()
    else this.#wantsTarget = false
  }

  end(): {
    readonly summary: string
    readonly operation: string | undefined
    readonly collection: string | undefined
  } {
    this.#closeTarget()
    let summary = ''
    for (const part of this.#parts) {
      const longer = summary === '' ? part : `${summary} ${part}`
      if (longer.length > MAX_LENGTH) break
      summary = longer
    }
    const isOne = this.#operations === 1
    const [target, ...others] = new Set(this.#targets)
    return {
      summary,
      operation: isOne ? this.#parts[0] : undefined,
      collection: isOne && others.length === 0 ? target : undefined,
    }
  }

  #addKeyword(upper: string): void {
    this.#closeTarget()
    if (upper === 'SELECT') this.#addOperation(upper, false)
    else if (CHANGES.has(upper) && !NO_CHANGE_AFTER.has(this.#before) && this.#mayChange(upper))
      this.#addOperation(upper, true)
    else if (upper === 'FROM') this.#startList()
    else if (upper === 'JOIN') this.#wantsTarget = true
    else if (this.#isStart) this.#addFirst(upper)
    if (AFTER_TARGETS.has(upper) && this.#listDepth === this.#hasQuery.length) this.#listDepth = -1
  }

  /** `REPLACE` and `INSERT` are functions too. */
  #mayChange(upper: string): boolean {
    return this.#isStart || (upper !== 'REPLACE' && upper !== 'INSERT') || this.#before === ')'
  }

  #addFirst(upper: string): void {
    if (upper === 'WITH') return
    if (DEFINITIONS.has(upper)) {
      this.#isDefinition = true
      this.#addOperation(upper, false)
    } else this.#addOperation(upper, WITH_TARGET.has(upper))
  }

  /** `CREATE UNIQUE INDEX`: what is defined belongs to the operation. */
  #define(upper: string): void {
    if (!DEFINED.has(upper)) return
    this.#isDefinition = false
    this.#wantsTarget = true
    this.#parts[this.#parts.length - 1] += ` ${upper}`
  }

  #addOperation(name: string, wantsTarget: boolean): void {
    this.#operations++
    this.#parts.push(name)
    this.#wantsTarget = wantsTarget
    this.#hasQuery[this.#hasQuery.length - 1] = name === 'SELECT' || name === 'DELETE'
    this.#isStart = false
  }

  /** Not of `EXTRACT(YEAR FROM day)`, nor of `IS DISTINCT FROM`. */
  #startList(): void {
    if (this.#hasQuery.at(-1) !== true || this.#before === 'DISTINCT') return
    this.#wantsTarget = true
    this.#listDepth = this.#hasQuery.length
  }

  #addTarget(name: string): void {
    this.#target = this.#isDotted ? `${this.#target}.${name}` : name
    this.#isDotted = false
    this.#wantsTarget = false
  }

  #closeTarget(): void {
    const target = this.#target
    this.#target = undefined
    this.#isDotted = false
    if (target === undefined || this.#queries.has(target.toUpperCase())) return
    this.#targets.push(target)
    if (this.#parts.at(-1) !== target) this.#parts.push(target)
  }

  #open(): void {
    if (this.#before === 'AS') this.#queries.add(this.#beforeThat)
    this.#wantsTarget = false
    this.#hasQuery.push(false)
    this.#before = '('
  }

  #close(): void {
    if (this.#listDepth === this.#hasQuery.length) this.#listDepth = -1
    if (this.#hasQuery.length > 1) this.#hasQuery.pop()
    this.#before = ')'
  }

  #startStatement(): void {
    this.#isStart = true
    this.#wantsTarget = false
    this.#isDefinition = false
    this.#listDepth = -1
    this.#hasQuery.splice(0, this.#hasQuery.length, false)
    this.#before = ''
  }
}
