/** Modes of a terminal that change what keys send. */
export interface KeyModes {
  hasApplicationKeys: boolean;
  hasBracketedPaste: boolean;
}

/** What is read of a key that was pressed. */
export interface PressedKey {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

/** Ends of `ESC [` or, in the application mode, `ESC O`. */
const cursorKeys: Record<string, string> = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D", Home: "H", End: "F" };
const numbered: Record<string, number> = { Insert: 2, Delete: 3, PageUp: 5, PageDown: 6, F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24 };
const functionKeys: Record<string, string> = { F1: "P", F2: "Q", F3: "R", F4: "S" };
const simple: Record<string, string> = { Enter: "\r", Backspace: "\x7f", Tab: "\t", Escape: "\x1b" };
/** Ctrl with what is no letter, as on a keyboard of a VT220. */
const controlled: Record<string, string> = { " ": "\0", "2": "\0", "3": "\x1b", "4": "\x1c", "5": "\x1d", "6": "\x1e", "7": "\x1f", "8": "\x7f", "/": "\x1f", "?": "\x7f" };

/** What a key sends (ECMA-48; modifiers as xterm has them); null for what is not the terminal's. */
export function bytesOf(event: PressedKey, modes: KeyModes): string | null {
  const { key, ctrlKey, altKey, shiftKey, metaKey } = event;
  if (metaKey) return null;
  const modifier = 1 + (shiftKey ? 1 : 0) + (altKey ? 2 : 0) + (ctrlKey ? 4 : 0);
  const final = cursorKeys[key];
  if (final) return modifier > 1 ? `\x1b[1;${modifier}${final}` : `\x1b${modes.hasApplicationKeys ? "O" : "["}${final}`;
  const short = functionKeys[key];
  if (short) return modifier > 1 ? `\x1b[1;${modifier}${short}` : `\x1bO${short}`;
  const number = numbered[key];
  if (number) return `\x1b[${number}${modifier > 1 ? `;${modifier}` : ""}~`;
  const prefix = altKey ? "\x1b" : "";
  if (key === "Tab" && shiftKey) return "\x1b[Z";
  if (key === "Backspace" && ctrlKey) return `${prefix}\b`;
  const word = simple[key];
  if (word) return prefix + word;
  if ([...key].length !== 1) return null;
  if (!ctrlKey) return prefix + key;
  // With AltGr some keyboards report both; what it makes is a character, and no letter.
  if (altKey && !/^[a-z]$/i.test(key)) return key;
  const code = key.toUpperCase().charCodeAt(0);
  if (code >= 64 && code < 96) return prefix + String.fromCharCode(code - 64);
  const other = controlled[key];
  return other === undefined ? null : prefix + other;
}

/** What pasting sends: lines as Enter ends them, nothing that a terminal takes for a key, and marked where the program asked for it. */
export function pasteOf(text: string, modes: KeyModes): string {
  const harmless = text.replace(/\r?\n/g, "\r").replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "");
  return modes.hasBracketedPaste ? `\x1b[200~${harmless}\x1b[201~` : harmless;
}
