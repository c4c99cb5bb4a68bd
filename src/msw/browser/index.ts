// The door `reprise/msw/browser`: a recorded run in a page, by way of the server of the page. It runs in a browser.
export { bridgeHandlers } from './bridge-handlers.ts';
