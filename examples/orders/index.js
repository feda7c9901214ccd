// POST /orders: reads the customer, asks what shipping costs, writes the order. Not a line here is about tracing.
import { randomUUID } from 'node:crypto'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { parseOrder, totalCents } from './order.js'

const { ORDERS_TABLE, SHIPPING_URL } = process.env
const dynamodb = new DynamoDBClient({})

export async function handler(event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body
  const { order, faults } = parseOrder(body ?? '')
  if (faults) return answer(400, { message: 'This is not an order.', faults })

  const customer = await readCustomer(order.customerId)
  if (!customer) return answer(404, { message: `There is no customer ${order.customerId}.` })

  const quote = await quoteShipping(customer.country, order.items)
  const stored = {
    orderId: randomUUID(),
    ...order,
    shippingCents: quote.cents,
    totalCents: totalCents(order.items, quote.cents),
    deliveryDays: quote.days,
  }
  await writeOrder(stored)
  console.log(`order ${stored.orderId}: ${order.items.length} items, ${stored.totalCents} cents`)
  return answer(201, stored)
}

async function readCustomer(customerId) {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: ORDERS_TABLE, Key: { pk: { S: `customer#${customerId}` } } }),
  )
  return Item && { country: Item.country.S }
}

async function quoteShipping(country, items) {
  const response = await fetch(`${SHIPPING_URL}/quotes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ country, skus: items.map(item => item.sku) }),
  })
  if (!response.ok) throw new Error(`shipping: expected a quote, got ${response.status}`)
  return response.json()
}

async function writeOrder(order) {
  await dynamodb.send(
    new PutItemCommand({
      TableName: ORDERS_TABLE,
      Item: {
        pk: { S: `order#${order.orderId}` },
        customerId: { S: order.customerId },
        totalCents: { N: String(order.totalCents) },
        document: { S: JSON.stringify(order) },
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  )
}

function answer(statusCode, body) {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}
