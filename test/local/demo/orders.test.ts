// The example function's own rules, without AWS.
import t from 'tap'

interface Item {
  readonly sku: string
  readonly quantity: number
  readonly unitPriceCents: number
}

interface OrderModule {
  parseOrder(body: string): { readonly order?: unknown; readonly faults?: readonly string[] }
  totalCents(items: readonly Item[], shippingCents: number): number
}

// Plain JavaScript, and so without types of its own.
const { parseOrder, totalCents }: OrderModule = await import(
  new URL('../../../examples/orders/order.js', import.meta.url).href
)

const ITEM = { sku: 'tea', quantity: 2, unitPriceCents: 650 }

t.test('an order is taken as it is', async t => {
  const order = { customerId: 'c-1', items: [ITEM] }
  t.strictSame(parseOrder(JSON.stringify(order)), { order })
  t.equal(totalCents([ITEM, { ...ITEM, quantity: 1 }], 100), 2050)
})

t.test('all faults are told at once', async t => {
  const faulty = { items: [{ ...ITEM, quantity: 101 }, null, { ...ITEM, unitPriceCents: 0.5 }] }
  t.strictSame(parseOrder(JSON.stringify(faulty)), {
    faults: [
      'customerId: expected 1 to 64 characters',
      'items[0].quantity: expected 1 to 100',
      'items[1].sku: expected 1 to 64 characters',
      'items[1].quantity: expected 1 to 100',
      'items[1].unitPriceCents: expected a whole number above 0',
      'items[2].unitPriceCents: expected a whole number above 0',
    ],
  })
  t.strictSame(parseOrder('{"customerId":"c","items":[]}').faults, ['items: expected at least one'])
  t.strictSame(parseOrder('null').faults, ['body: expected an object'])
  t.strictSame(parseOrder('').faults, ['body: expected JSON'])
})
