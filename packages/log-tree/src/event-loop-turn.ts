const sliceMs = 8;

/**
 * Makes a function to await inside a long loop: it lets the event loop turn when 8 ms have passed since it last did,
 * so that looking at a large tree does not freeze the process that does.
 */
export function createEventLoopTurn(): () => Promise<void> | undefined {
  let sliceStartMs = performance.now();
  return () => {
    if (performance.now() - sliceStartMs < sliceMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceStartMs = performance.now();
        resolve();
      });
    });
  };
}
