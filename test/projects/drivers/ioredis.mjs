import { Redis } from 'ioredis';
import { asEffect } from 'reprise';

const redis = new Redis(process.env.REDIS_URL, { lazyConnect: true });
const cache = asEffect('redis', redis, ['get', 'incr']);

export const lookUp = async (city) => ({ name: city, rain: Number(await cache.get(`rain:${city}`)) });
export const setUp = () => redis.set('rain:Oslo', '7');
export const close = () => redis.quit();
