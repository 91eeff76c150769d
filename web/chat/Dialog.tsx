import { KeyboardEvent, ReactNode, useEffect, useRef } from "react";
import { Icon } from "./Icon";

/** A dialog that keeps the keyboard inside it and gives the focus back. */
export function Dialog({ title, children, onClose }: { title: string; children: ReactNode; onClose: () => void }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = frame.current?.getRootNode() as Document | ShadowRoot | undefined;
    const before = root?.activeElement as HTMLElement | null;
    // A question about what cannot be undone begins at the button that leaves things as they are.
    const start = ["input, select, textarea, .button.primary", ":scope > :not(header) .button", "button"];
    start.map((kind) => frame.current?.querySelector<HTMLElement>(kind)).find((found) => found)?.focus();
    return () => before?.focus?.();
  }, []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      onClose();
    }
    if (event.key !== "Tab" || !frame.current) return;
    const all = [...frame.current.querySelectorAll<HTMLElement>("a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex='0']")];
    const first = all[0];
    const last = all[all.length - 1];
    const active = (frame.current.getRootNode() as Document | ShadowRoot).activeElement;
    if (event.shiftKey && active === first) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && active === last) {
      event.preventDefault();
      first?.focus();
    }
  };
  return (
    <div className="shade" onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
      <div className="dialog" ref={frame} role="dialog" aria-modal="true" aria-label={title} onKeyDown={onKey}>
        <header>
          <h2>{title}</h2>
          <button type="button" className="button plain icon" aria-label="Close" onClick={onClose}><Icon name="close" /></button>
        </header>
        {children}
      </div>
    </div>
  );
}
