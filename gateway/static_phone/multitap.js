// Letters from number keys: the same key again within a moment is the next letter.

const LETTERS = { 1: ".,?!1", 2: "ABC2", 3: "DEF3", 4: "GHI4", 5: "JKL5", 6: "MNO6", 7: "PQRS7", 8: "TUV8", 9: "WXYZ9", 0: " 0" };
const MOMENT = 1000;

export class Multitap {
  constructor() {
    this.letters = true;
    this.forget();
  }

  forget() {
    Object.assign(this, { key: "", index: 0, at: 0 });
  }

  toggle() {
    this.letters = !this.letters;
    this.forget();
  }

  /** [character, whether it takes the place of the one before]. */
  press(key) {
    const row = this.letters ? LETTERS[key] : undefined;
    if (!row) return [key, false];
    const again = key === this.key && Date.now() - this.at < MOMENT;
    this.index = again ? (this.index + 1) % row.length : 0;
    this.key = key;
    this.at = Date.now();
    return [row[this.index], again];
  }
}
