import { defineConfig } from 'reprise/config';

export default defineConfig({ graphs: ['graph.ts'], import: ['tsx'] });
