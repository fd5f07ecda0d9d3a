import { type ChildProgram, startChildProgram } from "./child-program.ts";
import { withTemporaryRoot } from "./temporary-root.ts";

/**
 * Runs a program on a temporary directory, which is removed afterwards; so is the program if it still runs.
 *
 * @param options - of the program, without its `root`.
 * @param look - waits for the answer of the program, and may look at the directory meanwhile and after it.
 */
export function runInChild<T>(
  program: string,
  options: object,
  look: (child: ChildProgram, root: string) => Promise<T>,
): Promise<T> {
  let child: ChildProgram | undefined;
  const end = (): void => void child?.process.kill("SIGKILL");
  return withTemporaryRoot(async (root) => {
    child = startChildProgram(program, { ...options, root });
    try {
      return await look(child, root);
    } finally {
      end();
    }
  }, end);
}
