import type { Drawing, Line } from "../shared/terminal";
import { placesOf, Row } from "./cells";
import { TerminalParser, TerminalVerbs } from "./parser";
import { Look, Style } from "./style";

/** Rows that were scrolled out are forgotten beyond so many. */
const MOST_HISTORY = 5_000;
const LONGEST_CELL = 16;
/** What `ESC ( 0` makes of the characters from ` to ~ (VT100 user guide, table 3-9). */
const DRAWING = "\u25c6\u2592\u2409\u240c\u240d\u240a\u00b0\u00b1\u2424\u240b\u2518\u2510\u250c\u2514\u253c\u23ba\u23bb\u2500\u23bc\u23bd\u251c\u2524\u2534\u252c\u2502\u2264\u2265\u03c0\u2260\u00a3\u00b7";

interface Place {
  row: number;
  column: number;
  /** The last column was written: the next character begins a new row. */
  isFull: boolean;
  style: Style;
  /** Which of two sets is in use, and which of them draw lines. */
  set: 0 | 1;
  draws: [boolean, boolean];
  isRelative: boolean;
}

interface Buffer {
  rows: Row[];
  place: Place;
  saved: Place | null;
  top: number;
  /** Inclusive, as in DECSTBM. */
  bottom: number;
}

/**
 * The screen of a terminal as programs such as vim, less and top expect it: xterm's, as far as text goes.
 *
 * A pure state machine: characters in, rows out. Whatever an output holds, nothing leaves the screen: no question of a program is
 * answered, titles, links, clipboards, pictures and windows are ignored, and marks that turn the direction of text are shown as such.
 */
export class TerminalScreen implements TerminalVerbs, Drawing {
  private readonly parser = new TerminalParser(this);
  private main: Buffer;
  private other: Buffer;
  private buffer: Buffer;
  private past: Row[] = [];
  private forgotten = 0;
  private stops = new Set<number>();
  private isInserting = false;
  private wraps = true;
  private startsLines = false;
  private last = "";
  /** The size, in characters. */
  columns: number;
  height: number;
  /** Modes that matter to whoever draws, or types. */
  isCursorShown = true;
  hasApplicationKeys = false;
  hasBracketedPaste = false;

  constructor(columns: number, rows: number) {
    [this.columns, this.height] = bounded(columns, rows);
    this.main = this.empty();
    this.other = this.empty();
    this.buffer = this.main;
    this.resetStops(0);
  }

  // MARK: What is seen

  /** Rows of the screen, from above. */
  get rows(): readonly Row[] {
    return this.buffer.rows;
  }

  /** Rows that were scrolled out of the screen, the oldest first. */
  get history(): readonly Row[] {
    return this.past;
  }

  /** Rows of the history that were forgotten. */
  get omitted(): number {
    return this.forgotten;
  }

  /** A program has the whole screen for itself, and gives it back at its end. */
  get isAlternate(): boolean {
    return this.buffer === this.other;
  }

  get cursor(): { row: number; column: number } {
    return { row: this.buffer.place.row, column: this.buffer.place.column };
  }

  get lines(): Line[] {
    const rows = [...(this.isAlternate ? [] : this.past), ...this.buffer.rows];
    while (rows.length > 0 && (rows[rows.length - 1] as Row).runs.length === 0) rows.pop();
    return rows.map((row) => row.line);
  }

  // MARK: What comes in

  write(text: string): void {
    this.parser.write(text);
  }

  resize(columns: number, rows: number): void {
    [columns, rows] = bounded(columns, rows);
    if (columns === this.columns && rows === this.height) return;
    const before = this.columns;
    [this.columns, this.height] = [columns, rows];
    for (const buffer of [this.main, this.other]) {
      for (const row of buffer.rows) {
        if (row.cells.length <= columns) continue;
        row.cells.length = columns;
        row.changed();
        // Half of a wide character is none.
        const end = row.cells[columns - 1];
        if (end && placesOf(end.char.codePointAt(0) ?? 0x20) === 2) row.cells[columns - 1] = { char: " ", look: end.look };
      }
      while (buffer.rows.length > rows) {
        if (buffer.place.row < buffer.rows.length - 1) buffer.rows.pop();
        else {
          const gone = buffer.rows.shift() as Row;
          if (buffer === this.main) this.remember(gone);
          buffer.place.row -= 1;
        }
      }
      while (buffer.rows.length < rows) buffer.rows.push(new Row());
      [buffer.top, buffer.bottom] = [0, rows - 1];
      for (const place of [buffer.place, buffer.saved]) {
        if (!place) continue;
        place.row = Math.min(Math.max(place.row, 0), rows - 1);
        place.column = Math.min(place.column, columns - 1);
        place.isFull = false;
      }
    }
    this.resetStops(before);
  }

  // MARK: Characters

  print(char: string, code: number): void {
    const { place } = this.buffer;
    if (place.draws[place.set] && code >= 0x60 && code <= 0x7e) char = DRAWING[code - 0x60] as string;
    // Marks that turn the direction of a text could show a command as another one; halves of characters are none.
    else if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || (code >= 0xd800 && code <= 0xdfff)) char = "\ufffd";
    const places = placesOf(char.codePointAt(0) as number);
    if (places === 0) return this.putOnto(char);
    if (places > this.columns) return;
    if (place.isFull || place.column + places > this.columns) {
      if (!this.wraps) place.column = this.columns - places;
      else {
        place.column = 0;
        this.feed();
      }
      place.isFull = false;
    }
    const row = this.row;
    if (this.isInserting) this.insertCells(places);
    row.pad(place.column);
    this.split(row, place.column);
    this.split(row, place.column + places);
    row.cells[place.column] = { char, look: place.style.look };
    if (places === 2) row.cells[place.column + 1] = { char: "", look: place.style.look };
    row.changed();
    this.last = char;
    place.column += places;
    if (place.column >= this.columns) {
      place.column = this.columns - 1;
      place.isFull = true;
    }
  }

  control(code: number): void {
    const { place } = this.buffer;
    switch (code) {
      case 0x08:
        place.column = Math.max(0, place.column - 1);
        place.isFull = false;
        return;
      case 0x09: return this.tab(1);
      case 0x0a:
      case 0x0b:
      case 0x0c:
        if (this.startsLines) place.column = 0;
        place.isFull = false;
        return this.feed();
      case 0x0d:
        place.column = 0;
        place.isFull = false;
        return;
      case 0x0e:
      case 0x0f:
        place.set = code === 0x0e ? 1 : 0;
    }
  }

  escape(between: string, final: string): void {
    const { place } = this.buffer;
    if (between === "(" || between === ")") {
      place.draws[between === "(" ? 0 : 1] = final === "0";
      return;
    }
    if (between === "#" && final === "8") return this.align();
    if (between !== "") return;
    switch (final) {
      case "7": return this.save();
      case "8": return this.restore();
      case "D": return this.feed();
      case "E":
        place.column = 0;
        return this.feed();
      case "H":
        this.stops.add(place.column);
        return;
      case "M":
        if (place.row === this.buffer.top) this.scroll(-1);
        else if (place.row > 0) place.row -= 1;
        return;
      case "c": return this.reset();
    }
  }

  sequence(sign: string, numbers: number[][], between: string, final: string): void {
    if (between === "!" && final === "p") return this.resetModes();
    if (between !== "") return;
    if (sign === "?" && (final === "h" || final === "l")) {
      for (const [mode = 0] of numbers) this.setPrivate(mode, final === "h");
      return;
    }
    // DECSED and DECSEL erase as their brothers do: nothing is protected here.
    if (sign !== "" && !(sign === "?" && "JK".includes(final))) return;
    if (final === "m") return this.buffer.place.style.select(numbers);
    if (final === "h" || final === "l") {
      for (const [mode] of numbers) {
        if (mode === 4) this.isInserting = final === "h";
        else if (mode === 20) this.startsLines = final === "h";
      }
      return;
    }
    const first = numbers[0]?.[0] ?? 0;
    this.act(final, first, Math.max(first, 1), numbers[1]?.[0] ?? 0);
  }

  /** What moves, erases and shifts; `count` is the first number, one at least. */
  private act(final: string, first: number, count: number, second: number): void {
    const { place } = this.buffer;
    switch (final) {
      case "@": return this.insertCells(count);
      case "A": return this.moveBy(-count, 0);
      case "B":
      case "e": return this.moveBy(count, 0);
      case "C":
      case "a": return this.moveBy(0, count);
      case "D": return this.moveBy(0, -count);
      case "E":
        this.moveBy(count, 0);
        place.column = 0;
        return;
      case "F":
        this.moveBy(-count, 0);
        place.column = 0;
        return;
      case "G":
      case "`": return this.moveTo(place.row, count - 1);
      case "H":
      case "f": return this.moveTo(this.origin + count - 1, Math.max(second, 1) - 1);
      case "I": return this.tab(count);
      case "J": return this.eraseScreen(first);
      case "K": return this.eraseLine(first);
      case "L": return this.shiftRows(-count);
      case "M": return this.shiftRows(count);
      case "P": return this.deleteCells(count);
      case "S": return this.scroll(count);
      case "T": return this.scroll(-count);
      case "X":
        this.erase(place.row, place.column, Math.min(place.column + count, this.columns));
        return;
      case "Z": return this.tab(-count);
      case "b":
        // Nobody repeats more than the screen holds.
        for (let left = Math.min(count, this.columns * this.height); left > 0 && this.last !== ""; left--) this.print(this.last, this.last.codePointAt(0) as number);
        return;
      case "d": return this.moveTo(this.origin + count - 1, place.column);
      case "g":
        if (first === 0) this.stops.delete(place.column);
        else if (first === 3) this.stops.clear();
        return;
      case "r": return this.setRegion(count - 1, second === 0 ? this.height - 1 : second - 1);
      case "s": return this.save();
      case "u": return this.restore();
    }
  }

  // MARK: Moving

  private get row(): Row {
    return this.buffer.rows[this.buffer.place.row] as Row;
  }

  /** The row that is the first for addresses. */
  private get origin(): number {
    return this.buffer.place.isRelative ? this.buffer.top : 0;
  }

  private moveTo(row: number, column: number): void {
    const { place, top, bottom } = this.buffer;
    const [first, last] = place.isRelative ? [top, bottom] : [0, this.height - 1];
    place.row = Math.min(Math.max(row, first), last);
    place.column = Math.min(Math.max(column, 0), this.columns - 1);
    place.isFull = false;
  }

  /** Rows are moved over up to the edge of the region, from within it. */
  private moveBy(rows: number, columns: number): void {
    const { place, top, bottom } = this.buffer;
    const first = place.row >= top ? top : 0;
    const last = place.row <= bottom ? bottom : this.height - 1;
    place.row = Math.min(Math.max(place.row + rows, first), last);
    place.column = Math.min(Math.max(place.column + columns, 0), this.columns - 1);
    place.isFull = false;
  }

  private feed(): void {
    const { place, bottom } = this.buffer;
    if (place.row === bottom) this.scroll(1);
    else if (place.row < this.height - 1) place.row += 1;
  }

  private tab(count: number): void {
    const { place } = this.buffer;
    const step = count < 0 ? -1 : 1;
    for (let left = Math.min(Math.abs(count), this.columns); left > 0; left--) {
      do place.column += step;
      while (place.column > 0 && place.column < this.columns - 1 && !this.stops.has(place.column));
    }
    place.column = Math.min(Math.max(place.column, 0), this.columns - 1);
    place.isFull = false;
  }

  private resetStops(from: number): void {
    for (let column = Math.ceil(from / 8) * 8; column < this.columns; column += 8) this.stops.add(column);
  }

  private setRegion(top: number, bottom: number): void {
    bottom = Math.min(bottom, this.height - 1);
    if (top >= bottom) return;
    [this.buffer.top, this.buffer.bottom] = [top, bottom];
    this.moveTo(this.origin, 0);
  }

  // MARK: Shifting

  /** Moves the region's rows: up for a positive number, and what leaves the screen's top becomes history. */
  private scroll(count: number): void {
    const { rows, top, bottom } = this.buffer;
    for (let left = Math.min(Math.abs(count), bottom - top + 1); left > 0; left--) {
      if (count > 0) {
        const [gone] = rows.splice(top, 1);
        rows.splice(bottom, 0, this.fresh());
        if (top === 0 && !this.isAlternate) this.remember(gone as Row);
      } else {
        rows.splice(bottom, 1);
        rows.splice(top, 0, this.fresh());
      }
    }
  }

  /** Deletes rows at the cursor, or inserts some for a negative number. */
  private shiftRows(count: number): void {
    const { rows, place, top, bottom } = this.buffer;
    if (place.row < top || place.row > bottom) return;
    for (let left = Math.min(Math.abs(count), bottom - place.row + 1); left > 0; left--) {
      rows.splice(count > 0 ? place.row : bottom, 1);
      rows.splice(count > 0 ? bottom : place.row, 0, this.fresh());
    }
    place.column = 0;
    place.isFull = false;
  }

  private insertCells(count: number): void {
    const { place } = this.buffer;
    const row = this.row;
    row.pad(place.column);
    this.split(row, place.column);
    const blanks = Array.from({ length: Math.min(count, this.columns - place.column) }, () => ({ char: " ", look: place.style.blank }));
    row.cells.splice(place.column, 0, ...blanks);
    this.split(row, this.columns);
    row.cells.length = Math.min(row.cells.length, this.columns);
    row.changed();
  }

  private deleteCells(count: number): void {
    const { place } = this.buffer;
    const row = this.row;
    const end = Math.min(place.column + count, this.columns);
    this.split(row, place.column);
    this.split(row, end);
    const before = row.cells.length;
    row.cells.splice(place.column, end - place.column);
    if (place.style.blank.classes !== "" || place.style.blank.paper !== null) {
      row.pad(before - (end - place.column));
      row.fill(Math.max(this.columns - (end - place.column), 0), this.columns, place.style.blank);
    }
    row.changed();
    place.isFull = false;
  }

  /** Makes blanks of a wide character whose halves would come apart at a place. */
  private split(row: Row, column: number): void {
    const cell = row.cells[column];
    if (cell?.char !== "") return;
    const first = row.cells[column - 1];
    if (first) row.cells[column - 1] = { char: " ", look: first.look };
    row.cells[column] = { char: " ", look: cell.look };
  }

  private putOnto(char: string): void {
    const { place } = this.buffer;
    let column = place.isFull ? place.column : place.column - 1;
    if (this.row.cells[column]?.char === "") column -= 1;
    const cell = this.row.cells[column];
    if (!cell || cell.char.length + char.length > LONGEST_CELL) return;
    this.row.cells[column] = { ...cell, char: cell.char + char };
    this.row.changed();
  }

  // MARK: Erasing

  private erase(at: number, from: number, to: number): void {
    const row = this.buffer.rows[at];
    if (!row || from >= to) return;
    this.split(row, from);
    this.split(row, to);
    row.fill(from, to, this.buffer.place.style.blank);
    this.buffer.place.isFull = false;
  }

  private eraseLine(what: number): void {
    const { place } = this.buffer;
    if (what === 0) this.erase(place.row, place.column, this.columns);
    else if (what === 1) this.erase(place.row, 0, place.column + 1);
    else if (what === 2) this.erase(place.row, 0, this.columns);
  }

  private eraseScreen(what: number): void {
    const { place } = this.buffer;
    if (what === 3) {
      this.forgotten += this.past.length;
      this.past = [];
      return;
    }
    if (what > 3) return;
    const [first, last] = what === 0 ? [place.row + 1, this.height] : what === 1 ? [0, place.row] : [0, this.height];
    for (let row = first; row < last; row++) this.erase(row, 0, this.columns);
    if (what < 2) this.eraseLine(what);
  }

  private align(): void {
    for (const row of this.buffer.rows) {
      row.cells = Array.from({ length: this.columns }, () => ({ char: "E", look: this.buffer.place.style.look }));
      row.changed();
    }
    this.moveTo(0, 0);
  }

  // MARK: Modes

  private setPrivate(mode: number, isOn: boolean): void {
    switch (mode) {
      case 1:
        this.hasApplicationKeys = isOn;
        return;
      case 6:
        this.buffer.place.isRelative = isOn;
        return this.moveTo(this.origin, 0);
      case 7:
        this.wraps = isOn;
        return;
      case 25:
        this.isCursorShown = isOn;
        return;
      case 47:
      case 1047: return this.switchTo(isOn);
      case 1048: return isOn ? this.save() : this.restore();
      case 1049:
        if (isOn) {
          if (!this.isAlternate) this.save();
          this.switchTo(true);
          this.eraseScreen(2);
        } else if (this.isAlternate) {
          this.switchTo(false);
          this.restore();
        }
        return;
      case 2004: this.hasBracketedPaste = isOn;
    }
  }

  private switchTo(alternate: boolean): void {
    if (alternate === this.isAlternate) return;
    const { place } = this.buffer;
    if (alternate) this.other = this.empty();
    this.buffer = alternate ? this.other : this.main;
    this.buffer.place = { ...copied(place), row: Math.min(place.row, this.height - 1) };
  }

  private save(): void {
    this.buffer.saved = copied(this.buffer.place);
  }

  private restore(): void {
    this.buffer.place = this.buffer.saved ? copied(this.buffer.saved) : beginning();
  }

  private resetModes(): void {
    this.isInserting = this.startsLines = this.hasApplicationKeys = false;
    this.wraps = this.isCursorShown = true;
    const { row, column } = this.buffer.place;
    this.buffer.place = { ...beginning(), row, column };
    [this.buffer.top, this.buffer.bottom] = [0, this.height - 1];
    this.buffer.saved = null;
  }

  private reset(): void {
    if (this.isAlternate) this.buffer = this.main;
    this.resetModes();
    this.hasBracketedPaste = false;
    this.buffer.place = beginning();
    this.eraseScreen(2);
    this.stops.clear();
    this.resetStops(0);
  }

  // MARK: Rows

  private empty(): Buffer {
    const rows = Array.from({ length: this.height }, () => new Row());
    return { rows, place: beginning(), saved: null, top: 0, bottom: this.height - 1 };
  }

  private fresh(): Row {
    const row = new Row();
    const look: Look = this.buffer.place.style.blank;
    if (look.classes !== "" || look.paper !== null) row.fill(0, this.columns, look);
    return row;
  }

  private remember(row: Row): void {
    row.freeze();
    this.past.push(row);
    // In larger steps, because the front of a list is costly to cut.
    if (this.past.length <= MOST_HISTORY + 500) return;
    this.past = this.past.slice(500);
    this.forgotten += 500;
  }
}

function beginning(): Place {
  return { row: 0, column: 0, isFull: false, style: new Style(), set: 0, draws: [false, false], isRelative: false };
}

function copied(place: Place): Place {
  return { ...place, style: place.style.copy(), draws: [...place.draws] };
}

function bounded(columns: number, rows: number): [number, number] {
  return [Math.min(Math.max(Math.floor(columns) || 80, 2), 1_000), Math.min(Math.max(Math.floor(rows) || 24, 1), 1_000)];
}
