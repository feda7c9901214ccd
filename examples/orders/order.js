// What an order is: checking what came in, and adding up what it costs. No I/O.

/** Largest quantity of one item; above it, sales wants to be asked. */
const MAX_QUANTITY = 100

const isText = value => typeof value === 'string' && value.length > 0 && value.length <= 64
const isCount = (value, max) => Number.isInteger(value) && value >= 1 && value <= max

/**
 * Reads a request body as `{ order }` or as `{ faults }`, all of them at once.
 */
export function parseOrder(body) {
  let input
  try {
    input = JSON.parse(body)
  } catch {
    return { faults: ['body: expected JSON'] }
  }
  if (typeof input !== 'object' || input === null) return { faults: ['body: expected an object'] }
  const items = Array.isArray(input.items) ? input.items : []
  const faults = items.flatMap((item, index) => findItemFaults(item, `items[${index}]`))
  if (!isText(input.customerId)) faults.unshift('customerId: expected 1 to 64 characters')
  if (items.length === 0) faults.push('items: expected at least one')
  return faults.length > 0 ? { faults } : { order: { customerId: input.customerId, items } }
}

function findItemFaults(item, path) {
  const faults = []
  if (!isText(item?.sku)) faults.push(`${path}.sku: expected 1 to 64 characters`)
  if (!isCount(item?.quantity, MAX_QUANTITY))
    faults.push(`${path}.quantity: expected 1 to ${MAX_QUANTITY}`)
  if (!isCount(item?.unitPriceCents, Number.MAX_SAFE_INTEGER))
    faults.push(`${path}.unitPriceCents: expected a whole number above 0`)
  return faults
}

export function totalCents(items, shippingCents) {
  return items.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, shippingCents)
}
