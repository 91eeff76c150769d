import type { Line } from "../shared/terminal";
import { Look, plain } from "./style";

/** One place of the screen; the second half of a wide character is empty text. */
export interface Cell {
  char: string;
  look: Look;
}

/** Characters that are drawn together. */
export interface Run {
  text: string;
  look: Look;
  /** For a character that no font is sure to draw as wide as the others: how many places it has. */
  places: 1 | 2 | null;
}

let made = 0;

/** A row of the screen. */
export class Row {
  readonly id = (made += 1);
  cells: Cell[] = [];
  /** Another one after each change, so that a view draws only what differs. */
  stamp = 0;
  private drawn: { stamp: number; runs: Run[] } | null = null;

  changed(): void {
    this.stamp += 1;
  }

  fill(from: number, to: number, look: Look): void {
    if (look === plain && to >= this.cells.length) this.cells.length = Math.min(this.cells.length, from);
    else {
      this.pad(from);
      for (let at = from; at < to; at++) this.cells[at] = { char: " ", look };
    }
    this.changed();
  }

  pad(length: number): void {
    while (this.cells.length < length) this.cells.push({ char: " ", look: plain });
  }

  get isBlank(): boolean {
    return this.cells.every((cell) => cell.char === " " && cell.look === plain);
  }

  /** Kept for the view only: its places can no longer be changed. */
  freeze(): void {
    this.drawn = { stamp: this.stamp, runs: this.runs };
    this.cells = [];
  }

  get runs(): Run[] {
    if (this.drawn?.stamp === this.stamp) return this.drawn.runs;
    const runs: Run[] = [];
    this.cells.forEach((cell, at) => {
      if (cell.char === "") return;
      const places = cell.char.length === 1 && cell.char < "\u0250" ? null : this.cells[at + 1]?.char === "" ? 2 : 1;
      const last = runs[runs.length - 1];
      if (places === null && last?.places === null && last.look === cell.look) last.text += cell.char;
      else runs.push({ text: cell.char, look: cell.look, places });
    });
    this.drawn = { stamp: this.stamp, runs };
    return runs;
  }

  get line(): Line {
    return this.runs.map((run) => ({ text: run.text, look: run.look.classes }));
  }
}

/** How many places a character has: none for what is put onto the one before it, two for wide ones (UAX #11, and emoji). */
export function placesOf(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if (within(code, nothing)) return 0;
  return within(code, wide) ? 2 : 1;
}

function within(code: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last);
}

const nothing = [
  [0x300, 0x36f], [0x483, 0x489], [0x591, 0x5bd], [0x5bf, 0x5bf], [0x5c1, 0x5c5], [0x610, 0x61a], [0x64b, 0x65f], [0x670, 0x670], [0x6d6, 0x6dc], [0x6df, 0x6e4],
  [0x6e7, 0x6ed], [0x711, 0x711], [0x730, 0x74a], [0x7a6, 0x7b0], [0x8d3, 0x902], [0x93a, 0x93a], [0x93c, 0x93c], [0x941, 0x948], [0x94d, 0x94d], [0xe31, 0xe31],
  [0xe34, 0xe3a], [0xe47, 0xe4e], [0x1ab0, 0x1aff], [0x1dc0, 0x1dff], [0x200b, 0x200f], [0x2060, 0x2064], [0x20d0, 0x20f0], [0x302a, 0x302d], [0x3099, 0x309a],
  [0xfe00, 0xfe0f], [0xfe20, 0xfe2f], [0xfeff, 0xfeff], [0x1f3fb, 0x1f3ff], [0xe0001, 0xe007f], [0xe0100, 0xe01ef],
] as const;

const wide = [
  [0x1100, 0x115f], [0x231a, 0x231b], [0x2329, 0x232a], [0x23e9, 0x23ec], [0x23f0, 0x23f0], [0x23f3, 0x23f3], [0x25fd, 0x25fe], [0x2614, 0x2615], [0x2648, 0x2653],
  [0x267f, 0x267f], [0x2693, 0x2693], [0x26a1, 0x26a1], [0x26aa, 0x26ab], [0x26bd, 0x26be], [0x26c4, 0x26c5], [0x26ce, 0x26ce], [0x26d4, 0x26d4], [0x26ea, 0x26ea],
  [0x26f2, 0x26f3], [0x26f5, 0x26f5], [0x26fa, 0x26fa], [0x26fd, 0x26fd], [0x2705, 0x2705], [0x270a, 0x270b], [0x2728, 0x2728], [0x274c, 0x274c], [0x274e, 0x274e],
  [0x2753, 0x2755], [0x2757, 0x2757], [0x2795, 0x2797], [0x27b0, 0x27b0], [0x27bf, 0x27bf], [0x2b1b, 0x2b1c], [0x2b50, 0x2b50], [0x2b55, 0x2b55], [0x2e80, 0x303e],
  [0x3041, 0x33ff], [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xa000, 0xa4cf], [0xa960, 0xa97f], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe10, 0xfe19], [0xfe30, 0xfe6f],
  [0xff00, 0xff60], [0xffe0, 0xffe6], [0x16fe0, 0x18aff], [0x1b000, 0x1b2ff], [0x1f004, 0x1f004], [0x1f0cf, 0x1f0cf], [0x1f18e, 0x1f18e], [0x1f191, 0x1f19a],
  [0x1f200, 0x1f320], [0x1f32d, 0x1f335], [0x1f337, 0x1f37c], [0x1f37e, 0x1f393], [0x1f3a0, 0x1f3ca], [0x1f3cf, 0x1f3d3], [0x1f3e0, 0x1f3f0], [0x1f3f4, 0x1f3f4],
  [0x1f3f8, 0x1f43e], [0x1f440, 0x1f440], [0x1f442, 0x1f4fc], [0x1f4ff, 0x1f53d], [0x1f54b, 0x1f54e], [0x1f550, 0x1f567], [0x1f57a, 0x1f57a], [0x1f595, 0x1f596],
  [0x1f5a4, 0x1f5a4], [0x1f5fb, 0x1f64f], [0x1f680, 0x1f6c5], [0x1f6cc, 0x1f6cc], [0x1f6d0, 0x1f6d2], [0x1f6d5, 0x1f6d7], [0x1f6dc, 0x1f6df], [0x1f6eb, 0x1f6ec],
  [0x1f6f4, 0x1f6fc], [0x1f7e0, 0x1f7eb], [0x1f7f0, 0x1f7f0], [0x1f90c, 0x1f93a], [0x1f93c, 0x1f945], [0x1f947, 0x1f9ff], [0x1fa70, 0x1faff], [0x20000, 0x3fffd],
] as const;
