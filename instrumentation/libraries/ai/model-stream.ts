// An answer that comes in parts, followed by the functions of its iterator, so that this stays the object that it is. The call ends
// with the last part, with an error, or when whoever reads has enough.
import {
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
} from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { MAX_TEXT } from './messages.ts'
import {
  capturesContent,
  closeModelCall,
  type ModelAnswer,
  type ModelCall,
  reasonOf,
  setKnown,
  setOutput,
} from './model-call.ts'

type Method = (...args: unknown[]) => unknown

export const followParts = (
  tools: LibraryTools,
  call: ModelCall,
  iterator: unknown,
  read: (part: unknown) => ModelAnswer | undefined,
): boolean => followIterator(tools, call, iterator, createFollower(tools, call, read))

export interface Follower {
  /** Told of each part. */
  readonly add?: (part: unknown) => void
  /** Told once, or more often, that no part follows, and whether that is so since nobody wants one. */
  readonly end: (error?: unknown, isLeft?: boolean) => void
}

/** What makes the parts runs in the call's context. False for what is no iterator. */
export function followIterator(
  { tracer }: LibraryTools,
  { inner }: Pick<ModelCall, 'inner'>,
  iterator: unknown,
  { add, end }: Follower,
): boolean {
  const target = Object(iterator) as Record<string, Method | undefined>
  const { next } = target
  if (typeof next !== 'function') return false
  define(target, 'next', (...args) => {
    const result = tracer.run(inner, () => next.apply(target, args))
    const pass = (step: IteratorResult<unknown>): unknown => {
      if (step.done) end()
      else add?.(step.value)
      return step
    }
    // Not all that has a `next` is asynchronous.
    if (!(result instanceof Promise)) return pass(result as IteratorResult<unknown>)
    return result.then(pass, error => {
      end(error ?? new Error('rejected with nothing'))
      throw error
    })
  })
  for (const name of ['return', 'throw']) {
    const original = target[name]
    if (typeof original !== 'function') continue
    define(target, name, (...args) => {
      end(name === 'throw' ? args[0] : undefined, true)
      return original.apply(target, args)
    })
  }
  return true
}

export function define(target: object, name: string, value: Method): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

/** Gathers what the parts tell, and ends the call. */
export function createFollower(
  tools: LibraryTools,
  call: ModelCall,
  read: (part: unknown) => ModelAnswer | undefined,
): Required<Follower> {
  const { span } = call
  let text = ''
  let reason: string | undefined
  let isFirst = true
  const add = (part: unknown): void => {
    if (isFirst) {
      const seconds = (tools.tracer.clock.now() - span.startMs) / 1000
      span.setAttribute(ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, seconds)
    }
    isFirst = false
    const answer = read(part)
    if (answer === undefined) return
    setKnown(span, answer)
    reason = reasonOf(answer) ?? reason
    if (capturesContent(tools) && text.length < MAX_TEXT) text += answer.text?.() ?? ''
  }
  const end = (error: unknown): void => {
    // The convention's word for what ended before it was whole.
    if (!isFirst && reason === undefined)
      span.setAttribute(ATTR_GEN_AI_RESPONSE_FINISH_REASONS, ['error'])
    if (text !== '') setOutput(span, text, reason)
    closeModelCall(tools, call, error)
  }
  return {
    add: part => void tools.guard.run('a part of a stream', () => add(part)),
    end: error => void tools.guard.run('the end of a stream', () => end(error)),
  }
}
