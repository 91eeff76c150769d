import { Style } from "../terminal/style";
import { bytesOf, pasteOf, PressedKey } from "../terminal/keys";
import { TerminalScreen } from "../terminal/screen";
import { TerminalText } from "../shared/terminal";
import { equal, test } from "./check";

function screen(output: string, columns = 10, rows = 4): TerminalScreen {
  const made = new TerminalScreen(columns, rows);
  made.write(output);
  return made;
}

/** The rows of a screen without what is blank at their ends. */
function rows(of: TerminalScreen): string[] {
  return of.rows.map((row) => row.runs.map((run) => run.text).join("").trimEnd());
}

function history(of: TerminalScreen): string[] {
  return of.history.map((row) => row.runs.map((run) => run.text).join("").trimEnd());
}

declare const RECORDINGS: Record<string, { output: string; screen: string }>;

export function tests(): void {
  for (const [name, recording] of Object.entries(RECORDINGS)) {
    test(`${name}: the screen is what tmux makes of the same output, however it is cut`, () => {
      equal(`${rows(screen(recording.output, 80, 24)).join("\n")}\n`, recording.screen);
      const pieces = new TerminalScreen(80, 24);
      for (const char of recording.output) pieces.write(char);
      equal(`${rows(pieces).join("\n")}\n`, recording.screen);
    });
  }

  test("lines wrap at the last column, and only when something follows", () => {
    equal(rows(screen("0123456789")), ["0123456789", "", "", ""]);
    equal(screen("0123456789").cursor, { row: 0, column: 9 });
    equal(rows(screen("0123456789\r\nx")), ["0123456789", "x", "", ""]);
    equal(rows(screen("0123456789x")), ["0123456789", "x", "", ""]);
    equal(rows(screen("\x1b[?7l0123456789xyz")), ["012345678z", "", "", ""]);
  });

  test("rows that leave the screen are history, within bounds; those of a region or of the alternate screen are not", () => {
    equal(history(screen("1\r\n2\r\n3\r\n4\r\n5\r\n6")), ["1", "2"]);
    equal(history(screen("\x1b[2;3r\x1b[3;1H1\n2\n3\n4")), []);
    equal(history(screen("\x1b[?1049h1\r\n2\r\n3\r\n4\r\n5\r\n6")), []);
    const long = screen("x\r\n".repeat(8_000));
    equal(long.history.length <= 5_500 && long.history.length + long.omitted === 7_997, true);
  });

  test("a program has the alternate screen for itself and gives it back", () => {
    const one = screen("shell\x1b[?1049h\x1b[Hfull\x1b[2;2Hscreen");
    equal([one.isAlternate, rows(one)], [true, ["full", " screen", "", ""]]);
    one.write("\x1b[?1049l!");
    equal([one.isAlternate, rows(one)], [false, ["shell!", "", "", ""]]);
    // Once more given back: nothing to give.
    one.write("\x1b[?1049l");
    equal(rows(one), ["shell!", "", "", ""]);
  });

  test("the cursor is moved, kept within the screen, saved and brought back", () => {
    equal(rows(screen("\x1b[2;3Ha\x1b[A\x1b[2Db\x1b[99;99Hc\x1b[Hd")), ["db", "  a", "", "         c"]);
    equal(rows(screen("\x1b[3;4H\x1b7\x1b[Hx\x1b8y")), ["x", "", "   y", ""]);
    equal(screen("\x1b[99A\x1b[99D").cursor, { row: 0, column: 0 });
    equal(rows(screen("a\tb\x1b[Zc")), ["a       c", "", "", ""]);
    equal(rows(screen("\x1b[2;3r\x1b[?6h\x1b[1;1Ha\x1b[9;1Hb")), ["", "a", "b", ""]);
  });

  test("erasing, inserting and deleting", () => {
    const full = "aaaaaaaaaa\x1b[2;1Hbbbbbbbbbb\x1b[3;1Hcccccccccc\x1b[4;1Hdddddddddd\x1b[2;4H";
    equal(rows(screen(`${full}\x1b[K`)), ["aaaaaaaaaa", "bbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[1K`)), ["aaaaaaaaaa", "    bbbbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[J`)), ["aaaaaaaaaa", "bbb", "", ""]);
    equal(rows(screen(`${full}\x1b[1J`)), ["", "    bbbbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[2J`)), ["", "", "", ""]);
    equal(rows(screen(`${full}\x1b[L`)), ["aaaaaaaaaa", "", "bbbbbbbbbb", "cccccccccc"]);
    equal(rows(screen(`${full}\x1b[M`)), ["aaaaaaaaaa", "cccccccccc", "dddddddddd", ""]);
    equal(rows(screen(`${full}\x1b[2@x`)), ["aaaaaaaaaa", "bbbx bbbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[2P`)), ["aaaaaaaaaa", "bbbbbbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[3X`)), ["aaaaaaaaaa", "bbb   bbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[4hxy`)), ["aaaaaaaaaa", "bbbxybbbbb", "cccccccccc", "dddddddddd"]);
    equal(rows(screen(`${full}\x1b[S`)), ["bbbbbbbbbb", "cccccccccc", "dddddddddd", ""]);
    equal(rows(screen(`${full}\x1b[2;3r\x1b[T`)), ["aaaaaaaaaa", "", "bbbbbbbbbb", "dddddddddd"]);
    equal(rows(screen("x\x1b[4b")), ["xxxxx", "", "", ""]);
  });

  test("wide characters have two places, and half of one is none", () => {
    equal(rows(screen("漢字x")), ["漢字x", "", "", ""]);
    equal(screen("漢字x").cursor, { row: 0, column: 5 });
    equal(rows(screen("漢字\x1b[1;2Hx")), [" x字", "", "", ""]);
    equal(rows(screen("漢字\x1b[1;3Hx")), ["漢x", "", "", ""]);
    equal(rows(screen("12345678漢9漢")), ["12345678漢", "9漢", "", ""]);
    equal(rows(screen("123456789漢")), ["123456789", "漢", "", ""]);
    equal(rows(screen("e\u0301x\u{1f600}y")), ["e\u0301x\u{1f600}y", "", "", ""]);
    equal(screen(`x${"\u0301".repeat(9_999)}`).rows[0]?.runs[0]?.text.length, 16);
    const cut = screen("漢漢漢漢漢");
    cut.resize(5, 4);
    equal(rows(cut)[0], "漢漢");
  });

  test("colours of all kinds, and inverse ones", () => {
    const looks = (output: string) => screen(output).rows[0]?.runs.map((run) => [run.text, run.look.classes, run.look.ink, run.look.paper]);
    equal(looks("\x1b[1;31ma\x1b[0mb"), [["a", "bold fg-1", null, null], ["b", "", null, null]]);
    equal(looks("\x1b[38;5;208ma\x1b[48;2;1;2;300mb"), [["a", "", "rgb(255 135 0)", null], ["b", "", "rgb(255 135 0)", "rgb(1 2 255)"]]);
    equal(looks("\x1b[38:2::9:8:7ma"), [["a", "", "rgb(9 8 7)", null]]);
    equal(looks("\x1b[7ma\x1b[33mb"), [["a", "fg-paper bg-ink", null, null], ["b", "fg-paper bg-3", null, null]]);
    equal(looks("\x1b[94;107ma\x1b[4:0mb"), [["ab", "fg-12 bg-15", null, null]]);
    // Erasing takes the background along.
    equal(screen("\x1b[44m\x1b[2K").rows[0]?.runs.map((run) => run.look.classes), ["bg-4"]);
    const many = new Style();
    for (let number = 0; number < 9_000; number++) many.select([[38], [2], [number % 256], [number >> 8], [1]]);
    equal(many.look.ink, "rgb(39 35 1)");
  });

  test("lines are drawn by the second character set", () => {
    equal(rows(screen("\x1b(0lqk\x1b(Blqk\x1b)0\x0eq\x0fq")), ["┌─┐lqk─q", "", "", ""]);
  });

  test("modes that typing needs", () => {
    const one = screen("\x1b[?1h\x1b[?2004h\x1b[?25l");
    equal([one.hasApplicationKeys, one.hasBracketedPaste, one.isCursorShown], [true, true, false]);
    one.write("\x1bc");
    equal([one.hasApplicationKeys, one.hasBracketedPaste, one.isCursorShown], [false, false, true]);
  });

  test("titles, links, clipboards and pictures are nothing; one that nobody ends hides little", () => {
    equal(rows(screen("a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1bPq#0\x1b\\d\x1b_x\x1b\\e")), ["abcde", "", "", ""]);
    equal(rows(screen(`\x1b]0;${"x".repeat(5_000)}\r\x1b[2J\x1b[Hend`))[0], "end");
    equal(rows(screen("\x1b]0;x\x1b[1mbold")), ["bold", "", "", ""]);
  });

  test("what is wrong, hostile or unknown breaks nothing", () => {
    equal(rows(screen("\x1b[999999999999Ca\x1b[;;;Hb\x1b[>cc\x1b[?c\x1b[6n\x1b[$rd")), ["bcd      a", "", "", ""]);
    equal(rows(screen(`\x1b[${"1;".repeat(500)}mx`))[0]?.endsWith("x"), true);
    equal(rows(screen("a\u202eb\u2066c")), ["a\ufffdb\ufffdc", "", "", ""]);
    equal(rows(screen("a\u009b2Jb\x7f")), ["a2Jb", "", "", ""]);
    const tired = screen("\x1b[99999b\x1b[99999L\x1b[99999M\x1b[99999S\x1b[99999T\x1b[99999@\x1b[99999P\x1b[99999X\x1b[99999I\x1b[99999Z", 1_000, 1_000);
    equal(tired.rows.length, 1_000);
    // Anything at all, in any order: each row stays within the screen, and so does the cursor.
    let seed = 7;
    const next = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const parts = ["\x1b[", "\x1b", "?", ";", "1049", "47", "6", "7", "99", "0", "3", "h", "l", "r", "H", "J", "K", "L", "M", "P", "@", "S", "T", "m", "X", "b", "\r", "\n", "\t", "\b", "x", "漢", "\u0301", "(0", "c", "D", "M", "E", "#8", "u", "s", "]", "\x07", "\x18"];
    const any = new TerminalScreen(11, 5);
    for (let round = 0; round < 60_000; round++) {
      any.write(parts[next(parts.length)] as string);
      if (round % 500 === 0) any.resize(2 + next(30), 1 + next(12));
      const { row, column } = any.cursor;
      if (any.rows.length !== any.height || row < 0 || row >= any.height || column < 0 || column >= any.columns) throw new Error(`out of the screen after ${round}`);
      const wide = any.rows.find((one) => one.cells.length > any.columns || one.cells.some((cell) => cell === undefined));
      if (wide) throw new Error(`a row is too long after ${round}`);
    }
  });

  test("another size cuts, makes room, and keeps the cursor's row", () => {
    const one = screen("1\r\n2\r\n3\r\n4");
    one.resize(10, 2);
    equal([rows(one), history(one), one.cursor.row], [["3", "4"], ["1", "2"], 1]);
    one.resize(10, 3);
    equal([rows(one), one.cursor.row], [["3", "4", ""], 1]);
    const top = screen("1");
    top.resize(10, 2);
    equal([rows(top), history(top)], [["1", ""], []]);
  });

  test("keys send what programs expect", () => {
    const none = { hasApplicationKeys: false, hasBracketedPaste: false };
    const press = (key: string, more: Partial<PressedKey> = {}, modes = none) => bytesOf({ key, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more }, modes);
    equal([press("a"), press("ä"), press("Enter"), press("Backspace"), press("Escape"), press("Shift"), press("Dead")], ["a", "ä", "\r", "\x7f", "\x1b", null, null]);
    equal([press("c", { ctrlKey: true }), press("[", { ctrlKey: true }), press(" ", { ctrlKey: true }), press("x", { altKey: true }), press("c", { metaKey: true })], ["\x03", "\x1b", "\0", "\x1bx", null]);
    equal([press("ArrowUp"), press("ArrowUp", {}, { ...none, hasApplicationKeys: true }), press("ArrowLeft", { ctrlKey: true })], ["\x1b[A", "\x1bOA", "\x1b[1;5D"]);
    equal([press("Delete"), press("F1"), press("F5"), press("F12", { shiftKey: true }), press("Tab", { shiftKey: true })], ["\x1b[3~", "\x1bOP", "\x1b[15~", "\x1b[24;2~", "\x1b[Z"]);
    equal([press("@", { ctrlKey: true, altKey: true }), press("x", { ctrlKey: true, altKey: true })], ["@", "\x1b\x18"]);
    equal(pasteOf("a\r\nb\n\tc\x1b[201~\x03", none), "a\rb\r\tc[201~");
    equal(pasteOf("a\x1b[201~rm", { ...none, hasBracketedPaste: true }), "\x1b[200~a[201~rm\x1b[201~");
  });

  test("plain output keeps its lines: colours, returns, erased lines, titles that nobody ends", () => {
    const text = new TerminalText();
    text.write("10%\r20%\x1b[K\n\x1b[32mgreen\x1b[0m\x1b]0;title\x07!\n");
    equal(text.lines.map((line) => line.map((span) => span.text).join("")), ["20%", "green!"]);
  });
}
