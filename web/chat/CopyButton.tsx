import { useState } from "react";
import { Icon } from "./Icon";

/** Copies a text, and says that it did. */
export function CopyButton({ text, label }: { text: string | (() => string); label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    const value = typeof text === "string" ? text : text();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      copyBySelection(value);
    }
    setDone(true);
    window.setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" className="button plain icon" title={label} aria-label={done ? "Copied" : label} onClick={() => void copy()}>
      <Icon name={done ? "check" : "copy"} />
    </button>
  );
}

/** Pages over plain HTTP have no clipboard of their own. */
function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
