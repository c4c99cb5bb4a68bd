// The graph that asks a database twice, by the driver that DRIVER names.
import { append, fields, graph } from 'reprise';

export const driver = await import(`./${process.env.DRIVER}.mjs`);

export const weather = graph('weather', { state: fields({ said: append() }) })
  .node('ask', async () => {
    const { name, rain } = await driver.lookUp('Oslo');
    const again = await driver.lookUp('Oslo');
    return { delta: { said: [`${name}: ${rain} mm`, `again: ${again.rain} mm`] } };
  })
  .start('ask')
  .build();
