import { memo, useLayoutEffect, useMemo, useRef } from "react";
import { blocks, render } from "../shared/markdown";

/** Markdown that may still grow: what is complete is rendered once. */
export function Prose({ text, className = "" }: { text: string; className?: string }) {
  const parts = useMemo(() => blocks(text), [text]);
  return (
    <div className={`prose ${className}`}>
      {parts.map((part, index) => (
        <Block key={index} text={part} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // The sanitizer's own type, where the browser insists on one.
    if (element.current) element.current.innerHTML = render(text) as string;
  }, [text]);
  return <div ref={element} />;
});
