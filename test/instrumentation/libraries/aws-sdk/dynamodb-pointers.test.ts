// Which items a call to DynamoDB points at: those that it names by their keys and changes.
import t from 'tap'
import { dynamodb } from '../../../../instrumentation/libraries/aws-sdk/dynamodb.ts'
import { dynamoPointer } from '../../../../instrumentation/propagation/pointer.ts'

const key = (id: string) => ({ id: { S: id } })
const pointer = (id: string) => dynamoPointer('orders', key(id))
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders'

function pointersOf(operation: string, input: Readonly<Record<string, unknown>>): unknown {
  let found: unknown
  dynamodb.describeAnswer?.({ operation, region: undefined, input }, {}, (name, value) => {
    if (name === 'baton.pointer') found = value
  })
  return found
}

t.test('items that are changed by key, one or many, by name or ARN of the table', async t => {
  t.equal(pointersOf('UpdateItem', { TableName: 'orders', Key: key('1') }), pointer('1'))
  t.equal(pointersOf('DeleteItem', { TableName: TABLE, Key: key('1') }), pointer('1'))
  const TransactItems = [
    { Update: { TableName: 'orders', Key: key('1') } },
    { Put: { TableName: 'orders', Item: key('2') } },
    { ConditionCheck: { TableName: 'orders', Key: key('3') } },
    { Delete: { TableName: TABLE, Key: key('4') } },
  ]
  t.strictSame(pointersOf('TransactWriteItems', { TransactItems }), [pointer('1'), pointer('4')])
  const orders = [
    { DeleteRequest: { Key: key('1') } },
    { PutRequest: { Item: key('2') } },
    { DeleteRequest: { Key: key('3') } },
  ]
  t.strictSame(pointersOf('BatchWriteItem', { RequestItems: { orders } }), [
    pointer('1'),
    pointer('3'),
  ])
})

t.test('what is read, put, or no call that the SDK would make has none', async t => {
  t.equal(pointersOf('GetItem', { TableName: 'orders', Key: key('1') }), undefined)
  t.equal(pointersOf('PutItem', { TableName: 'orders', Item: key('1') }), undefined)
  t.equal(pointersOf('UpdateItem', { TableName: 'orders' }), undefined)
  t.equal(
    pointersOf('TransactWriteItems', { TransactItems: [null, 1, { Update: null }] }),
    undefined,
  )
  t.equal(
    pointersOf('BatchWriteItem', { RequestItems: { orders: [null, {}], news: 1 } }),
    undefined,
  )
})

t.test('of many items the first hundred', async t => {
  const orders = Array.from({ length: 101 }, (_, at) => ({ DeleteRequest: { Key: key(`${at}`) } }))
  const found = pointersOf('BatchWriteItem', { RequestItems: { orders } })
  t.equal(Array.isArray(found) && found.length, 100)
})
