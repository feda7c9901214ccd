// OpenTelemetry's two lists of instrumentations.
import t from 'tap'
import { isSelected } from '../../../instrumentation/libraries/selection.ts'

t.test('all are wanted, unless one list names others or the second names it', t => {
  for (const [enabled, disabled, expected] of [
    [undefined, [], true],
    [['aws-sdk'], [], true],
    [['pg'], [], false],
    [[], [], false],
    [undefined, ['aws-sdk'], false],
    [undefined, ['pg'], true],
    [['aws-sdk'], ['aws-sdk'], false],
  ] as const) {
    const selection = { enabled, disabled }
    t.equal(isSelected(selection, 'aws-sdk'), expected, JSON.stringify(selection))
  }
  t.end()
})
