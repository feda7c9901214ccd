// One option: where it is read, what its text may be, and what goes for it where it is not set.
import type { Form } from './values.ts'

export interface Option<T> {
  /** The first of these that is set counts. */
  readonly names: readonly string[]
  readonly form: Form<T>
  readonly fallback: T
  readonly kind: 'required' | 'aws' | 'telemetry'
  /** Its text is not quoted in a warning. */
  readonly isSecret?: boolean
  /** Being defined is what counts, even as an empty text. */
  readonly countsWhenEmpty?: boolean
}

export function required<T>(name: string, form: Form<T>): Option<T> {
  return { names: [name], form, fallback: undefined as T, kind: 'required' }
}

export function aws<T>(name: string, form: Form<T>, fallback: T): Option<T> {
  return { names: [name], form, fallback, kind: 'aws' }
}

export function telemetry<T>(
  names: string | readonly string[],
  form: Form<T>,
  fallback: T,
): Option<T> {
  return { names: typeof names === 'string' ? [names] : names, form, fallback, kind: 'telemetry' }
}
