import { useState } from "react";
import { Memory } from "../chat/conversations";
import type { PanelOptions } from "./launcher";

const memory = new Memory("deckhand.");

/** Light, dark, or as page and system say; remembered for the page. */
export function ThemePicker({ options }: { options: PanelOptions }) {
  const [theme, setTheme] = useState(() => memory.read<string>("theme") ?? "");
  const choose = (choice: string) => {
    memory.write("theme", choice === "" ? null : choice);
    setTheme(choice);
    options.showTheme();
  };
  return (
    <label className="theme">
      <span>Colours</span>
      <select className="picker" value={theme} onChange={(event) => choose(event.target.value)}>
        <option value="">As the system</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}
