import nock from 'nock';
import { describeBeside, expectAnswers } from './beside-mock.ts';

// It is active from its import on.
nock.restore();

describeBeside('nock', {
  start() {
    nock.activate();
    nock.disableNetConnect();
    nock('http://api.test').persist().get('/thing').reply(200, 'mocked');
  },
  stop() {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  },
  works: expectAnswers,
});
