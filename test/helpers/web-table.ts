// Tests of a framework out of a table: in each form and version the same requests, and the spans that they leave.
import type { Test } from 'tap'
import { ALL_FORMS, type Form, isBundle, type Packages } from './library-forms.ts'
import type { SpanTree } from './otlp.ts'
import {
  answersUntraced,
  eventOf,
  type Front,
  serveWeb,
  type WebCase,
  type WebRequest,
} from './web-case.ts'

export interface Row {
  readonly request: WebRequest
  readonly status: number
  readonly spans: SpanTree
}

export interface Framework {
  /** File under test/fixtures/libraries/web. */
  readonly source: string
  /** What is in front of the function; a function URL where absent. */
  readonly fronts?: readonly Front[]
  readonly versions: readonly {
    readonly packages: Packages
    readonly version: string
    /** Packages by the names that the folder has them under. */
    readonly alias?: Readonly<Record<string, string>>
    /** What a minified bundle without Baton's plugin shows. */
    readonly inBundles: 'all' | 'nothing'
  }[]
  readonly rows: readonly Row[]
  /** How a tree looks where functions have lost their names. */
  readonly minify?: (tree: SpanTree) => SpanTree
  readonly forms?: readonly Form[]
  readonly env?: Readonly<Record<string, string>>
  /** What the packages cannot do in front of which service. */
  readonly change?: (front: Front, request: WebRequest) => WebRequest
}

/** Steps by other names, at any depth. */
export const rename =
  (names: Readonly<Record<string, string>>) =>
  ([name, ...children]: SpanTree): SpanTree => {
    const [kind = '', own = ''] = name.split(' - ')
    const isError = own.endsWith('!')
    const other = names[isError ? own.slice(0, -1) : own]
    const renamed = other === undefined ? name : `${kind} - ${other}${isError ? '!' : ''}`
    return [renamed, ...children.map(rename(names))]
  }

export function testFramework(t: Test, name: string, framework: Framework): void {
  for (const { packages, version, inBundles, alias = {} } of framework.versions) {
    for (const form of framework.forms ?? ALL_FORMS) {
      const isSeen = form !== 'minified bundle' || inBundles === 'all'
      const what = isSeen ? 'route and steps' : 'not seen'
      t.test(`${name} ${version}, ${form}: ${what}`, t =>
        testForm(t, framework, { form, packages, alias, isSeen }),
      )
    }
  }
}

interface Tested {
  readonly form: Form
  readonly packages: Packages
  readonly alias: Readonly<Record<string, string>>
  readonly isSeen: boolean
}

async function testForm(t: Test, framework: Framework, tested: Tested): Promise<void> {
  const { source, fronts = ['function URL'], env, minify = tree => tree } = framework
  const { form, packages, alias, isSeen } = tested
  const rows = fronts.flatMap(front => framework.rows.map(row => ({ ...row, front })))
  const web: WebCase = {
    source,
    form,
    packages,
    alias,
    events: rows.map(({ front, request }) =>
      eventOf(front, framework.change?.(front, request) ?? request),
    ),
    ...(env && { env }),
  }
  const served = await serveWeb(web)
  t.strictSame(
    served.map(({ status }) => status),
    rows.map(({ status }) => status),
    'what is answered',
  )
  const expected = rows.map(({ spans, front }) => {
    const whole = inFront(spans, front)
    return isBundle(form) ? minify(whole) : whole
  })
  const trees = served.map(({ tree }) => tree)
  if (isSeen) t.strictSame(trees, expected, 'spans')
  else
    t.strictSame(
      served.filter(({ tree, root }) => !isPlain(tree, root.attributes)).map(({ tree }) => tree),
      [],
      'only requests',
    )
  const answers = served.map(({ status, body, operation }) => ({ operation, status, body }))
  t.strictSame(answers, await answersUntraced(web), 'the same answers without tracing')
}

/** A request that matches no route has the one that API Gateway gives. */
const inFront = ([name, ...children]: SpanTree, front: Front): SpanTree =>
  front === 'REST API' && !name.includes(' ')
    ? [`${name} /{proxy+}`, ...children]
    : [name, ...children]

/** What is there without a framework: the invocation, and the requests that it makes. */
const isPlain = (
  [, ...children]: SpanTree,
  attributes: Readonly<Record<string, unknown>>,
): boolean =>
  ['/{proxy+}', undefined].includes(attributes['http.route'] as string | undefined) &&
  children.every(([name]) => name === 'GET')
