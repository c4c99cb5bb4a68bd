// Bundles the script of the page into one file, with all that it imports. It is a file of the package, and no module of it.
import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: { page: 'main.tsx' },
  outDir: '../dist/page',
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  clean: true,
  deps: { alwaysBundle: () => true, onlyBundle: false },
  copy: ['page.css'],
  tsconfig: '../tsconfig.json',
});
