/** What can fail before a gate opens. */
interface Ending {
  result(): Promise<unknown>;
}

/** Something that a test waits for or opens, instead of sleeping. */
export class Gate<T = void> {
  readonly passed: Promise<T>;
  #open: (value: T) => void = () => undefined;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Waits until the gate is open, and fails if the run ends first: then nobody will open it. */
  async openedBy(run: Ending): Promise<T> {
    const ended = run.result().then(() => {
      throw new Error('the run ended without coming here');
    });
    return await Promise.race([this.passed, ended]);
  }

  open(value: T): void {
    this.#open(value);
  }
}
