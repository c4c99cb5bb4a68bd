export default { graphs: ['graphs.mjs'] };
