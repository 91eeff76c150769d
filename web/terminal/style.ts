/** How a character looks: classes of the design, and colours that are none of its sixteen. */
export interface Look {
  readonly classes: string;
  readonly ink: string | null;
  readonly paper: string | null;
}

/** A colour: one of sixteen by its number, any other as CSS, or null for the terminal's own. */
type Color = number | string | null;

/** Looks are made once: a screen has few, and most characters share theirs. */
const known = new Map<string, Look>();
export const plain = look("", null, null);

function look(classes: string, ink: string | null, paper: string | null): Look {
  const key = `${classes} ${ink} ${paper}`;
  const found = known.get(key);
  if (found) return found;
  // Something that shows all colours in turn must not fill the memory.
  if (known.size > 4_096) known.clear();
  const made = { classes, ink, paper };
  known.set(key, made);
  return made;
}

/** What SGR selected (ECMA-48 8.3.117, and the colours of xterm). Blinking and hiding are not done. */
export class Style {
  private words = new Set<"bold" | "dim" | "italic" | "underline" | "struck">();
  private isInverse = false;
  private ink: Color = null;
  private paper: Color = null;
  /** For what is printed now. */
  look = plain;
  /** For what is erased now: the background only. */
  blank = plain;

  copy(): Style {
    const other = new Style();
    other.words = new Set(this.words);
    [other.isInverse, other.ink, other.paper] = [this.isInverse, this.ink, this.paper];
    [other.look, other.blank] = [this.look, this.blank];
    return other;
  }

  select(numbers: number[][]): void {
    for (let at = 0; at < numbers.length; at++) {
      const [number = 0, ...inner] = numbers[at] as number[];
      if (number === 38 || number === 48 || number === 58) {
        // Either 38:2::r:g:b in one part, or 38;2;r;g;b in several.
        const isOne = inner.length > 0;
        const rest = isOne ? inner : numbers.slice(at + 1, at + 5).map((part) => part[0] ?? 0);
        const { color, used } = extended(rest, isOne);
        if (!isOne) at += used;
        if (number === 38) this.ink = color;
        else if (number === 48) this.paper = color;
      } else this.one(number, inner[0]);
    }
    this.make();
  }

  private one(number: number, inner: number | undefined): void {
    const on = ["", "bold", "dim", "italic", "underline", "", "", "", "", "struck"] as const;
    if (number === 0) {
      this.words.clear();
      this.isInverse = false;
      this.ink = this.paper = null;
    } else if (number === 7) this.isInverse = true;
    else if (number < 10) {
      const word = on[number];
      if (word && !(number === 4 && inner === 0)) this.words.add(word);
      else if (word) this.words.delete(word);
    } else if (number === 21) this.words.add("underline");
    else if (number === 22) {
      this.words.delete("bold");
      this.words.delete("dim");
    } else if (number === 23) this.words.delete("italic");
    else if (number === 24) this.words.delete("underline");
    else if (number === 27) this.isInverse = false;
    else if (number === 29) this.words.delete("struck");
    else if (number >= 30 && number <= 37) this.ink = number - 30;
    else if (number === 39) this.ink = null;
    else if (number >= 40 && number <= 47) this.paper = number - 40;
    else if (number === 49) this.paper = null;
    else if (number >= 90 && number <= 97) this.ink = number - 82;
    else if (number >= 100 && number <= 107) this.paper = number - 92;
  }

  private make(): void {
    const classes: string[] = [...this.words];
    const [front, back] = this.isInverse ? [this.paper, this.ink] : [this.ink, this.paper];
    if (typeof front === "number") classes.push(`fg-${front}`);
    else if (front === null && this.isInverse) classes.push("fg-paper");
    if (typeof back === "number") classes.push(`bg-${back}`);
    else if (back === null && this.isInverse) classes.push("bg-ink");
    this.look = look(classes.join(" "), typeof front === "string" ? front : null, typeof back === "string" ? back : null);
    this.blank = look(typeof this.paper === "number" ? `bg-${this.paper}` : "", null, typeof this.paper === "string" ? this.paper : null);
  }
}

function extended(parts: number[], isOne: boolean): { color: Color; used: number } {
  if (parts[0] === 5) return { color: indexed(parts[1] ?? 0), used: 2 };
  if (parts[0] !== 2) return { color: null, used: 1 };
  // In one part a colour space may stand before the colour.
  const [red = 0, green = 0, blue = 0] = isOne && parts.length > 4 ? parts.slice(2) : parts.slice(1);
  return { color: rgb(red, green, blue), used: 4 };
}

/** One of 256 colours: sixteen of the design, a cube of 6 × 6 × 6, and 24 greys. */
function indexed(number: number): Color {
  if (number < 16) return number;
  if (number > 255) return null;
  if (number >= 232) return rgb(8 + (number - 232) * 10, 8 + (number - 232) * 10, 8 + (number - 232) * 10);
  const level = (place: number): number => (place === 0 ? 0 : 55 + place * 40);
  const place = number - 16;
  return rgb(level(Math.floor(place / 36)), level(Math.floor(place / 6) % 6), level(place % 6));
}

/** Numbers only, so that nothing else can stand in a style. */
function rgb(red: number, green: number, blue: number): string {
  return `rgb(${[red, green, blue].map((part) => Math.min(255, Math.max(0, Math.floor(part)))).join(" ")})`;
}
