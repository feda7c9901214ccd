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

export function followParts(
  tools: LibraryTools,
  call: ModelCall,
  iterator: unknown,
  read: (part: unknown) => ModelAnswer | undefined,
): boolean {
  const follow = createFollower(tools, call, read)
  const end = (error?: unknown): void =>
    void tools.guard.run('the end of a stream', () => {
      follow.finish()
      closeModelCall(tools, call, error)
    })
  return followIterator(tools, call, iterator, {
    add: part => tools.guard.run('a part of a stream', () => follow.add(part)),
    end,
  })
}

export interface Follower {
  /** Told of each part. */
  readonly add?: (part: unknown) => void
  /** Told once, or more often, that no part follows, and whether that is so since nobody wants one. */
  readonly end: (error: unknown, isLeft: boolean) => void
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
    return (result as Promise<IteratorResult<unknown>>).then(
      step => {
        if (step.done) end(undefined, false)
        else add?.(step.value)
        return step
      },
      error => {
        end(error ?? new Error('rejected with nothing'), false)
        throw error
      },
    )
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

/** Gathers what the parts tell. */
function createFollower(
  tools: LibraryTools,
  { span }: ModelCall,
  read: (part: unknown) => ModelAnswer | undefined,
): { add(part: unknown): void; finish(): void } {
  let text = ''
  let reason: string | undefined
  let isFirst = true
  return {
    add(part) {
      if (isFirst)
        span.setAttribute(
          ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
          (tools.tracer.clock.now() - span.startMs) / 1000,
        )
      isFirst = false
      const answer = read(part)
      if (answer === undefined) return
      setKnown(span, answer)
      reason = reasonOf(answer) ?? reason
      if (capturesContent(tools) && text.length < MAX_TEXT) text += answer.text?.() ?? ''
    },
    finish() {
      // The convention's word for what ended before it was whole.
      if (!isFirst && reason === undefined)
        span.setAttribute(ATTR_GEN_AI_RESPONSE_FINISH_REASONS, ['error'])
      if (text !== '') setOutput(span, text, reason)
    },
  }
}
