export { desk } from 'graphs';
