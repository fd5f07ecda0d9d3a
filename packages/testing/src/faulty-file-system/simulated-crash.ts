/** Thrown by every call of a faulty file system between a simulated crash and its restart. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
  /** Number of the call at which the process died. */
  readonly operation: number;

  constructor(operation: number) {
    super(`the process died at file system operation ${operation}`);
    this.operation = operation;
  }
}
