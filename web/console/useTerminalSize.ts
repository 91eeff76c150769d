import { useCallback, useEffect, useRef } from "react";
import type { Assistant } from "../chat/assistant";
import { isOver, Ticket } from "../shared/types";
import type { Size } from "../terminal/ScreenView";

/** While a window is drawn larger or smaller, only where it ends counts. */
const PATIENCE = 150;

/**
 * Gives a command's terminal the size of the view: when that is known first, when it changes, and when somebody begins to type here.
 *
 * Where several look on, the one that did any of these last decides; all others draw what fits that.
 */
export function useTerminalSize(assistant: Assistant, ticket: Ticket | null): { fit: (size: Size) => void; claim: () => void } {
  const size = useRef<Size | null>(null);
  const asked = useRef("");
  const timer = useRef(0);
  const now = useRef(ticket);
  now.current = ticket;
  const send = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const [current, wanted] = [now.current, size.current];
      if (!current?.terminal || !wanted || isOver(current.state) || !assistant.may("shell.input")) return;
      if (current.state !== "running" || (current.columns === wanted.columns && current.rows === wanted.rows)) return;
      // When it fails, the command is over or goes on as it was: nothing that a person could do about it.
      void assistant.api.raw("POST", `/v1/sessions/${encodeURIComponent(current.session)}/tickets/${current.ticket}/resize`, { body: wanted }).catch(() => {});
    }, PATIENCE);
  }, [assistant]);
  const fit = useCallback((next: Size) => {
    size.current = next;
    const text = `${next.columns} ${next.rows}`;
    if (text === asked.current) return;
    asked.current = text;
    send();
  }, [send]);
  // What was measured before the command ran.
  useEffect(send, [ticket?.state === "running"]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return { fit, claim: send };
}
