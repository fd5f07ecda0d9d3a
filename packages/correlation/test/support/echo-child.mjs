// A process that knows nothing of correlations: it tells its environment, then sends back one message and ends.
process.once("message", (message) => {
  process.send({ message, env: process.env }, () => process.disconnect());
});
