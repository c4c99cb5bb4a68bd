// Syntax that Node cannot strip: an enum, and a parameter property.
import { fields, graph, last } from 'reprise';

enum Sky {
  Clear = 'clear',
  Rain = 'rain',
}

class Forecast {
  constructor(readonly sky: Sky) {}
}

export const forecast = graph('forecast', { state: fields({ sky: last('') }) })
  .node('look', async (_state, { effect }) => ({
    delta: { sky: new Forecast(await effect('sky', null, async () => Sky.Rain)).sky },
  }))
  .start('look')
  .build();
