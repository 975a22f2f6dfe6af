import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.NOTES_TABLE ?? 'notes';

export async function handler(event) {
  if (event.text !== undefined) {
    await documents.send(new PutCommand({ TableName, Item: { id: event.id, text: event.text, words: event.text.split(' ').length } }));
  }
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { id: event.id } }));
  return { statusCode: Item ? 200 : 404, note: Item };
}
