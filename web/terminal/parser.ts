/** What a stream of characters asks of a terminal. */
export interface TerminalVerbs {
  print(char: string, code: number): void;
  /** A control character below U+0020 that is no part of a sequence. */
  control(code: number): void;
  /** `ESC`, perhaps characters in between, and a last one (ECMA-35). */
  escape(between: string, final: string): void;
  /** `ESC [`, perhaps a sign such as `?`, numbers, perhaps characters in between, and a last one (ECMA-48). */
  sequence(sign: string, numbers: number[][], between: string, final: string): void;
}

const LONGEST_SEQUENCE = 128;
/** Titles and the like are not longer; a string that nobody ends must not hide all that comes after it. */
const LONGEST_STRING = 4_096;
const LARGEST_NUMBER = 99_999;

/**
 * Takes characters apart as a DEC terminal does, after Paul Williams' state diagram (vt100.net/emu/dec_ansi_parser).
 *
 * Strings (titles, links, colours, images, keys to be set) are read and thrown away; nothing is ever answered.
 */
export class TerminalParser {
  private state: "ground" | "escape" | "sequence" | "ignored" | "string" | "stringEscape" = "ground";
  private collected = "";
  private count = 0;

  constructor(private readonly verbs: TerminalVerbs) {}

  write(text: string): void {
    for (const char of text) this.take(char, char.codePointAt(0) as number);
  }

  private take(char: string, code: number): void {
    if (this.state === "ground" && code >= 0x20) {
      // DEL and the controls U+0080 to U+009F do nothing.
      if (code < 0x7f || code >= 0xa0) this.verbs.print(char, code);
      return;
    }
    if (this.state === "string" || this.state === "stringEscape") return this.string(char, code);
    if (code === 0x1b) {
      this.state = "escape";
      this.collected = "";
    } else if (code === 0x18 || code === 0x1a) this.state = "ground";
    // Controls within a sequence are done at once.
    else if (code < 0x20) this.verbs.control(code);
    else if (this.state === "escape") this.escape(char, code);
    else this.sequence(char, code);
  }

  private escape(char: string, code: number): void {
    if (code <= 0x2f && this.collected.length < 4) {
      this.collected += char;
      return;
    }
    this.state = "ground";
    if (this.collected !== "") this.verbs.escape(this.collected, char);
    else if (char === "[") this.state = "sequence";
    else if ("]PX^_".includes(char)) {
      this.state = "string";
      this.count = 0;
    } else if (code < 0x7f) this.verbs.escape("", char);
    this.collected = "";
  }

  private sequence(char: string, code: number): void {
    if (code < 0x40) {
      this.collected += char;
      if (this.collected.length > LONGEST_SEQUENCE) this.state = "ignored";
      return;
    }
    const isWanted = this.state === "sequence" && code < 0x7f;
    this.state = "ground";
    if (!isWanted) return;
    const [, sign = "", numbers = "", between = ""] = /^([<-?]?)([0-9:;]*)([ -/]*)$/.exec(this.collected) ?? ["", "wrong"];
    if (sign === "wrong") return;
    const parts = numbers.split(";").map((part) => part.split(":").map((digits) => Math.min(Number(digits) || 0, LARGEST_NUMBER)));
    this.verbs.sequence(sign, parts, between, char);
  }

  private string(char: string, code: number): void {
    this.count += 1;
    if (this.state === "stringEscape") {
      this.state = "ground";
      // ESC \ is the end; anything else ends the string too, and begins a sequence.
      if (char === "\\") return;
      this.state = "escape";
      this.collected = "";
      return this.take(char, code);
    }
    if (code === 0x1b) this.state = "stringEscape";
    else if (code === 0x07 || code === 0x18 || code === 0x1a || this.count > LONGEST_STRING) this.state = "ground";
  }
}
