/** Part of a line with one look. */
export interface Span {
  text: string;
  /** Classes such as `bold fg-1`. */
  look: string;
}

export type Line = Span[];

/** An output as it is drawn. */
export interface Drawing {
  readonly lines: Line[];
  /** Lines that were forgotten. */
  readonly omitted: number;
  write(text: string): void;
  /** A terminal has another size from here on. */
  resize?(columns: number, rows: number): void;
}

/**
 * What a terminal would show of an output that is read from top to bottom: colours, carriage returns, backspaces, tabs,
 * erased lines. Whatever else a sequence asks for is dropped; nothing in it can leave the text.
 */
export class TerminalText implements Drawing {
  private cells: { char: string; look: string }[] = [];
  private column = 0;
  private state: "text" | "escape" | "csi" | "string" | "stringEnd" | "charset" = "text";
  private parameters = "";
  private style = { bold: false, dim: false, italic: false, underline: false, inverse: false, fg: "", bg: "" };
  private look = "";
  private finished: Line[] = [];
  private dropped = 0;

  constructor(
    /** Lines beyond it are forgotten from the top. */
    private readonly most = 5_000,
  ) {}

  /** Lines that were forgotten. */
  get omitted(): number {
    return this.dropped;
  }

  /** All lines, the last one as far as it is there. */
  get lines(): Line[] {
    const open = spans(this.cells);
    return open.length ? [...this.finished, open] : [...this.finished];
  }

  write(text: string): void {
    for (const char of text) this.put(char);
    if (this.finished.length > this.most) {
      const cut = this.finished.length - this.most;
      this.finished = this.finished.slice(cut);
      this.dropped += cut;
    }
  }

  private put(char: string): void {
    const code = char.codePointAt(0) as number;
    switch (this.state) {
      case "text": return this.plain(char, code);
      case "escape":
        this.parameters = "";
        if (char === "[") this.state = "csi";
        // Titles, links, passwords to terminals: strings that end with BEL or ESC \.
        else if ("]PX^_".includes(char)) this.state = "string";
        else if ("()*+-./#%".includes(char)) this.state = "charset";
        else this.state = "text";
        return;
      case "charset":
        this.state = "text";
        return;
      case "csi":
        if (code >= 0x40 && code <= 0x7e) {
          this.control(char);
          this.state = "text";
        } else if (code < 0x20 || this.parameters.length > 64) this.state = "text";
        else this.parameters += char;
        return;
      case "string":
        if (code === 0x07) this.state = "text";
        else if (code === 0x1b) this.state = "stringEnd";
        return;
      case "stringEnd":
        this.state = char === "\\" ? "text" : "string";
    }
  }

  private plain(char: string, code: number): void {
    switch (code) {
      case 0x0a:
        this.finished.push(spans(this.cells));
        this.cells = [];
        this.column = 0;
        return;
      case 0x0d:
        this.column = 0;
        return;
      case 0x08:
        this.column = Math.max(0, this.column - 1);
        return;
      case 0x09:
        do this.cell(" ");
        while (this.column % 8 !== 0);
        return;
      case 0x1b:
        this.state = "escape";
        return;
    }
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return;
    // Marks that turn the direction of a text could show a command as another one.
    if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return this.cell("\ufffd");
    this.cell(char);
  }

  private cell(char: string): void {
    while (this.cells.length < this.column) this.cells.push({ char: " ", look: "" });
    this.cells[this.column] = { char, look: this.look };
    this.column += 1;
    // A line without an end must not grow for ever in one piece.
    if (this.column >= 20_000) this.plain("\n", 0x0a);
  }

  private control(final: string): void {
    const numbers = this.parameters.split(/[;:]/).map((part) => Number(part) || 0);
    const first = numbers[0] ?? 0;
    if (final === "m") this.select(numbers);
    else if (final === "K") {
      if (first === 0) this.cells.length = Math.min(this.cells.length, this.column);
      else if (first === 2) this.cells = [];
    } else if (final === "G") this.column = Math.min(Math.max(first, 1) - 1, 2_000);
    else if (final === "C") this.column = Math.min(this.column + Math.max(first, 1), 2_000);
    else if (final === "D") this.column = Math.max(0, this.column - Math.max(first, 1));
    else if (final === "J" && first >= 2) {
      this.finished.push(spans(this.cells));
      this.cells = [];
      this.column = 0;
    }
  }

  private select(numbers: number[]): void {
    const style = this.style;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      if (number === 0) Object.assign(style, { bold: false, dim: false, italic: false, underline: false, inverse: false, fg: "", bg: "" });
      else if (number === 1) style.bold = true;
      else if (number === 2) style.dim = true;
      else if (number === 3) style.italic = true;
      else if (number === 4) style.underline = true;
      else if (number === 7) style.inverse = true;
      else if (number === 22) style.bold = style.dim = false;
      else if (number === 23) style.italic = false;
      else if (number === 24) style.underline = false;
      else if (number === 27) style.inverse = false;
      else if (number >= 30 && number <= 37) style.fg = String(number - 30);
      else if (number >= 90 && number <= 97) style.fg = String(number - 82);
      else if (number === 39) style.fg = "";
      else if (number >= 40 && number <= 47) style.bg = String(number - 40);
      else if (number >= 100 && number <= 107) style.bg = String(number - 92);
      else if (number === 49) style.bg = "";
      else if (number === 38 || number === 48) {
        const kind = numbers[at + 1];
        const color = kind === 5 ? basic(numbers[at + 2] ?? 0) : kind === 2 ? nearest(numbers.slice(at + 2, at + 5)) : "";
        if (number === 38) style.fg = color;
        else style.bg = color;
        at += kind === 5 ? 2 : kind === 2 ? 4 : 0;
      }
    }
    const words: string[] = [];
    if (style.bold) words.push("bold");
    if (style.dim) words.push("dim");
    if (style.italic) words.push("italic");
    if (style.underline) words.push("underline");
    if (style.inverse) words.push("inverse");
    if (style.fg !== "") words.push(`fg-${style.fg}`);
    if (style.bg !== "") words.push(`bg-${style.bg}`);
    this.look = words.join(" ");
  }
}

/** One of 256 colours as one of the 16 that the design has. */
function basic(number: number): string {
  if (number < 16) return String(number);
  if (number >= 232) return number < 244 ? "8" : "7";
  const place = number - 16;
  return nearest([Math.floor(place / 36) * 51, (Math.floor(place / 6) % 6) * 51, (place % 6) * 51]);
}

function nearest(parts: number[]): string {
  const [red = 0, green = 0, blue = 0] = parts;
  const most = Math.max(red, green, blue);
  if (most < 60) return "0";
  if (most - Math.min(red, green, blue) < 40) return most > 180 ? "15" : "8";
  const bit = (value: number): number => (value > most * 0.6 ? 1 : 0);
  return String(bit(red) + 2 * bit(green) + 4 * bit(blue) + (most > 200 ? 8 : 0));
}

function spans(cells: { char: string; look: string }[]): Line {
  const line: Line = [];
  for (const cell of cells) {
    const last = line[line.length - 1];
    if (last && last.look === cell.look) last.text += cell.char;
    else line.push({ text: cell.char, look: cell.look });
  }
  return line;
}
