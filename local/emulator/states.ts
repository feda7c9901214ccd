// The states Lambda keeps for a runtime, under the names that its own messages use. A call that the state does not
// allow is refused with 403 and changes nothing.
//
//   Started                   the process runs and has asked for nothing      -> Ready, InitError
//   InitError                 it reported a failed init                        -> nothing; only exit helps
//   Ready                     it waits for an event                            -> Running (when one is handed over)
//   Running                   it has an event                                  -> InvocationResponse, InvocationErrorResponse
//   InvocationResponse        its response is being received                   -> RuntimeResponseSentState
//   InvocationErrorResponse   its error is being received                      -> RuntimeResponseSentState
//   RuntimeResponseSentState  it has answered                                  -> Ready
//
// `next` in Running is no transition: Lambda hands the same event over again, it does not refuse.

export type RuntimeState =
  | 'Started'
  | 'InitError'
  | 'Ready'
  | 'Running'
  | 'InvocationResponse'
  | 'InvocationErrorResponse'
  | 'RuntimeResponseSentState'

const NEXT_STATES: Readonly<Record<RuntimeState, readonly RuntimeState[]>> = {
  Started: ['Ready', 'InitError'],
  InitError: [],
  Ready: ['Ready', 'Running'],
  Running: ['InvocationResponse', 'InvocationErrorResponse'],
  InvocationResponse: ['RuntimeResponseSentState'],
  InvocationErrorResponse: ['RuntimeResponseSentState'],
  RuntimeResponseSentState: ['Ready'],
}

/** True when Lambda lets a runtime go from one state to the other. */
export function isLegalMove(from: RuntimeState, to: RuntimeState): boolean {
  return NEXT_STATES[from].includes(to)
}
