import { useEffect, useState } from "react";
import { useStore } from "../shared/store";
import type { Approval } from "../shared/types";
import type { Assistant, Memory } from "./assistant";
import { Icon } from "./Icon";

/** Whether this browser can show notifications, and whether it may. */
export type NoticeState = "impossible" | "denied" | "off" | "on";

/** So many decisions are remembered as told. */
const MOST = 200;

function stateOf(memory: Memory): NoticeState {
  if (typeof Notification === "undefined" || !window.isSecureContext) return "impossible";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && memory.read<boolean>("notify") === true ? "on" : "off";
}

/** Tells about commands that wait for a decision while nobody looks at the page; works for as long as a page is open. */
export function useNotices(assistant: Assistant, onOpen: (approval: Approval) => void): void {
  const approvals = useStore(assistant.approvals);
  useEffect(() => {
    const memory = assistant.memory;
    // Read each time: other tabs tell as well.
    const told = memory.read<number[]>("told") ?? [];
    const fresh = [...approvals.values()].filter((approval) => approval.state === "awaiting" && !told.includes(approval.id));
    if (fresh.length === 0) return;
    memory.write("told", [...told, ...fresh.map((approval) => approval.id)].slice(-MOST));
    if (stateOf(memory) !== "on" || (document.visibilityState === "visible" && document.hasFocus())) return;
    for (const approval of fresh) tell(approval, onOpen);
  }, [approvals]);
}

function tell(approval: Approval, onOpen: (approval: Approval) => void): void {
  try {
    // The same tag in another tab replaces it there, so that one decision is told about once.
    const notice = new Notification("A command waits for your decision", {
      body: [...approval.command].filter((char) => char >= " " && !/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u007f-\u009f]/.test(char)).slice(0, 160).join(""),
      tag: `deckhand-approval-${approval.id}`,
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
      onOpen(approval);
    };
  } catch {
    // Some browsers of phones have the interface, and refuse to use it from a page.
  }
}

/** Switches notifications on by a person's own press, as browsers demand. */
export function NoticeSwitch({ assistant, isSmall = false }: { assistant: Assistant; isSmall?: boolean }) {
  const memory = assistant.memory;
  const [state, setState] = useState<NoticeState>(() => stateOf(memory));
  const press = async () => {
    if (state === "on") memory.write("notify", null);
    else if ((await Notification.requestPermission()) === "granted") memory.write("notify", true);
    setState(stateOf(memory));
  };
  if (isSmall) {
    if (state === "impossible" || state === "denied") return null;
    const label = state === "on" ? "Do not notify me any more" : "Notify me when a command waits for my decision";
    return <button type="button" className="button plain icon" aria-label={label} title={label} aria-pressed={state === "on"} onClick={() => void press()}><Icon name="bell" /></button>;
  }
  if (state === "impossible") return <p className="note">This browser shows notifications on pages with https, or on the machine itself, only.</p>;
  if (state === "denied") return <p className="note busy">Notifications of this page are blocked. Allow them beside the address of the page, and load it again.</p>;
  return (
    <div className="choices">
      <button type="button" className="button" aria-pressed={state === "on"} onClick={() => void press()}>
        <Icon name="bell" /> {state === "on" ? "Notifications are on" : "Notify me in this browser"}
      </button>
    </div>
  );
}
