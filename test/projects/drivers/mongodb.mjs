import { MongoClient } from 'mongodb';
import { asEffect } from 'reprise';

const client = new MongoClient(process.env.MONGO_URL ?? 'mongodb://127.0.0.1:1');
const find = asEffect('mongo', (filter) =>
  client
    .db('weather')
    .collection('city')
    .find(filter, { projection: { _id: 0 } })
    .toArray(),
);

export const lookUp = async (city) => (await find({ name: city }))[0];
export const setUp = () => client.db('weather').collection('city').insertOne({ name: 'Oslo', rain: 7 });
export const close = () => client.close();
