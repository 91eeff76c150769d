import { useEffect, useState } from "react";

/** What somebody types, once they pause. */
export function useLate<Value>(value: Value, milliseconds = 250): Value {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return late;
}
