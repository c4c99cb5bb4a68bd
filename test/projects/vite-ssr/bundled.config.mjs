// All of the package goes into the bundle, as for a server without node_modules.
export default { ssr: { noExternal: true } };
