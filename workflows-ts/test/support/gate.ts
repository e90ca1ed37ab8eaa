/** Something that a test waits for or opens, instead of sleeping. */
export class Gate<T = void> {
  readonly passed: Promise<T>;
  #open: (value: T) => void = () => undefined;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(value: T): void {
    this.#open(value);
  }
}
