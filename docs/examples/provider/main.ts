// Starts the provider, and prints the environment variables that make the examples use it.
import { startProvider } from './server.ts';

const provider = await startProvider({ port: Number(process.argv[2] ?? 4010) });
for (const [name, value] of Object.entries(provider.environment)) console.log(`export ${name}=${value}`);
